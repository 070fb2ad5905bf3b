// Every vector used three ways (decoded, encoded back, fed at every split), and then spoiled in every place.
#include "wire/vectors.hpp"

#include <doctest/doctest.h>

#include <memory>

#include "base/text.hpp"
#include "wire/round_trip.hpp"

namespace mq::testing {
namespace {

// A copy of exactly its size, so that a sanitizer sees every read past its end.
class Exact {
 public:
  explicit Exact(Bytes bytes) : size_(bytes.size()), data_(std::make_unique<char[]>(size_)) {
    bytes.copy(data_.get(), size_);
  }
  Bytes view() const { return {data_.get(), size_}; }
  char& operator[](std::size_t i) { return data_[i]; }

 private:
  std::size_t size_;
  std::unique_ptr<char[]> data_;
};

// Whatever becomes of damaged bytes: an error with a reason that a DISCONNECT may carry, or a packet that
// holds together.
void check_damaged(Bytes bytes, Version version, Sender sender) {
  REQUIRE_EQ(plain_fault(bytes, version), "");
  const auto frame = next_frame(bytes);
  if (frame && !*frame) return;
  const auto packet =
      frame ? decode(**frame, version, sender) : Result<Packet>(std::unexpected(frame.error()));
  if (packet) {
    REQUIRE_EQ(round_trip_fault(*packet, version, sender), "");
    return;
  }
  const Error& error = packet.error();
  REQUIRE((error.kind == ErrorKind::malformed || error.kind == ErrorKind::protocol));
  REQUIRE(error.reason >= 0x80);
  REQUIRE_FALSE(error.text.empty());
}

}  // namespace

TEST_CASE("vectors: enough of them, over all versions and both sides") {
  CHECK(valid_vectors().size() >= 120);
  CHECK(invalid_vectors().size() >= 150);
  CHECK(all_valid_vectors().size() >= 350);
}

TEST_CASE("vectors: each decodes to its meaning") {
  for (const OwnVector& vector : all_valid_vectors()) {
    CAPTURE(vector.name);
    CAPTURE(to_hex(vector.bytes));
    const Exact bytes(vector.bytes);
    const auto packet = decode_whole(bytes.view(), vector.version, vector.sender);
    if (!packet) FAIL_CHECK(packet.error().text);
    if (packet) CHECK_EQ(describe(*packet, vector.version), vector.meaning);
    for (const Version version : {Version::v31, Version::v311, Version::v5})
      CHECK_EQ(plain_fault(bytes.view(), version), "");
  }
}

TEST_CASE(
    "[MQTT-2.2.2-1][MQTT-3.1.3-1][MQTT-3.1.3-3][MQTT311-3.1.3-1][MQTT311-3.1.3-3] vectors: each is encoded "
    "to its bytes") {
  for (const OwnVector& vector : all_valid_vectors()) {
    CAPTURE(vector.name);
    const auto packet = decode_whole(vector.bytes, vector.version, vector.sender);
    REQUIRE(packet);
    CHECK_EQ(round_trip_fault(*packet, vector.version, vector.sender), "");
    Buffer out = "before";
    REQUIRE(encode(*packet, vector.version, vector.sender, out));
    CHECK_EQ(out.substr(0, 6), "before");
    if (vector.canonical) {
      CHECK_EQ(to_hex(Bytes(out).substr(6)), to_hex(vector.bytes));
    } else {
      CHECK_NE(to_hex(Bytes(out).substr(6)), to_hex(vector.bytes));
    }
  }
}

TEST_CASE("[MQTT-2.1.3-1][MQTT311-2.2.2-1] every packet that is encoded has the flags of its type") {
  using enum PacketType;
  unsigned seen[3] = {};
  for (const OwnVector& vector : all_valid_vectors()) {
    CAPTURE(vector.name);
    const auto packet = decode_whole(vector.bytes, vector.version, vector.sender);
    REQUIRE(packet);
    Buffer out;
    REQUIRE(encode(*packet, vector.version, vector.sender, out));
    const auto type = static_cast<PacketType>(octet(out[0]) >> 4U);
    const bool two = type == pubrel || type == subscribe || type == unsubscribe;
    if (type != publish) CHECK_EQ(octet(out[0]) & 0xFU, two ? 2U : 0U);
    CHECK_EQ(type, type_of(*packet));
    const int row = vector.version == Version::v5 ? 2 : vector.version == Version::v311 ? 1 : 0;
    seen[row] |= 1U << static_cast<unsigned>(type);
  }
  CHECK_EQ(seen[0], 0x7FFEU);  // 1 to 14
  CHECK_EQ(seen[1], 0x7FFEU);
  CHECK_EQ(seen[2], 0xFFFEU);  // and AUTH
}

TEST_CASE("[MQTT-6.0.0-2][MQTT311-6.0.0-2] vectors: fed byte by byte, each comes whole or not at all") {
  for (const OwnVector& vector : all_valid_vectors()) {
    CAPTURE(vector.name);
    for (std::size_t length = 0; length < vector.bytes.size(); ++length) {
      const Exact part(Bytes(vector.bytes).substr(0, length));
      const auto frame = next_frame(part.view());
      REQUIRE(frame);
      REQUIRE_FALSE(frame->has_value());
      REQUIRE_EQ(plain_fault(part.view(), vector.version), "");
    }
    const Exact more(fmt::format("{}\xc0", vector.bytes));
    const auto frame = next_frame(more.view());
    REQUIRE(frame);
    REQUIRE(frame->has_value());
    CHECK_EQ((*frame)->size, vector.bytes.size());
    CHECK_EQ((*frame)->body.data() + (*frame)->body.size(), more.view().data() + vector.bytes.size());
  }
}

TEST_CASE("vectors: each invalid one is refused for its reason") {
  for (const InvalidVector& vector : invalid_vectors()) {
    CAPTURE(vector.name);
    const Exact bytes(*from_hex(vector.hex));
    const auto packet = decode_whole(bytes.view(), vector.version, vector.sender);
    if (packet) FAIL_CHECK(describe(*packet, vector.version));
    if (packet) continue;
    CAPTURE(packet.error().text);
    CHECK_EQ(static_cast<int>(packet.error().kind), static_cast<int>(vector.kind));
    CHECK_EQ(packet.error().reason, vector.reason);
  }
}

TEST_CASE("vectors: each invalid one, fed byte by byte, is refused no later than when it is whole") {
  for (const InvalidVector& vector : invalid_vectors()) {
    CAPTURE(vector.name);
    const Buffer whole = *from_hex(vector.hex);
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const Exact part(Bytes(whole).substr(0, length));
      const auto frame = next_frame(part.view());
      if (frame) REQUIRE_FALSE(frame->has_value());
      if (!frame) REQUIRE_EQ(frame.error().reason, vector.reason);
    }
  }
}

