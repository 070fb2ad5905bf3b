#include "shared/property_option.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "shared/nearest.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

constexpr std::array<std::pair<std::string_view, PacketSet>, 6> commands{{
    {"connect", bit_of(PacketType::connect)},
    {"publish", bit_of(PacketType::publish)},
    {"subscribe", bit_of(PacketType::subscribe)},
    {"unsubscribe", bit_of(PacketType::unsubscribe)},
    {"disconnect", bit_of(PacketType::disconnect)},
    {"will", will_bit},
}};

// `shown`: what an error may call it.
Result<Buffer> binary_value(std::string_view text, const std::string& shown) {
  if (text.starts_with("text:")) return Buffer(text.substr(5));
  if (text.starts_with("hex:")) {
    if (auto bytes = from_hex(text.substr(4))) return *std::move(bytes);
    return usage(fmt::format("{} does not hold pairs of hexadecimal digits", shown));
  }
  if (text.starts_with("base64:")) {
    if (auto bytes = from_base64(text.substr(7))) return *std::move(bytes);
    return usage(fmt::format("{} is not base64", shown));
  }
  return Buffer(text);
}

Result<void> add_number(PropertyList& list, const PropertyRow& row, std::string_view text) {
  const auto number = parse_number<std::uint32_t>(text);
  if (!number || *number < row.least || *number > row.most) {
    return usage(fmt::format("{} {} is not a whole number from {} to {}", row.name, quoted(text), row.least,
                             row.most));
  }
  return list.add(row.id, *number);
}

Result<void> add_value(PropertyList& list, const PropertyRow& row, OptionValues values) {
  switch (row.type) {
    case PropertyType::byte:
    case PropertyType::two_byte:
    case PropertyType::four_byte:
    case PropertyType::variable:
      return add_number(list, row, values[0]);
    case PropertyType::utf8:
      return list.add(row.id, values[0]);
    case PropertyType::binary: {
      const bool secret = row.id == PropertyId::authentication_data;
      const auto bytes = binary_value(values[0], secret ? std::string(row.name) : quoted(values[0]));
      if (!bytes) return std::unexpected(bytes.error());
      return list.add(row.id, Bytes(*bytes));
    }
    case PropertyType::pair:
      return list.add_user(values[0], values[1]);
  }
  return {};
}

Result<void> add_property(const PropertyTarget& target, std::string_view name, OptionValues values) {
  const auto allowed = property_names(target.packet);
  const PropertyRow* row = find_property(name);
  if (row == nullptr) {
    const std::string_view near = nearest(name, allowed);
    return usage(fmt::format("there is no property {}", quoted(name)),
                 near.empty() ? std::string() : fmt::format("did you mean {}?", near));
  }
  if ((row->by_client & target.packet) == 0) {
    return usage(fmt::format("{} has no place in {}", name, target.command),
                 fmt::format("{} takes {}", target.command, fmt::join(allowed, ", ")));
  }
  const std::size_t needed = row->type == PropertyType::pair ? 2 : 1;
  if (values.size() != needed) {
    return usage(needed == 2 ? fmt::format("{} needs a name and a value", name)
                             : fmt::format("{} takes one value", name));
  }
  if (!row->repeats) target.list().remove(row->id);
  return add_value(target.list(), *row, values);
}

}  // namespace

OptionSetter store_property(std::vector<PropertyTarget> targets) {
  return [targets = std::move(targets)](OptionValues values) -> Result<void> {
    const auto target = std::ranges::find(targets, values[0], &PropertyTarget::command);
    if (target == targets.end()) {
      std::vector<std::string_view> names;
      for (const PropertyTarget& one : targets) names.push_back(one.command);
      return usage(fmt::format("{} is none of {}", quoted(values[0]), fmt::join(names, ", ")));
    }
    return add_property(*target, values[1], values.subspan(2));
  };
}

bool takes_pair(std::string_view property) { return property == "user-property"; }

bool ends_in_property_command(std::string_view argument) {
  return std::ranges::any_of(commands, [argument](const auto& command) {
    return argument == command.first || (argument.starts_with('-') && argument.ends_with(command.first));
  });
}

PacketSet property_packet(std::string_view command) {
  const auto found = std::ranges::find(commands, command, &std::pair<std::string_view, PacketSet>::first);
  return found == commands.end() ? PacketSet{0} : found->second;
}

std::vector<std::string_view> property_names(PacketSet packet) {
  std::vector<std::string_view> names;
  for (const PropertyRow& row : property_rows()) {
    if ((row.by_client & packet) != 0) names.push_back(row.name);
  }
  return names;
}

}  // namespace mq
