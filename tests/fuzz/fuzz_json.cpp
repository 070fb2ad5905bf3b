// Arbitrary bytes as JSON, and as every format that shows bytes as they are. What any reader takes ours
// takes; a value written is a value read; text and digits give the bytes back.
#include <cstdint>

#include "payload/detect.hpp"
#include "payload/json.hpp"
#include "payload/json_text.hpp"
#include "payload/plain_codecs.hpp"

namespace {

using namespace mq;

void round_trip(MadeCodec (*make)(const CodecOptions&), Bytes input) {
  const MadeCodec codec = make({});
  const auto value = (*codec)->decode(input, {});
  if (!value) return;
  Buffer shown;
  Ink ink(shown, {});
  if (!(*codec)->write_notation(input, {}, *value, ink)) __builtin_trap();
  Buffer bytes;
  if (make != make_text_codec && (!(*codec)->encode(shown, bytes) || bytes != input)) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input(reinterpret_cast<const char*>(data), size);
  const auto value = parse_json(input);
  if (!value && is_json(input)) __builtin_trap();
  if (value) {
    Buffer json;
    append_json(*value, json);
    if (parse_json(json) != *value) __builtin_trap();
    Buffer laid_out;
    Ink ink(laid_out, {.colour = false, .lines = true});
    write_json(*value, ink);
    if (parse_json(laid_out) != *value) __builtin_trap();
  } else if (value.error().kind != ErrorKind::payload || value.error().text.size() > 200) {
    __builtin_trap();
  }
  for (auto* make : {make_text_codec, make_hex_codec, make_hexdump_codec, make_base64_codec}) {
    round_trip(make, input);
    Buffer bytes;
    (void)(*make({}))->encode(input, bytes);
  }
  if (!input.empty()) (void)detect_format(input);
  return 0;
}
