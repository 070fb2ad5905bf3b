// Makes the bytes of a message out of what was written for it: text into the format of its topic, held to the
// topic's schema. Only there when options ask for it; otherwise payloads go as they are.
#pragma once

#include <memory>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "payload/payload_reader.hpp"
#include "pub/settings.hpp"

namespace mq {

class Composer {
 public:
  // nullptr when nothing asks for one. `settings` outlives it. Kind usage or io when a schema or the map is
  // wrong.
  static Result<std::unique_ptr<Composer>> make(const PubSettings& settings);

  // The bytes for `topic`, which live until the next call. Kind payload when its format can't hold `text`,
  // kind schema when it breaks the schema: it must not be sent.
  Result<Bytes> compose(std::string_view topic, Bytes text, const Properties& properties);

 private:
  explicit Composer(const PubSettings& settings) : settings_(settings) {}

  Result<void> check(std::string_view topic, Bytes payload, const Properties& properties);

  const PubSettings& settings_;
  std::unique_ptr<PayloadReader> reader_;
  Buffer payload_;
  bool warned_ = false;
};

}  // namespace mq
