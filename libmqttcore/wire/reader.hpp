// One packet's body on its way to a struct: a Cursor that knows whose packet it reads and keeps the first
// thing that is wrong as an Error. After that all reads give zero or nothing, so the functions below need no
// check of their own; the caller of the last asks for the error. Internal to wire.
#pragma once

#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "wire/cursor.hpp"
#include "wire/frame.hpp"
#include "wire/packet.hpp"

namespace mq {

class Reader {
 public:
  Reader(const Frame& frame, Version version, Sender sender)
      : cursor_(frame.body), type_(frame.type), version_(version), sender_(sender) {}

  Version version() const { return version_; }
  void set_version(Version version) { version_ = version; }
  Sender sender() const { return sender_; }
  bool empty() const { return cursor_.empty(); }
  std::size_t left() const { return cursor_.left(); }

  std::uint8_t byte() { return cursor_.byte(); }
  std::uint16_t two_bytes() { return cursor_.two_bytes(); }
  Bytes binary() { return cursor_.prefixed(); }
  Bytes take(std::size_t count) { return cursor_.take(count); }
  Bytes rest() { return cursor_.take_rest(); }

  // `field` names the string in an error: "client id".
  std::string_view text(std::string_view field);
  // Refuses wildcards and an empty name.
  void require_topic_name(std::string_view topic, std::string_view field);
  std::string_view topic_filter();
  // [MQTT-2.2.1-3]
  PacketId packet_id() {
    const PacketId id = cursor_.two_bytes();
    if (id == 0) breach("packet identifier is 0");
    return id;
  }
  ReasonCode reason() { return reason(byte()); }
  ReasonCode reason(std::uint8_t code);
  // Nothing below 5.0.
  Properties properties() { return version_ == Version::v5 ? read_properties(bit_of(type_)) : Properties{}; }
  Properties will_properties() { return version_ == Version::v5 ? read_properties(will_bit) : Properties{}; }

  // Only the first counts; `what` is text behind "malformed CONNECT: " or "CONNECT breaks the protocol: ".
  void malformed(std::string_view what);
  void breach(std::string_view what, ReasonCode reason = ReasonCode::protocol_error);

  // Of all that was read: bytes that are missing, or left over, are an error too.
  bool finished() { return cursor_.empty() && cursor_.state() == Cursor::State::good && !error_; }
  Error take_error();

 private:
  Properties read_properties(PacketSet in);
  void refuse(ErrorKind kind, std::string text, ReasonCode reason);

  Cursor cursor_;
  PacketType type_;
  Version version_;
  Sender sender_;
  std::optional<Error> error_;
};

}  // namespace mq
