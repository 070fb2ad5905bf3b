#include "payload/protobuf/tree.hpp"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>

#include "payload/protobuf/field_names.hpp"
#include "payload/protobuf/raw.hpp"
#include "payload/protobuf/well_known.hpp"
#include "payload/value.hpp"

namespace mq {
namespace {

using pb::FieldDescriptor;

// What the view of unknown fields in the innermost message may add.
constexpr std::size_t spare_levels = 2 * 12;
constexpr std::size_t most_merged = std::size_t{64} << 20U;

struct Occurrence {
  const FieldDescriptor* known = nullptr;
  WireField wire{};
  std::size_t place = 0;
};

// A repeated number may come packed or not, whatever the schema says.
bool fits(const FieldDescriptor& field, WireType type) {
  return type == wire_type(field) || (type == WireType::bytes && field.is_packable());
}

std::uint64_t sign_extended(std::uint64_t bits) {
  return static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(bits)});
}

std::uint64_t number_bits(const FieldDescriptor& field, std::uint64_t bits) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_SFIXED32:
    case FieldDescriptor::TYPE_ENUM:
      return sign_extended(bits);
    case FieldDescriptor::TYPE_UINT32:
      return bits & 0xFFFFFFFFU;
    case FieldDescriptor::TYPE_SINT32:
      return sign_extended(static_cast<std::uint64_t>(zigzag(bits & 0xFFFFFFFFU)));
    case FieldDescriptor::TYPE_SINT64:
      return static_cast<std::uint64_t>(zigzag(bits));
    case FieldDescriptor::TYPE_BOOL:
      return bits != 0 ? 1 : 0;
    default:
      return bits;
  }
}

// Setting one member of a oneof clears the others: what came before the last member's own run is gone.
void clear_oneofs(const pb::Descriptor& type, std::vector<Occurrence>& all) {
  if (type.real_oneof_decl_count() == 0) return;
  struct State {
    const FieldDescriptor* winner = nullptr;
    bool over = false;
  };
  std::vector<State> states(static_cast<std::size_t>(type.oneof_decl_count()));
  for (auto at = all.rbegin(); at != all.rend(); ++at) {
    const pb::OneofDescriptor* oneof =
        at->known != nullptr && !at->known->is_extension() ? at->known->real_containing_oneof() : nullptr;
    if (oneof == nullptr) continue;
    State& state = states[static_cast<std::size_t>(oneof->index())];
    if (state.winner == nullptr) state.winner = at->known;
    if (at->known != state.winner) state.over = true;
    if (state.over) at->wire.number = 0;
  }
  std::erase_if(all, [](const Occurrence& one) { return one.wire.number == 0; });
}

// The last entry of a map's key counts.
void keep_last_entries(std::vector<ProtoValue>& entries) {
  std::set<std::string> seen;
  const auto is_old = [&seen](const ProtoValue& entry) {
    const ProtoValue* key = entry.message->value(1);
    std::string name;
    if (key != nullptr)
      name = key->bytes.empty() ? fmt::format_int(key->bits).str() : "\"" + std::string(key->bytes);
    // A key that is zero or empty is the same as none.
    if (name.empty()) name = "0";
    return !seen.insert(std::move(name)).second;
  };
  std::vector<ProtoValue> kept;
  for (auto at = entries.rbegin(); at != entries.rend(); ++at)
    if (!is_old(*at)) kept.push_back(std::move(*at));
  std::ranges::reverse(kept);
  entries = std::move(kept);
}

class TreeReader {
 public:
  TreeReader(ProtoSchema& schema, ProtoTree& tree) : schema_(schema), tree_(tree) {}

  // `level` is how deep the message stands in the view; false once error() is set.
  bool message(const pb::Descriptor& type, Bytes data, std::size_t level, ProtoMessage& out);
  std::string error() && { return std::move(error_); }

 private:
  bool occurrences(const pb::Descriptor& type, Bytes data, std::size_t level, std::vector<Occurrence>& all);
  bool known_field(std::span<const Occurrence> same, std::size_t level, ProtoField& out);
  bool add_values(const FieldDescriptor& field, const WireField& wire, std::size_t level, ProtoField& out);
  bool add_message(const FieldDescriptor& field, Bytes data, std::size_t level, ProtoField& out);
  bool merge(std::span<const Occurrence> same, Bytes& merged);
  void open_any(std::size_t level, ProtoMessage& any);
  bool count() { return ++parts_ <= most_parts || say(too_many()); }
  static std::string too_many() { return fmt::format("it has more than {} parts", most_parts); }
  bool say(std::string error) {
    error_ = std::move(error);
    return false;
  }

  ProtoSchema& schema_;
  ProtoTree& tree_;
  std::size_t parts_ = 0;
  std::size_t occurrences_ = 0;
  std::size_t merged_ = 0;
  std::string error_;
};

bool TreeReader::occurrences(const pb::Descriptor& type, Bytes data, std::size_t level,
                             std::vector<Occurrence>& all) {
  WireReader reader(data, std::min(raw_groups, (deepest_value - level - spare_levels) / 2 + 1));
  while (!reader.done()) {
    auto wire = reader.next();
    if (!wire)
      return say(fmt::format("at byte {} of {}, {}", reader.at(), type.full_name(), describe(wire.error())));
    const FieldDescriptor* known = type.FindFieldByNumber(static_cast<int>(wire->number));
    if (known == nullptr) known = schema_.extension(type, static_cast<int>(wire->number));
    if (known != nullptr && !fits(*known, wire->type)) known = nullptr;
    if (known == nullptr && !count()) return false;
    // Whatever becomes of it: a million times the same field are a million here.
    if (++occurrences_ > most_parts) return say(too_many());
    all.push_back({known, *wire, all.size()});
  }
  clear_oneofs(type, all);
  // By number, the unknown ones last and as they came.
  std::ranges::sort(all, {}, [](const Occurrence& one) {
    return std::tuple(one.known == nullptr, one.known != nullptr ? one.wire.number : 0, one.place);
  });
  return true;
}

