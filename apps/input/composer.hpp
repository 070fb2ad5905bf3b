// Makes the bytes of a message out of what was written for it: text into the format of its topic, held to the
// topic's schema. Only there when options ask for it; otherwise payloads go as they are.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "payload/compression.hpp"
#include "payload/payload_reader.hpp"
#include "shared/log.hpp"
#include "shared/payload_settings.hpp"
#include "wire/property.hpp"

namespace mq {

class Composer {
 public:
  // nullptr when nothing asks for one. `settings` and `log` outlive it. Kind usage or io when a schema or the
  // map is wrong.
  static Result<std::unique_ptr<Composer>> make(const PayloadSettings& settings,
                                                std::optional<Compression> compress, const Log& log);

  // An empty message, which otherwise is held to nothing, breaks its schema: among lines it is a slip.
  void refuse_empty() { refuses_empty_ = true; }

  // The bytes for `topic`, which live until the next call. Kind payload when its format can't hold `text`,
  // kind schema when it breaks the schema: it must not be sent.
  Result<Bytes> compose(std::string_view topic, Bytes text, const Properties& properties);

 private:
  Composer(const PayloadSettings& settings, std::optional<Compression> compress, const Log& log)
      : settings_(settings), compress_(compress), log_(log) {}

  Result<void> check(std::string_view topic, Bytes payload, const Properties& properties);

  const PayloadSettings& settings_;
  std::optional<Compression> compress_;
  const Log& log_;
  std::unique_ptr<PayloadReader> reader_;
  Buffer payload_;
  bool refuses_empty_ = false;
  bool warned_ = false;
};

}  // namespace mq
