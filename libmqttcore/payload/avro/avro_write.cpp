#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <unordered_set>
#include <utility>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "payload/avro/avro_binary.hpp"
#include "payload/decimal.hpp"
#include "payload/violation.hpp"

namespace mq {
namespace {

using Kind = Value::Kind;
using Written = Result<void>;

void put_long(Buffer& out, std::int64_t number) {
  std::uint64_t bits = (static_cast<std::uint64_t>(number) << 1U) ^ static_cast<std::uint64_t>(number >> 63U);
  for (; bits >= 0x80; bits >>= 7U) out += static_cast<char>((bits & 0x7FU) | 0x80U);
  out += static_cast<char>(bits);
}

void put_sized(Buffer& out, Bytes bytes) {
  put_long(out, static_cast<std::int64_t>(bytes.size()));
  out += bytes;
}

void put_little_endian(Buffer& out, std::uint64_t bits, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>((bits >> (8 * i)) & 0xFFU);
}

std::unexpected<Error> wrong(const std::string& at, std::string_view what) {
  return fail(ErrorKind::payload, fmt::format("at {}: {}", at.empty() ? "the top" : quoted(at), what));
}

std::unexpected<Error> not_a(const std::string& at, const AvroType& type, const Value& value) {
  const bool spelled = value.kind == Kind::number || value.kind == Kind::text;
  return wrong(at,
               fmt::format("{} is no {}", spelled ? quoted(value.text, 40) : std::string("this"), type.name));
}

class Writer {
 public:
  Written datum(const AvroType& type, const Value& value, const std::string& at, Buffer& out);

 private:
  Written real(const AvroType& type, const Value& value, const std::string& at, Buffer& out);
  Written bytes(const AvroType& type, const Value& value, const std::string& at, Buffer& out);
  Written record(const AvroType& type, const Value& value, const std::string& at, Buffer& out);
  Written items(const AvroType& type, const Value& value, const std::string& at, Buffer& out);
  Written choice(const AvroType& type, const Value& value, const std::string& at, Buffer& out);
  Written preset(const AvroField& field, const std::string& at, Buffer& out);

