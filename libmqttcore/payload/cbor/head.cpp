#include "payload/cbor/head.hpp"

#include <cbor.h>
#include <fmt/core.h>

namespace mq::cbor {
namespace {

Head& head_of(void* context) { return *static_cast<Head*>(context); }

void set_number(void* context, Head::Kind kind, std::uint64_t argument) {
  head_of(context).kind = kind;
  head_of(context).argument = argument;
}

void set_string(void* context, Head::Kind kind, cbor_data data, std::size_t size) {
  head_of(context).kind = kind;
  head_of(context).string = {reinterpret_cast<const char*>(data), size};
}

void set_indefinite(void* context, Head::Kind kind) {
  head_of(context).kind = kind;
  head_of(context).indefinite = true;
}

void set_floating(void* context, std::uint8_t size, double value) {
  head_of(context).kind = Head::Kind::floating;
  head_of(context).float_size = size;
  head_of(context).number = value;
}

template <class Number, Head::Kind What>
void on_number(void* context, Number argument) {
  set_number(context, What, argument);
}

template <Head::Kind What>
void on_string(void* context, cbor_data data, std::size_t size) {
  set_string(context, What, data, size);
}

template <Head::Kind What>
void on_indefinite(void* context) {
  set_indefinite(context, What);
}

constexpr std::uint8_t simple_false = 20;
constexpr std::uint8_t simple_null = 22;
constexpr std::uint8_t simple_undefined = 23;

// By assignment, so that each is named whatever their order in the library's struct.
cbor_callbacks make_callbacks() {
  using enum Head::Kind;
  cbor_callbacks callbacks = cbor_empty_callbacks;
  callbacks.uint8 = on_number<std::uint8_t, positive>;
  callbacks.uint16 = on_number<std::uint16_t, positive>;
  callbacks.uint32 = on_number<std::uint32_t, positive>;
  callbacks.uint64 = on_number<std::uint64_t, positive>;
  callbacks.negint8 = on_number<std::uint8_t, negative>;
  callbacks.negint16 = on_number<std::uint16_t, negative>;
  callbacks.negint32 = on_number<std::uint32_t, negative>;
  callbacks.negint64 = on_number<std::uint64_t, negative>;
  callbacks.byte_string = on_string<bytes>;
  callbacks.byte_string_start = on_indefinite<bytes>;
  callbacks.string = on_string<text>;
  callbacks.string_start = on_indefinite<text>;
  callbacks.array_start = on_number<std::size_t, array>;
  callbacks.indef_array_start = on_indefinite<array>;
  callbacks.map_start = on_number<std::size_t, map>;
  callbacks.indef_map_start = on_indefinite<map>;
  callbacks.tag = on_number<std::uint64_t, tag>;
  callbacks.float2 = [](void* context, float value) { set_floating(context, 2, value); };
  callbacks.float4 = [](void* context, float value) { set_floating(context, 4, value); };
  callbacks.float8 = [](void* context, double value) { set_floating(context, 8, value); };
  callbacks.boolean = [](void* context, bool truth) {
    set_number(context, simple, simple_false + (truth ? 1U : 0U));
  };
  callbacks.null = [](void* context) { set_number(context, simple, simple_null); };
  callbacks.undefined = [](void* context) { set_number(context, simple, simple_undefined); };
  callbacks.indef_break = [](void* context) { head_of(context).kind = stop; };
  return callbacks;
}

constexpr std::string_view cut_short = "the data ends within this item";

// What the library takes for an error though it is well-formed: tags 6 to 20, and the simple values other
// than its four. Sets `head` and says how many bytes it has; 0 when it is an error indeed.
Result<std::size_t> refused_head(Bytes data, Head& head) {
  const std::uint8_t first = octet(data.front());
  const std::uint8_t low = first & 0x1F;
  constexpr std::uint8_t one_byte_follows = 24;
  if (first >= 0xC0 && first < 0xC0 + one_byte_follows) {
    set_number(&head, Head::Kind::tag, low);
    return 1;
  }
  if (first >= 0xE0 && first < 0xE0 + one_byte_follows) {
    set_number(&head, Head::Kind::simple, low);
    return 1;
  }
  if (first != 0xE0 + one_byte_follows) return not_cbor(head.offset, "a reserved form of head");
  if (data.size() < 2) return not_cbor(head.offset, cut_short);
  // Below 32 the short form is the only one (3.3).
  if (octet(data[1]) < 32) return not_cbor(head.offset, "a reserved form of simple value");
  set_number(&head, Head::Kind::simple, octet(data[1]));
  return 2;
}

}  // namespace

std::unexpected<Error> not_cbor(std::size_t offset, std::string_view why) {
  return fail(ErrorKind::payload, fmt::format("this is not CBOR: at byte {}: {}", offset, why));
}

Result<Head> Heads::next() {
  static const cbor_callbacks callbacks = make_callbacks();
  Head head{.offset = at_};
  const Bytes rest = data_.substr(at_);
  const cbor_decoder_result result =
      cbor_stream_decode(reinterpret_cast<cbor_data>(rest.data()), rest.size(), &callbacks, &head);
  if (result.status == CBOR_DECODER_NEDATA) return not_cbor(at_, cut_short);
  std::size_t size = result.read;
  if (result.status == CBOR_DECODER_ERROR) {
    const auto refused = refused_head(rest, head);
    if (!refused) return std::unexpected(refused.error());
    size = *refused;
  }
  at_ += size;
  return head;
}

}  // namespace mq::cbor