TEST_CASE("vectors: a body cut anywhere never decodes past its end") {
  for (const OwnVector& vector : all_valid_vectors()) {
    CAPTURE(vector.name);
    const auto frame = next_frame(vector.bytes);
    REQUIRE(frame);
    for (std::size_t length = 0; length < (*frame)->body.size(); ++length) {
      const Exact body((*frame)->body.substr(0, length));
      Frame cut = **frame;
      cut.body = body.view();
      const auto packet = decode(cut, vector.version, vector.sender);
      if (packet) REQUIRE_EQ(round_trip_fault(*packet, vector.version, vector.sender), "");
      if (!packet) REQUIRE(packet.error().reason >= 0x80);
    }
  }
}

TEST_CASE("vectors: whatever byte is changed, what decodes holds together") {
  constexpr std::uint8_t changes[] = {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xFF};
  for (const OwnVector& vector : all_valid_vectors()) {
    CAPTURE(vector.name);
    for (std::size_t at = 0; at < vector.bytes.size(); ++at) {
      for (const std::uint8_t change : changes) {
        Exact changed(vector.bytes);
        changed[at] = static_cast<char>(octet(changed[at]) ^ change);
        check_damaged(changed.view(), vector.version, vector.sender);
      }
    }
  }
}

TEST_CASE("vectors: read as another version or from the other side, what decodes holds together") {
  for (const OwnVector& vector : all_valid_vectors()) {
    CAPTURE(vector.name);
    for (const Version version : {Version::v31, Version::v311, Version::v5}) {
      for (const Sender sender : {Sender::client, Sender::server})
        check_damaged(vector.bytes, version, sender);
    }
  }
}

}  // namespace mq::testing
