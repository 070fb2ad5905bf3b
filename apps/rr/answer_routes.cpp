#include "rr/answer_routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "wire/topic.hpp"

namespace mq {

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
    make_topic(request);
    route.topic = made_;
  }
  if (route.topic.empty()) return route;
  route.why = refusal(route.topic);
  route.kind = route.why.empty() ? Route::Kind::found : Route::Kind::refused;
  return route;
}

void AnswerRoutes::make_topic(const Publish& request) {
  made_.clear();
  if (!pattern_) return;
  const Asker asker = asker_in(request.topic);
  if ((pattern_->has_client() && asker.client.empty()) || (pattern_->has_id() && asker.id.empty())) return;
  pattern_->append(request.topic, asker.client, asker.id, made_);
}

std::string AnswerRoutes::refusal(std::string_view topic) const {
  const auto takes_in = [topic](const std::string& filter) { return matches(plain_filter(filter), topic); };
  if (auto checked = check_topic_name(topic); !checked)
    return fmt::format("the response topic {}: {}", quoted(topic), checked.error().text);
  if (topic.starts_with('$'))
    return fmt::format("the response topic {} is one of the server's own", quoted(topic));
  if (const auto own = std::ranges::find_if(filters_, takes_in); own != filters_.end())
    return fmt::format("the response topic {} would lead back here, by {}", quoted(topic), quoted(*own));
  if (!allowed_.empty() && std::ranges::none_of(allowed_, takes_in))
    return fmt::format("the response topic {} is not allowed", quoted(topic));
  return {};
}

}  // namespace mq
