#include "rr/correlation_field.hpp"

#include "base/utf8.hpp"
#include "payload/json.hpp"

namespace mq {
namespace {

// What a command says may be anything.
std::string as_utf8(std::string_view text) {
  std::string whole;
  for (;;) {
    const std::size_t valid = utf8_valid_prefix(text);
    whole += text.substr(0, valid);
    if (valid == text.size()) return whole;
    whole += "\xEF\xBF\xBD";  // U+FFFD
    text.remove_prefix(valid + 1);
  }
}

}  // namespace

std::optional<Value> member_of(Bytes request, const std::string& name) {
  const auto value = parse_json(request);
  if (!value || value->kind != Value::Kind::object) return std::nullopt;
  const Value* const member = value->member(name);
  return member == nullptr ? std::nullopt : std::optional(*member);
}

Result<void> append_with_member(Bytes answer, const Value& member, Buffer& out) {
  auto value = parse_json(answer);
  if (!value || value->kind != Value::Kind::object)
    return fail(ErrorKind::payload, "the answer is no JSON object that could carry the request's member");
  std::erase_if(value->items, [&member](const Value& item) { return item.name == member.name; });
  value->items.push_back(member);
  append_json(*value, out);
  return {};
}

void append_failure(std::string_view text, std::string_view status, const Value& member, Buffer& out) {
  Value failure = Value::object();
  failure.add("error", Value::of_text(as_utf8(text)));
  failure.add("status", Value::of_text(std::string(status)));
  std::erase_if(failure.items, [&member](const Value& item) { return item.name == member.name; });
  failure.items.push_back(member);
  append_json(failure, out);
}

}  // namespace mq
