// Arbitrary messages to one reader with a payload map, and to one that finds everything out: the first byte
// chooses the reader, the topic and the indicator, the second one what the content type says. Whatever comes,
// a reading has a value or says why not, its bytes are the message's or what it held unpacked, and what a
// codec made can be shown as its notation.
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "fuzz/target.hpp"
#include "payload/json.hpp"
#include "payload/payload_reader.hpp"

namespace {

using namespace mq;

constexpr std::array<std::string_view, 9> topics{
    "none", "proto", "avro", "cbor", "versions", "byte", "any", "spBv1.0/g/NBIRTH/n", "spBv1.0/g/NDATA/n"};
constexpr std::array<std::string_view, 8> content_types{"",
                                                        "application/json",
                                                        "application/cbor",
                                                        "application/msgpack",
                                                        "text/plain; charset=utf-8",
                                                        "application/protobuf",
                                                        "avro/binary",
                                                        "\xFF;;="};

std::unique_ptr<PayloadReader> reader_with(ReaderOptions options) {
  auto made = PayloadReader::make(std::move(options));
  require(made.has_value());
  return std::move(*made);
}

void read(PayloadReader& reader, const Received& received) {
  const Reading& reading = reader.read(received);
  Buffer json;
  append_json(reading.value, json);
  require(parse_json(json).has_value());
  if (reading.undecoded) require(!reading.undecoded->text.empty());
  require(reading.checked || reading.violations.empty());
  if (reading.unpacked.empty()) require(reading.data == received.payload);
  if (reading.codec == nullptr) return;
  Buffer shown;
  Ink ink(shown, {.lines = true});
  require(
      reading.codec->write_notation(reading.data, {received.topic, received.content_type}, reading.value, ink)
          .has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  [[maybe_unused]] static const int found = ::setenv("MQTTKIT_MODULES", MQ_MODULES, 1);
  static const auto mapped =
      reader_with({.map_file = MQTTKIT_SOURCE_DIR "/tests/fuzz/reader/payloads.toml", .validate = true});
  static const auto free = reader_with({});
  if (size < 2) return 0;
  const Bytes payload(reinterpret_cast<const char*>(data + 2), size - 2);
  const Received received{.topic = topics[(data[0] >> 2U) % topics.size()],
                          .payload = payload,
                          .content_type = content_types[data[1] % content_types.size()],
                          .is_utf8 = (data[0] & 2U) != 0};
  PayloadReader& reader = (data[0] & 1U) != 0 ? *mapped : *free;
  read(reader, received);
  Buffer bytes;
  const auto encoded = reader.encode(received.topic, payload, bytes);
  if (encoded) read(reader, {.topic = received.topic, .payload = bytes});
  return 0;
}
