#include "payload/avro/avro_schema.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/text.hpp"
#include "payload/json.hpp"
#include "payload/violation.hpp"

namespace mq {
namespace {

using Kind = Value::Kind;

// In AvroKind's order.
constexpr std::array<std::string_view, 8> primitives{"null",  "boolean", "int",   "long",
                                                     "float", "double",  "bytes", "string"};

// Schemas come from container files too.
constexpr std::size_t deepest_schema = 100;
constexpr std::uint64_t largest_fixed = std::uint64_t{1} << 30U;
// Every type and every reference to one has its namespace spelt out.
constexpr std::size_t longest_name = 512;
constexpr std::size_t largest_canonical = std::size_t{16} << 20U;

std::unexpected<Error> wrong(const std::string& at, std::string_view what) {
  return fail(ErrorKind::schema,
              fmt::format("this is no Avro schema: at {}, {}", at.empty() ? "the top" : quoted(at), what));
}

std::optional<AvroKind> primitive(std::string_view name) {
  const auto found = std::ranges::find(primitives, name);
  if (found == primitives.end()) return std::nullopt;
  return static_cast<AvroKind>(found - primitives.begin());
}

bool is_name(std::string_view name) {
  return !name.empty() && (name[0] < '0' || name[0] > '9') && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool is_full_name(std::string_view name) {
  while (name.contains('.')) {
    if (!is_name(name.substr(0, name.find('.')))) return false;
    name.remove_prefix(name.find('.') + 1);
  }
  return is_name(name);
}

std::string in_space(std::string_view space, std::string_view name) {
  return space.empty() || name.contains('.') ? std::string(name) : fmt::format("{}.{}", space, name);
}

}  // namespace

using Parsed = Result<const AvroType*>;

class AvroSchemaReader {
 public:
  explicit AvroSchemaReader(AvroSchema& schema) : schema_(schema) {}

  Parsed type(const Value& value, const std::string& space, const std::string& at, std::size_t depth);

 private:
  Parsed by_name(const std::string& name, const std::string& space, const std::string& at);
  Parsed union_of(const Value& value, const std::string& space, const std::string& at, std::size_t depth);
  Parsed complex(const Value& value, const std::string& space, const std::string& at, std::size_t depth);
  Parsed named(AvroKind kind, const Value& value, const std::string& space, const std::string& at,
               std::size_t depth);
  Result<void> record(AvroType& type, const Value& value, const std::string& space, const std::string& at,
                      std::size_t depth);
  Result<void> enumeration(AvroType& type, const Value& value, const std::string& at);
  Result<void> fixed(AvroType& type, const Value& value, const std::string& at);
  AvroType& add(AvroKind kind) { return schema_.types_.emplace_back(AvroType{.kind = kind}); }
  void put(std::string_view text) { schema_.canonical_ += text; }
  void put_text(std::string_view text) { schema_.canonical_ += fmt::format("\"{}\"", text); }

