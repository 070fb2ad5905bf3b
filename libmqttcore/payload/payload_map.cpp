#include "payload/payload_map.hpp"

#include <algorithm>

#include "payload/decimal.hpp"
#include "payload/module.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

// 1, 1.0 and 1e0 are the same version; what has a fraction, or is beyond reason, is as it is spelt.
std::string version_number(const std::string& spelling) {
  constexpr std::int64_t reasonable = 18;
  const Decimal number = decimal_of(spelling);
  if (!number.whole() || number.exponent > reasonable) return spelling;
  if (number.digits.empty()) return "0";
  std::string text = (number.negative ? "-" : "") + number.digits;
  text.append(static_cast<std::size_t>(number.exponent) - number.digits.size(), '0');
  return text;
}

}  // namespace

Result<std::vector<PayloadRule>> load_payload_map(const std::string& file) {
  const auto loader = load_module<MapLoader>("map");
  if (!loader) return std::unexpected(loader.error());
  Result<std::vector<PayloadRule>> loaded;
  (*loader)(file, loaded);
  return loaded;
}

const PayloadRule* rule_for(const std::vector<PayloadRule>& rules, std::string_view topic) {
  const auto takes_in = [topic](const std::string& filter) { return matches(plain_filter(filter), topic); };
  const auto found = std::ranges::find_if(
      rules, [&takes_in](const PayloadRule& rule) { return std::ranges::any_of(rule.filters, takes_in); });
  return found == rules.end() ? nullptr : &*found;
}

std::optional<std::string> version_of(const VersionSource& source, Bytes data, std::string_view content_type,
                                      const Value& value) {
  if (const auto* by = std::get_if<VersionByPointer>(&source)) {
    const Value* found = at_pointer(value, by->pointer);
    if (found == nullptr) return std::nullopt;
    if (found->kind == Value::Kind::boolean) return found->truth ? "true" : "false";
    if (found->kind == Value::Kind::number) return version_number(found->text);
    return found->kind == Value::Kind::text ? std::optional(found->text) : std::nullopt;
  }
  if (const auto* by = std::get_if<VersionByByte>(&source))
    return by->at < data.size() ? std::optional(std::to_string(octet(data[by->at]))) : std::nullopt;
  return content_type.empty() ? std::nullopt : std::optional(std::string(content_type));
}

}  // namespace mq