  std::size_t tries_ = 0;
  bool in_preset_ = false;  // where bytes are spelled otherwise
};

// Whether `spelling` is a whole number, without point and exponent, that is not what it was rounded to. Those
// below `all_exact` never are.
bool is_rounded(std::string_view spelling, double rounded, double all_exact) {
  if (!std::isfinite(rounded) || std::abs(rounded) < all_exact) return false;
  if (spelling.find_first_of(".eE") != std::string_view::npos) return false;
  return compare(decimal_of(spelling), decimal_of(fmt::format("{:.0f}", rounded))) != 0;
}

std::unexpected<Error> inexact(const std::string& at, const AvroType& type, const Value& value) {
  return wrong(at, fmt::format("a {} cannot hold {} exactly", type.name, quoted(value.text, 40)));
}

Written Writer::real(const AvroType& type, const Value& value, const std::string& at, Buffer& out) {
  const bool wide = type.kind == AvroKind::double_number;
  double number = std::numeric_limits<double>::quiet_NaN();
  if (value.text == "Infinity" || value.text == "-Infinity") {
    number = value.text[0] == '-' ? -std::numeric_limits<double>::infinity()
                                  : std::numeric_limits<double>::infinity();
  } else if (value.text != "NaN") {
    const auto parsed = value.kind == Kind::number ? parse_number<double>(value.text) : std::nullopt;
    if (!parsed) return not_a(at, type, value);
    number = *parsed;
    if (wide && !in_preset_ && is_rounded(value.text, number, 0x1p53)) return inexact(at, type, value);
  }
  if (wide) {
    put_little_endian(out, std::bit_cast<std::uint64_t>(number), 8);
    return {};
  }
  const auto exact = parse_number<float>(value.text);
  if (!exact && std::isfinite(number) && std::abs(number) > double{std::numeric_limits<float>::max()})
    return not_a(at, type, value);
  if (exact && !in_preset_ && is_rounded(value.text, double{*exact}, 0x1p24)) return inexact(at, type, value);
  put_little_endian(out, std::bit_cast<std::uint32_t>(exact ? *exact : static_cast<float>(number)), 4);
  return {};
}

// A schema spells a default's bytes as the characters U+0000 to U+00FF.
std::optional<Buffer> latin_bytes(Bytes text) {
  Buffer out;
  while (!text.empty()) {
    const std::size_t size = utf8_sequence(text);
    if (size == 0 || size > 2 || octet(text[0]) > 0xC3) return std::nullopt;
    out += size == 1 ? text[0] : static_cast<char>((octet(text[0]) & 3U) << 6U | (octet(text[1]) & 0x3FU));
    text.remove_prefix(size);
  }
  return out;
}

Written Writer::bytes(const AvroType& type, const Value& value, const std::string& at, Buffer& out) {
  std::optional<Buffer> found;
  if (value.kind == Kind::bytes) found = value.text;
  if (value.kind == Kind::text) found = in_preset_ ? latin_bytes(value.text) : from_base64(value.text);
  if (!found) return wrong(at, "this is no base64");
  if (type.kind == AvroKind::bytes) {
    put_sized(out, *found);
    return {};
  }
  if (found->size() != type.size)
    return wrong(at, fmt::format("{} has {} bytes, not {}", type.name, type.size, found->size()));
  out += *found;
  return {};
}

Written Writer::preset(const AvroField& field, const std::string& at, Buffer& out) {
  const bool before = std::exchange(in_preset_, true);
  // Of a union the first branch is meant.
  const bool is_union = field.type->kind == AvroKind::union_of;
  if (is_union) put_long(out, 0);
  auto written = datum(is_union ? *field.type->branches.front() : *field.type, *field.preset, at, out);
  in_preset_ = before;
  return written;
}

Written Writer::record(const AvroType& type, const Value& value, const std::string& at, Buffer& out) {
  if (value.kind != Kind::object) return not_a(at, type, value);
  std::unordered_set<std::string_view> known;
  for (const AvroField& field : type.fields) {
    known.insert(field.name);
    const Value* given = value.member(field.name);
    const std::string here = pointer_to(at, field.name);
    if (given == nullptr && !field.preset)
      return wrong(at, fmt::format("{} needs the field {}", type.name, quoted(field.name)));
    auto written = given != nullptr ? datum(*field.type, *given, here, out) : preset(field, here, out);
    if (!written) return written;
  }
  for (const Value& item : value.items)
    if (!known.contains(item.name))
      return wrong(pointer_to(at, item.name), fmt::format("{} has no such field", type.name));
  return {};
}

Written Writer::items(const AvroType& type, const Value& value, const std::string& at, Buffer& out) {
  const bool is_map = type.kind == AvroKind::map;
  if (value.kind != (is_map ? Kind::object : Kind::array)) return not_a(at, type, value);
  if (!value.items.empty()) put_long(out, static_cast<std::int64_t>(value.items.size()));
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    const Value& item = value.items[i];
    if (is_map) put_sized(out, item.name);
    const std::string here = is_map ? pointer_to(at, item.name) : pointer_to(at, i);
    if (auto written = datum(*type.items, item, here, out); !written) return written;
  }
  put_long(out, 0);
  return {};
}

// How well a branch suits a value of which others may make something too; the least is taken first.
int distance(const AvroType& branch, const Value& value) {
  const bool whole = value.text.find_first_of(".eE") == std::string::npos;
  switch (branch.kind) {
    case AvroKind::int_number:
      return whole ? 0 : 4;
    case AvroKind::long_number:
      return whole ? 1 : 5;
    case AvroKind::double_number:
      return 2;
    case AvroKind::float_number:
      return 3;
    case AvroKind::enumeration:
      return 0;
    case AvroKind::string:
      return value.kind == Kind::bytes ? 3 : 1;
    case AvroKind::fixed:
      return 2;
    case AvroKind::bytes:
      return 3;
    default:
      return 1;
  }
}

Written Writer::choice(const AvroType& type, const Value& value, const std::string& at, Buffer& out) {
  // Unions in unions' records may be tried over and over.
  if (++tries_ > most_parts) return wrong(at, "too many branches of unions would have to be tried");
  std::vector<std::size_t> order(type.branches.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {},
                    [&](std::size_t i) { return std::pair(distance(*type.branches[i], value), i); });
  std::optional<Error> why;
  for (const std::size_t index : order) {
    Buffer branch;
    put_long(branch, static_cast<std::int64_t>(index));
    auto written = datum(*type.branches[index], value, at, branch);
    if (written) {
      out += branch;
      return {};
    }
    // The error deepest inside tells most.
    if (!why || written.error().text.size() > why->text.size()) why = std::move(written.error());
  }
  if (value.kind == Kind::object && value.items.size() == 1) {
    for (std::size_t index = 0; index < type.branches.size(); ++index) {
      if (type.branches[index]->name != value.items[0].name) continue;
      put_long(out, static_cast<std::int64_t>(index));
      return datum(*type.branches[index], value.items[0], pointer_to(at, value.items[0].name), out);
    }
  }
  if (type.branches.size() == 2 && type.branches[0]->kind == AvroKind::null && why)
    return std::unexpected(*why);
  return wrong(at, "this fits no branch of the union");
}

Written Writer::datum(const AvroType& type, const Value& value, const std::string& at, Buffer& out) {
  switch (type.kind) {
    case AvroKind::null:
      if (value.kind != Kind::null) return not_a(at, type, value);
      return {};
    case AvroKind::boolean:
      if (value.kind != Kind::boolean) return not_a(at, type, value);
      out += static_cast<char>(value.truth ? 1 : 0);
      return {};
    case AvroKind::int_number:
    case AvroKind::long_number: {
      const auto number = value.kind == Kind::number ? parse_number<std::int64_t>(value.text) : std::nullopt;
      if (!number || (type.kind == AvroKind::int_number && !std::in_range<std::int32_t>(*number)))
        return not_a(at, type, value);
      put_long(out, *number);
      return {};
    }
    case AvroKind::float_number:
    case AvroKind::double_number:
      return real(type, value, at, out);
    case AvroKind::string:
      if (value.kind != Kind::text) return not_a(at, type, value);
      put_sized(out, value.text);
      return {};
    case AvroKind::enumeration: {
      const auto found = std::ranges::find(type.symbols, value.text);
      if (value.kind != Kind::text || found == type.symbols.end()) return not_a(at, type, value);
      put_long(out, found - type.symbols.begin());
      return {};
    }
    case AvroKind::bytes:
    case AvroKind::fixed:
      return bytes(type, value, at, out);
    case AvroKind::record:
      return record(type, value, at, out);
    case AvroKind::array:
    case AvroKind::map:
      return items(type, value, at, out);
    case AvroKind::union_of:
      return choice(type, value, at, out);
  }
  return wrong(at, "there is no such type");
}

}  // namespace

Result<void> write_avro(const AvroType& type, const Value& value, Buffer& out) {
  Buffer bytes;
  auto written = Writer().datum(type, value, {}, bytes);
  if (written) out += bytes;
  return written;
}

}  // namespace mq
