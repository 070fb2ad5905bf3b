#include "rr/answer_routes.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

// Topics that stand for all that `filter` takes in: what holds for each of them holds for any.
std::vector<std::string> samples(std::string_view filter) {
  constexpr std::string_view any = "\x01";  // in no filter
  std::vector<std::string> topics(1);
  for (std::string_view rest = plain_filter(filter);;) {
    const std::size_t end = rest.find('/');
    const std::string_view level = rest.substr(0, end);
    if (level == "#") {
      const std::string before = topics[0];
      topics = {fmt::format("{}{}", before, any), fmt::format("{}{}/{}/{}", before, any, any, any)};
      if (!before.empty()) topics.push_back(before.substr(0, before.size() - 1));
      return topics;
    }
    topics[0] += level == "+" ? any : level;
    if (end == std::string_view::npos) return topics;
    topics[0] += '/';
    rest.remove_prefix(end + 1);
  }
}

std::unexpected<Error> wrong(std::string text, std::string hint) {
  return fail(ErrorKind::usage, std::move(text), 0, std::move(hint));
}

}  // namespace

Result<AnswerRoutes> AnswerRoutes::make(std::vector<std::string> filters, std::vector<std::string> allowed,
                                        std::optional<TopicPattern> pattern, Version version) {
  if (version != Version::v5) {
    // Nothing marks an answer there.
    if (pattern && !pattern->has_topic() && !pattern->has_id())
      return wrong(
          "over MQTT 3.1.1 an answer to a topic that is always the same can't be told from a request",
          "put {topic} or {id} into -e");
    if (!pattern) {
      for (std::string& filter : filters) filter = with_askers(filter);
      if (auto usual = TopicPattern::compile("{topic}/answer")) pattern = std::move(*usual);
    }
  }
  AnswerRoutes routes(std::move(filters), std::move(allowed), std::move(pattern));
  if (auto checked = routes.check(version); !checked) return std::unexpected(std::move(checked.error()));
  return routes;
}

Result<void> AnswerRoutes::check(Version version) {
  for (const std::string& allowed : allowed_) {
    const auto own = [this](const std::string& topic) { return own_filter(topic) != nullptr; };
    if (std::ranges::all_of(samples(allowed), own))
      return wrong(fmt::format("no answer can go to {}, where it would be a request", quoted(allowed)),
                   "allow other topics than those of -t");
  }
  std::size_t back = 0;
  const std::string* example = nullptr;
  for (const std::string& filter : filters_) {
    if (plain_filter(filter) != "#" && !leads_back(filter)) continue;
    ++back;
    if (example == nullptr || plain_filter(filter) == "#") example = &filter;
  }
  // Over 5.0 a request may name another topic.
  const bool none =
      version != Version::v5 || back == filters_.size() || (example && plain_filter(*example) == "#");
  if (back == 0 || !none) return {};
  return wrong(fmt::format("every answer to a request by {} would be a request itself", quoted(*example)),
               "let no filter of -t take in the topics of answers, which -e can choose");
}

bool AnswerRoutes::leads_back(const std::string& filter) {
  bool seen = false;
  for (const std::string& topic : samples(filter)) {
    make_topic(topic);
    if (made_.empty()) continue;
    if (own_filter(made_) == nullptr) return false;
    seen = true;
  }
  return seen;
}

AnswerRoutes::AnswerRoutes(std::vector<std::string> filters, std::vector<std::string> allowed,
                           std::optional<TopicPattern> pattern)
    : filters_(std::move(filters)), allowed_(std::move(allowed)), pattern_(std::move(pattern)) {}

AnswerRoutes::Route AnswerRoutes::find(const Publish& request) {
  Route route;
  for (const Property& property : request.properties) {
    if (property.id == PropertyId::response_topic)
      route.topic = property.value;
    else if (property.id == PropertyId::correlation_data)
      route.correlation = property.value;
    else if (property.id == PropertyId::user_property && property.name == responder_property)
      return {.kind = Route::Kind::refused, .why = "it is an answer itself"};
  }
  if (route.topic.empty()) {
    make_topic(request.topic);
    route.topic = made_;
    if (!made_.empty() && came_back(request.topic))
      return {.kind = Route::Kind::refused, .why = "an answer of ours has come back in it"};
  }
  if (route.topic.empty()) return route;
  route.why = refusal(route.topic);
  route.kind = route.why.empty() ? Route::Kind::found : Route::Kind::refused;
  return route;
}

void AnswerRoutes::make_topic(std::string_view request) {
  made_.clear();
  if (!pattern_) return;
  const Asker asker = asker_in(request);
  if ((pattern_->has_client() && asker.client.empty()) || (pattern_->has_id() && asker.id.empty())) return;
  pattern_->append(request, asker.client, asker.id, made_);
}

const std::string* AnswerRoutes::own_filter(std::string_view topic) const {
  const auto own = std::ranges::find_if(
      filters_, [topic](const std::string& filter) { return matches(plain_filter(filter), topic); });
  return own == filters_.end() ? nullptr : &*own;
}

// Whether the topic holds one that we have made of a request's: another responder answers our answers with
// the like, and each would make the topic longer.
bool AnswerRoutes::came_back(std::string_view request) const {
  const std::string_view before = pattern_->before_topic();
  if (before.empty()) return false;
  for (std::size_t at = request.find(before); at != std::string_view::npos; at = request.find(before, at + 1))
    if ((at == 0 || request[at - 1] == '/') && own_filter(request.substr(at + before.size())) != nullptr)
      return true;
  return false;
}

std::string AnswerRoutes::refusal(std::string_view topic) const {
  const auto takes_in = [topic](const std::string& filter) { return matches(plain_filter(filter), topic); };
  if (auto checked = check_topic_name(topic); !checked)
    return fmt::format("the response topic {}: {}", quoted(topic), checked.error().text);
  if (topic.starts_with('$'))
    return fmt::format("the response topic {} is one of the server's own", quoted(topic));
  if (const std::string* const own = own_filter(topic))
    return fmt::format("the response topic {} would lead back here, by {}", quoted(topic), quoted(*own));
  if (!allowed_.empty() && std::ranges::none_of(allowed_, takes_in))
    return fmt::format("the response topic {} is not allowed", quoted(topic));
  return {};
}

}  // namespace mq
