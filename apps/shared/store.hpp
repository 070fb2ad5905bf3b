// Makers of setters, so that a row says in one word what its value must be and where it goes. Every target
// must outlive the setter.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "base/time.hpp"
#include "shared/option.hpp"
#include "wire/version.hpp"

namespace mq {

inline std::unexpected<Error> usage(std::string text, std::string hint = {}) {
  return fail(ErrorKind::usage, std::move(text), 0, std::move(hint));
}

OptionSetter store_flag(bool& target);

// A whole number from `least` to `most`, both included.
template <class T, class Target>
OptionSetter store_number(Target& target, T least = 0, T most = std::numeric_limits<T>::max()) {
  return [&target, least, most](OptionValues values) -> Result<void> {
    const auto number = parse_number<T>(values[0]);
    if (!number || *number < least || *number > most) {
      return usage(fmt::format("{} is not a whole number from {} to {}", quoted(values[0]), least, most));
    }
    target = *number;
    return {};
  };
}

template <class Choice>
struct ChoiceRow {
  std::string_view word;
  Choice choice;
};

// One of the words of `rows`, which are static.
template <class Choice, std::size_t Size, class Target>
OptionSetter store_choice(Target& target, const ChoiceRow<Choice> (&rows)[Size]) {
  return [&target, &rows](OptionValues values) -> Result<void> {
    std::string known;
    for (const ChoiceRow<Choice>& row : rows) {
      if (row.word == values[0]) {
        target = row.choice;
        return {};
      }
      known.append(known.empty() ? "" : ", ").append(row.word);
    }
    return usage(fmt::format("{} is none of {}", quoted(values[0]), known));
  };
}

// Seconds, fractions allowed, `least` at least.
OptionSetter store_seconds(Duration& target);
OptionSetter store_seconds(std::optional<Duration>& target);
OptionSetter store_seconds_above_0(std::optional<Duration>& target);

// So many a second, fractions allowed, as the time from one to the next.
OptionSetter store_rate(std::optional<Duration>& every);

OptionSetter store_qos(QoS& target);

// Any bytes at all.
OptionSetter store_bytes(std::string& target);
OptionSetter store_bytes(std::optional<std::string>& target);

// What MQTT can carry as text: valid UTF-8 of at most 65,535 bytes.
OptionSetter store_text(std::string& target);
OptionSetter store_text(std::optional<std::string>& target);

// A setter that hands the one value to `store`.
template <class Target>
OptionSetter one_value(Target& target, Result<void> (*store)(Target&, std::string_view)) {
  return [&target, store](OptionValues values) { return store(target, values[0]); };
}

// What ends a record in a stream, one byte: itself, or written \n, \r, \t, \0, \\ or \xHH.
OptionSetter store_delimiter(char& target);

// Anything but an empty name.
OptionSetter store_path(std::string& target);

// One valid topic name, or one valid topic filter, appended to `target`.
OptionSetter append_topic(std::vector<std::string>& target);
OptionSetter append_filter(std::vector<std::string>& target);

Result<void> check_mqtt_text(std::string_view text);

}  // namespace mq
