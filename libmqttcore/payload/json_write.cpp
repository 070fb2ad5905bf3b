#include "base/text.hpp"
#include "payload/json.hpp"
#include "payload/json_text.hpp"

namespace mq {
namespace {

void write(const Value& value, std::size_t depth, Ink& ink);

// Elements or members; recursion ends at deepest_value, which no codec exceeds.
void write_items(const Value& value, std::size_t depth, Ink& ink) {
  const bool members = value.kind == Value::Kind::object;
  // Punctuation has no colour.
  ink.out() += members ? '{' : '[';
  bool first = true;
  for (const Value& item : value.items) {
    if (!first) ink.out() += ',';
    first = false;
    ink.new_line(depth + 1);
    if (members) {
      put_quoted(ink, Part::name, item.name);
      ink.out() += ink.lines() ? std::string_view(": ") : std::string_view(":");
    }
    write(item, depth + 1, ink);
  }
  if (!value.items.empty()) ink.new_line(depth);
  ink.out() += members ? '}' : ']';
}

bool is_finite(std::string_view spelling) { return spelling.back() != 'N' && spelling.back() != 'y'; }

void write(const Value& value, std::size_t depth, Ink& ink) {
  switch (value.kind) {
    case Value::Kind::null:
      ink.put(Part::word, "null");
      return;
    case Value::Kind::boolean:
      ink.put(Part::word, value.truth ? "true" : "false");
      return;
    case Value::Kind::number:
      if (is_finite(value.text)) {
        ink.put(Part::number, value.text);
      } else {
        ink.put(Part::word, "null");
      }
      return;
    case Value::Kind::text:
      put_quoted(ink, Part::text, value.text);
      return;
    case Value::Kind::bytes:
      put_quoted(ink, Part::text, to_base64(value.text));
      return;
    case Value::Kind::array:
    case Value::Kind::object:
      write_items(value, depth, ink);
      return;
  }
}

}  // namespace

void write_json(const Value& value, Ink& ink) { write(value, 0, ink); }

void append_json(const Value& value, Buffer& out) {
  Ink ink(out, {});
  write_json(value, ink);
}

Result<void> Codec::write_notation(Bytes, const PayloadContext&, const Value& value, Ink& ink) {
  write_json(value, ink);
  return {};
}

}  // namespace mq