bool TreeReader::message(const pb::Descriptor& type, Bytes data, std::size_t level, ProtoMessage& out) {
  out.type = &type;
  if (level + spare_levels > deepest_value)
    return say(fmt::format("it is nested deeper than {} levels", deepest_value - spare_levels));
  std::vector<Occurrence> all;
  if (!occurrences(type, data, level, all)) return false;
  for (std::size_t begin = 0; begin < all.size();) {
    std::size_t end = begin + 1;
    ProtoField& field = out.fields.emplace_back();
    field.known = all[begin].known;
    if (field.known == nullptr) {
      field.unknown = all[begin].wire;
    } else {
      while (end < all.size() && all[end].known == field.known) ++end;
      if (!known_field(std::span(all).subspan(begin, end - begin), level, field)) return false;
    }
    begin = end;
  }
  // A packed field without any number says nothing.
  std::erase_if(out.fields,
                [](const ProtoField& field) { return field.known != nullptr && field.values.empty(); });
  if (well_known_type(type) == pb::Descriptor::WELLKNOWNTYPE_ANY) open_any(level, out);
  return true;
}

bool TreeReader::known_field(std::span<const Occurrence> same, std::size_t level, ProtoField& out) {
  const FieldDescriptor& field = *same.front().known;
  if (field.is_repeated()) {
    for (const Occurrence& one : same)
      if (!add_values(field, one.wire, level + 1, out)) return false;
    if (field.is_map()) keep_last_entries(out.values);
    return true;
  }
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || same.size() == 1) {
    if (!add_values(field, same.back().wire, level, out)) return false;
    const ProtoValue& value = out.values.back();
    // Without presence, what has its default is as good as not there.
    if (!field.has_presence() && value.bits == 0 && value.bytes.empty()) out.values.clear();
    return true;
  }
  Bytes merged;
  return merge(same, merged) && count() && add_message(field, merged, level, out);
}

// A message that comes in pieces is the message that all pieces after each other say.
bool TreeReader::merge(std::span<const Occurrence> same, Bytes& merged) {
  Buffer& whole = tree_.merged.emplace_back();
  for (const Occurrence& one : same) {
    merged_ += one.wire.bytes.size();
    if (merged_ > most_merged) return say("too much of it would have to be merged");
    whole += one.wire.bytes;
  }
  merged = whole;
  return true;
}

bool TreeReader::add_values(const FieldDescriptor& field, const WireField& wire, std::size_t level,
                            ProtoField& out) {
  const WireType expected = wire_type(field);
  if (wire.type != expected) {
    for (Bytes left = wire.bytes; !left.empty();) {
      const auto bits = expected == WireType::varint
                            ? take_varint(left)
                            : take_fixed(left, expected == WireType::fixed64 ? 8 : 4);
      if (!bits) return say(fmt::format("the numbers of {} end inside one", field.full_name()));
      if (!count()) return false;
      out.values.push_back({.bits = number_bits(field, *bits)});
    }
    return true;
  }
  if (!count()) return false;
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) return add_message(field, wire.bytes, level, out);
  out.values.push_back({.bits = number_bits(field, wire.bits), .bytes = wire.bytes});
  return true;
}

bool TreeReader::add_message(const FieldDescriptor& field, Bytes data, std::size_t level, ProtoField& out) {
  ProtoValue& value = out.values.emplace_back();
  value.message = std::make_unique<ProtoMessage>();
  return message(*field.message_type(), data, level + 1, *value.message);
}

// What can't be opened stays what it is on the wire: a type's name and bytes.
void TreeReader::open_any(std::size_t level, ProtoMessage& any) {
  const ProtoValue* url = any.value(1);
  // The text format shows the name without quotes.
  const bool plain = url != nullptr && std::ranges::all_of(url->bytes, [](char c) {
                       return octet(c) > 0x20 && octet(c) < 0x7F && c != '[' && c != ']';
                     });
  const pb::Descriptor* type = plain && !any.has_unknown() ? schema_.of_type_url(url->bytes) : nullptr;
  if (type == nullptr) return;
  const ProtoValue* data = any.value(2);
  auto inside = std::make_unique<ProtoMessage>();
  if (message(*type, data != nullptr ? data->bytes : Bytes(), level + 1, *inside)) {
    any.any = std::move(inside);
  } else if (parts_ <= most_parts && occurrences_ <= most_parts) {
    error_.clear();
  }
}

}  // namespace

const ProtoField* ProtoMessage::field(int number) const {
  for (const ProtoField& one : fields)
    if (one.known != nullptr && one.known->number() == number) return &one;
  return nullptr;
}

const ProtoValue* ProtoMessage::value(int number) const {
  const ProtoField* found = field(number);
  return found != nullptr ? &found->values.back() : nullptr;
}

Result<ProtoTree> read_tree(ProtoSchema& schema, Bytes data) {
  ProtoTree tree;
  TreeReader reader(schema, tree);
  if (reader.message(schema.message(), data, 1, tree.root)) return tree;
  return fail(ErrorKind::payload,
              fmt::format("this is not {}: {}", schema.message().full_name(), std::move(reader).error()));
}

}  // namespace mq
