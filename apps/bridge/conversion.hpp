// New payloads out of what a message says: through a jq program, which gets the message as mqtt-sub's --jq
// does, and written in another format. And what the properties of MQTT 5.0 then say of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/error.hpp"
#include "bridge/plan.hpp"
#include "payload/codecs.hpp"
#include "payload/jq.hpp"
#include "payload/payload_reader.hpp"
#include "shared/local_time.hpp"
#include "wire/packet.hpp"

namespace mq {

class Conversion {
 public:
  // What a program may make of one message.
  static constexpr std::size_t most_results = 1000;
  static constexpr std::size_t most_bytes = std::size_t{16} << 20;

  // nullptr when the plan asks for neither program nor format. Kind usage or io.
  static Result<std::unique_ptr<Conversion>> make(const TreatmentPlan& plan);

  // An empty payload says nothing in any format; a program may make something of it.
  bool leaves(Bytes payload) const { return payload.empty() && jq_ == nullptr; }

  // The payloads that come of `message`, whose payload `reading` is of; none when the program makes none.
  // `message` has the source's topic; `arrived` in milliseconds since 1970. Kind payload when the payload
  // can't be told or read, when the program fails or makes too much, or when the format can't hold it. The
  // payloads live until the next call.
  Result<std::span<const Buffer>> convert(const Publish& message, const Reading& reading,
                                          std::int64_t arrived);

  // `came` with a content type and a payload format indicator that are true of the new payloads.
  void describe(Properties came, PropertyList& made) const;

 private:
  Conversion() = default;
  Result<void> write(std::string_view topic, const Value& value);
  Result<void> run(const Publish& message, const Reading& reading, std::int64_t arrived);

  const CodecRow* format_ = nullptr;  // of the new payloads
  std::unique_ptr<PayloadReader> writer_;
  std::unique_ptr<Jq> jq_;
  std::vector<Value> results_;
  std::vector<Buffer> payloads_;
  Buffer text_;
  LocalTime time_;
  bool same_ = false;  // the last payload stayed as it was
};

}  // namespace mq
