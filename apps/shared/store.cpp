#include "shared/store.hpp"

#include "base/utf8.hpp"
#include "shared/quantities.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

template <class Target>
OptionSetter seconds_into(Target& target) {
  return [&target](OptionValues values) -> Result<void> {
    const auto seconds = parse_seconds(values[0]);
    if (!seconds) return usage(fmt::format("{} is not a number of seconds", quoted(values[0])));
    target = *seconds;
    return {};
  };
}

template <class Target>
OptionSetter bytes_into(Target& target) {
  return [&target](OptionValues values) -> Result<void> {
    target = std::string(values[0]);
    return {};
  };
}

template <class Target>
OptionSetter text_into(Target& target) {
  return [&target](OptionValues values) -> Result<void> {
    if (auto checked = check_mqtt_text(values[0]); !checked) return checked;
    target = std::string(values[0]);
    return {};
  };
}

OptionSetter append_checked(std::vector<std::string>& target, Result<void> (*check)(std::string_view)) {
  return [&target, check](OptionValues values) -> Result<void> {
    if (auto checked = check(values[0]); !checked) return checked;
    target.emplace_back(values[0]);
    return {};
  };
}

// The one byte that `text` writes.
std::optional<char> byte_of(std::string_view text) {
  if (text.size() == 1) return text[0];
  if (text.size() < 2 || text[0] != '\\') return std::nullopt;
  constexpr std::string_view letters = "nrt0\\";
  constexpr std::string_view bytes("\n\r\t\0\\", 5);
  if (const std::size_t at = letters.find(text[1]); at != letters.npos && text.size() == 2) return bytes[at];
  if (text[1] != 'x' || text.size() != 4) return std::nullopt;
  const auto decoded = from_hex(text.substr(2));
  return decoded && decoded->size() == 1 ? std::optional((*decoded)[0]) : std::nullopt;
}

}  // namespace

OptionSetter store_flag(bool& target) {
  return [&target](OptionValues) -> Result<void> {
    target = true;
    return {};
  };
}

OptionSetter store_seconds(Duration& target) { return seconds_into(target); }
OptionSetter store_seconds(std::optional<Duration>& target) { return seconds_into(target); }

OptionSetter store_seconds_above_0(std::optional<Duration>& target) {
  return [&target](OptionValues values) -> Result<void> {
    const auto seconds = parse_seconds(values[0]);
    if (!seconds || *seconds <= Duration::zero())
      return usage(fmt::format("{} is not a number of seconds above 0", quoted(values[0])));
    target = *seconds;
    return {};
  };
}

OptionSetter store_rate(std::optional<Duration>& every) {
  return [&every](OptionValues values) -> Result<void> {
    const auto rate = parse_number<double>(values[0]);
    if (!rate || !(*rate >= 1e-6 && *rate <= 1e9))
      return usage(fmt::format("{} is no number of messages a second", quoted(values[0])));
    every = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(1 / *rate));
    return {};
  };
}

OptionSetter store_qos(QoS& target) {
  return [&target](OptionValues values) -> Result<void> {
    const auto number = parse_number<std::uint8_t>(values[0]);
    if (!number || *number > 2) return usage(fmt::format("{} is not a QoS: 0, 1 or 2", quoted(values[0])));
    target = static_cast<QoS>(*number);
    return {};
  };
}

OptionSetter store_bytes(std::string& target) { return bytes_into(target); }
OptionSetter store_bytes(std::optional<std::string>& target) { return bytes_into(target); }
OptionSetter store_text(std::string& target) { return text_into(target); }
OptionSetter store_text(std::optional<std::string>& target) { return text_into(target); }

OptionSetter store_delimiter(char& target) {
  return [&target](OptionValues values) -> Result<void> {
    const auto byte = byte_of(values[0]);
    if (!byte)
      return usage(fmt::format("{} is not one byte", quoted(values[0])),
                   "write it itself, or as \\n, \\r, \\t, \\0, \\\\ or \\xHH");
    target = *byte;
    return {};
  };
}

OptionSetter store_path(std::string& target) {
  return [&target](OptionValues values) -> Result<void> {
    if (values[0].empty()) return usage("the file name is empty");
    target = std::string(values[0]);
    return {};
  };
}

OptionSetter append_topic(std::vector<std::string>& target) {
  return append_checked(target, check_topic_name);
}
OptionSetter append_filter(std::vector<std::string>& target) {
  return append_checked(target, check_topic_filter);
}

Result<void> check_mqtt_text(std::string_view text) {
  if (text.size() > 65535) return usage(fmt::format("{} bytes are too many: at most 65535", text.size()));
  if (const std::size_t valid = utf8_valid_prefix(text); valid != text.size()) {
    return usage(fmt::format("{} is not valid UTF-8 (byte {})", quoted(text), valid + 1));
  }
  if (text.find('\0') != text.npos) return usage("text must not hold U+0000");
  return {};
}

}  // namespace mq
