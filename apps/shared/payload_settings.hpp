// What the options of the group "Payloads" amount to: the format, what it needs, and what payloads are held
// to.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "payload/payload_reader.hpp"
#include "shared/option.hpp"

namespace mq {

struct PayloadSettings {
  std::string format;    // --format: a row of codecs.hpp, "auto", "raw"; empty: not given
  ReaderOptions reader;  // without the format
  // The first option given that means nothing unless payloads are read ("--proto-type").
  std::optional<std::string> needs_reading;

  // Payloads are to be read even where that is not the custom.
  bool asked() const { return needs_reading || (!format.empty() && format != "raw"); }
  // What a PayloadReader is made with.
  ReaderOptions reader_options() const;
};

void payload_options(OptionRows& rows, PayloadSettings& settings);

// --answer-format, --answer-schema, --answer-proto-type and --answer-avro-schema, where the options above are
// about requests.
void answer_payload_options(OptionRows& rows, PayloadSettings& answers);
// After finish_payloads(): what answers have in common with requests. The map, definitions and folders are
// one for both; so is the format unless answers have their own, and unless it is nothing without a type.
void share_payloads(const PayloadSettings& requests, PayloadSettings& answers);

// Combinations that make no sense. Kind usage.
Result<void> finish_payloads(PayloadSettings& settings);

// "/temp: maximum: expected at most 50, found 61"
std::string in_words(const Violation& violation);

}  // namespace mq
