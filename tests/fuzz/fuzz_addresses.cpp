// Bytes cut at newlines as what tells requests and answers apart: a pattern for response topics, a request's
// topic, client and id, and a payload with a member. What a pattern makes is taken in by the filter that it
// says; a member put into an answer is found in it.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/target.hpp"
#include "rr/correlation_field.hpp"
#include "rr/topic_pattern.hpp"
#include "wire/topic.hpp"

namespace {

using namespace mq;

void fill(std::string_view text, std::string_view topic, std::string_view client, std::string_view id) {
  const auto pattern = TopicPattern::compile(text);
  if (!pattern) return require(pattern.error().kind == ErrorKind::usage && !pattern.error().text.empty());
  if (!check_topic_name(topic) || client.empty() || id.empty() || !check_topic_name(client) ||
      !check_topic_name(id))
    return;
  const std::string made = pattern->fill(topic, client, id);
  // The topic of a request, or names in it, may make one that can't be subscribed to.
  if (made.size() > 65535 || made.starts_with("$share/")) return;
  require(check_topic_name(made).has_value());
  const std::string filter = pattern->filter(topic, client);
  require(filter.size() > 65535 || check_topic_filter(filter).has_value());
  require(made.starts_with('$') || matches(filter, made));
  const std::string asked = with_asker(topic, client, id);
  require(!asker_in(asked).id.empty());
}

void pass_on(Bytes request, Bytes answer, const std::string& name) {
  const auto member = member_of(request, name);
  Buffer out;
  if (!member) return;
  require(member->name == name);
  if (append_with_member(answer, *member, out)) {
    const auto again = member_of(out, name);
    require(again && *again == *member);
  }
  out.clear();
  append_failure(answer, "1", *member, out);
  // What the request says it may say: is_json() would take no number beyond a double's range.
  const auto again = member_of(out, name);
  require(again && *again == *member);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::array<std::string_view, 5> parts;
  for (std::string_view& part : parts) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  fill(parts[0], parts[1], parts[2], parts[3]);
  pass_on(parts[4], text, std::string(parts[3]));
  pass_on(parts[4], parts[1], std::string(parts[2]));
  return 0;
}
