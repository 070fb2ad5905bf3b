// Arbitrary bytes as a message: raw, and by a schema that has every type. The first byte chooses the type.
// What is shown in text format and read again must show the same.
#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "payload/json.hpp"
#include "payload/protobuf/protobuf_codec.hpp"

namespace {

using namespace mq;

std::unique_ptr<Codec> made(const std::string& file, const std::string& type) {
  const std::string folder = MQTTKIT_SOURCE_DIR "/tests/payload/proto/";
  CodecOptions options{.message_type = type};
  if (!file.empty()) options.proto_files = {folder + file};
  options.proto_paths = {folder + "deps"};
  auto codec = make_protobuf_codec(options);
  if (!codec) __builtin_trap();
  return std::move(*codec);
}

void show(Codec& codec, Bytes data, bool readable) {
  const auto value = codec.decode(data, {});
  if (!value) {
    if (value.error().text.empty()) __builtin_trap();
    return;
  }
  Buffer notation;
  Ink ink(notation, {});
  if (!codec.write_notation(data, {}, *value, ink) || !codec.check_strict(data, {})) __builtin_trap();
  Buffer json;
  append_json(*value, json);
  Buffer again;
  (void)codec.encode(json, again);
  again.clear();
  if (!readable || !codec.encode(notation, again)) return;
  const auto same = codec.decode(again, {});
  if (!same || *same != *value) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::array codecs{made("", ""), made("all3.proto", "plant.All"),
                                 made("old2.proto", "plant.old.Old"), made("", "google.protobuf.Any")};
  if (size == 0) return 0;
  const std::size_t which = data[0] % codecs.size();
  show(*codecs[which], {reinterpret_cast<const char*>(data + 1), size - 1}, which != 0);
  return 0;
}