  AvroSchema& schema_;
  std::unordered_map<std::string, const AvroType*> named_;
};

Parsed AvroSchemaReader::by_name(const std::string& name, const std::string& space, const std::string& at) {
  if (const auto kind = primitive(name)) {
    AvroType& type = add(*kind);
    type.name = name;
    put_text(name);
    return &type;
  }
  auto found = named_.find(in_space(space, name));
  if (found == named_.end()) found = named_.find(name);
  if (found == named_.end()) return wrong(at, fmt::format("there is no type {}", quoted(name)));
  put_text(found->first);
  return found->second;
}

Parsed AvroSchemaReader::union_of(const Value& value, const std::string& space, const std::string& at,
                                  std::size_t depth) {
  AvroType& type = add(AvroKind::union_of);
  type.name = "union";
  std::unordered_set<std::string_view> names;
  put("[");
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    if (i > 0) put(",");
    const std::string here = pointer_to(at, i);
    const auto branch = this->type(value.items[i], space, here, depth + 1);
    if (!branch) return branch;
    if ((*branch)->kind == AvroKind::union_of) return wrong(here, "a union cannot hold a union");
    if (!names.insert((*branch)->name).second)
      return wrong(here, fmt::format("the union has {} already", quoted((*branch)->name)));
    type.branches.push_back(*branch);
  }
  if (type.branches.empty()) return wrong(at, "the union is empty");
  put("]");
  return &type;
}

Result<void> AvroSchemaReader::record(AvroType& type, const Value& value, const std::string& space,
                                      const std::string& at, std::size_t depth) {
  const Value* fields = value.member("fields");
  if (fields == nullptr || fields->kind != Kind::array) return wrong(at, "a record has no fields");
  put(R"(,"type":"record","fields":[)");
  std::unordered_set<std::string_view> names;
  for (std::size_t i = 0; i < fields->items.size(); ++i) {
    const Value& item = fields->items[i];
    const std::string here = pointer_to(at + "/fields", i);
    const Value* name = item.member("name");
    const Value* of_type = item.member("type");
    if (name == nullptr || name->kind != Kind::text || !is_name(name->text) || of_type == nullptr)
      return wrong(here, "a field has no valid name or no type");
    if (!names.insert(name->text).second)
      return wrong(here, fmt::format("there is a field {} already", quoted(name->text)));
    put(i > 0 ? R"(,{"name":)" : R"({"name":)");
    put_text(name->text);
    put(R"(,"type":)");
    const auto parsed = this->type(*of_type, space, here + "/type", depth + 1);
    if (!parsed) return std::unexpected(parsed.error());
    put("}");
    AvroField& field = type.fields.emplace_back(AvroField{name->text, *parsed});
    if (const Value* preset = item.member("default")) field.preset = *preset;
  }
  put("]}");
  return {};
}

Result<void> AvroSchemaReader::enumeration(AvroType& type, const Value& value, const std::string& at) {
  const Value* symbols = value.member("symbols");
  if (symbols == nullptr || symbols->kind != Kind::array) return wrong(at, "an enum has no symbols");
  put(R"(,"type":"enum","symbols":[)");
  for (const Value& symbol : symbols->items) {
    if (symbol.kind != Kind::text || !is_name(symbol.text))
      return wrong(at + "/symbols", fmt::format("{} is no symbol", quoted(symbol.text)));
    if (!type.symbols.empty()) put(",");
    put_text(symbol.text);
    type.symbols.push_back(symbol.text);
  }
  put("]}");
  return {};
}

Result<void> AvroSchemaReader::fixed(AvroType& type, const Value& value, const std::string& at) {
  const Value* size = value.member("size");
  const auto number =
      size != nullptr && size->kind == Kind::number ? parse_number<std::uint64_t>(size->text) : std::nullopt;
  if (!number || *number > largest_fixed) return wrong(at, "a fixed has no valid size");
  type.size = *number;
  put(fmt::format(R"(,"type":"fixed","size":{}}})", *number));
  return {};
}

Parsed AvroSchemaReader::named(AvroKind kind, const Value& value, const std::string& space,
                               const std::string& at, std::size_t depth) {
  const Value* name = value.member("name");
  const Value* own_space = value.member("namespace");
  if (name == nullptr || name->kind != Kind::text || !is_full_name(name->text))
    return wrong(at, "the type has no valid name");
  const bool has_space = own_space != nullptr && own_space->kind == Kind::text;
  if (has_space && !own_space->text.empty() && !is_full_name(own_space->text))
    return wrong(at, fmt::format("{} is no namespace", quoted(own_space->text)));
  if (name->text.size() > longest_name || (has_space && own_space->text.size() > longest_name))
    return wrong(at, fmt::format("a name or a namespace is longer than {} bytes", longest_name));
  AvroType& type = add(kind);
  type.name = in_space(has_space ? own_space->text : space, name->text);
  if (!named_.emplace(type.name, &type).second)
    return wrong(at, fmt::format("there is a type {} already", quoted(type.name)));
  const std::size_t dot = type.name.rfind('.');
  const std::string inner = dot == std::string::npos ? std::string() : type.name.substr(0, dot);
  put(R"({"name":)");
  put_text(type.name);
  Result<void> read;
  if (kind == AvroKind::record) {
    read = record(type, value, inner, at, depth);
  } else {
    read = kind == AvroKind::fixed ? fixed(type, value, at) : enumeration(type, value, at);
  }
  if (!read) return std::unexpected(read.error());
  return &type;
}

Parsed AvroSchemaReader::complex(const Value& value, const std::string& space, const std::string& at,
                                 std::size_t depth) {
  const Value* of_type = value.member("type");
  if (of_type == nullptr) return wrong(at, "there is no type");
  if (of_type->kind != Kind::text) return type(*of_type, space, at + "/type", depth + 1);
  const std::string& name = of_type->text;
  if (name == "record" || name == "error") return named(AvroKind::record, value, space, at, depth);
  if (name == "enum") return named(AvroKind::enumeration, value, space, at, depth);
  if (name == "fixed") return named(AvroKind::fixed, value, space, at, depth);
  if (name != "array" && name != "map") return by_name(name, space, at);
  const bool is_array = name == "array";
  const std::string member = is_array ? "items" : "values";
  const Value* items = value.member(member);
  if (items == nullptr) return wrong(at, fmt::format("there are no {}", member));
  AvroType& type = add(is_array ? AvroKind::array : AvroKind::map);
  type.name = name;
  put(fmt::format(R"({{"type":"{}","{}":)", name, member));
  const auto parsed = this->type(*items, space, pointer_to(at, member), depth + 1);
  if (!parsed) return parsed;
  put("}");
  type.items = *parsed;
  return &type;
}

Parsed AvroSchemaReader::type(const Value& value, const std::string& space, const std::string& at,
                              std::size_t depth) {
  if (depth > deepest_schema) return wrong(at, "it is nested too deep");
  if (schema_.canonical_.size() > largest_canonical)
    return wrong(at, fmt::format("with all names spelt out it is longer than {} bytes", largest_canonical));
  switch (value.kind) {
    case Kind::text:
      return by_name(value.text, space, at);
    case Kind::array:
      return union_of(value, space, at, depth);
    case Kind::object:
      return complex(value, space, at, depth);
    default:
      return wrong(at, "there is neither a name nor an object nor an array");
  }
}

std::uint64_t avro_fingerprint(Bytes text) {
  constexpr std::uint64_t empty = 0xC15D213AA4D7A795;
  constexpr auto table = [] {
    std::array<std::uint64_t, 256> all{};
    for (std::uint64_t i = 0; i < all.size(); ++i) {
      std::uint64_t sum = i;
      for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1U) ^ ((sum & 1U) != 0 ? empty : 0);
      all[i] = sum;
    }
    return all;
  }();
  std::uint64_t sum = empty;
  for (const char c : text) sum = (sum >> 8U) ^ table[(sum ^ octet(c)) & 0xFFU];
  return sum;
}

Result<AvroSchema> AvroSchema::parse(std::string_view text) {
  const auto json = parse_json(text);
  if (!json) return fail(ErrorKind::schema, "the Avro schema cannot be read: " + json.error().text);
  AvroSchema schema;
  const auto root = AvroSchemaReader(schema).type(*json, {}, {}, 0);
  if (!root) return std::unexpected(root.error());
  schema.root_ = *root;
  schema.fingerprint_ = avro_fingerprint(schema.canonical_);
  return schema;
}

}  // namespace mq
