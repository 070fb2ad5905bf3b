// Properties of MQTT 5.0 (2.2.2): one table of what exists, a view of an encoded block, and a block that owns
// its bytes. A packet carries its properties as the encoded block itself, both when decoded and when about to
// be encoded: nothing is copied, order and duplicates of user properties stay as they came. Properties views
// bytes of the packet it was decoded from (or of a PropertyList) and lives no longer than they do.
#pragma once

#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "wire/packet_type.hpp"
#include "wire/version.hpp"

namespace mq {

enum class PropertyId : std::uint8_t {
  payload_format_indicator = 0x01,
  message_expiry_interval = 0x02,
  content_type = 0x03,
  response_topic = 0x08,
  correlation_data = 0x09,
  subscription_identifier = 0x0B,
  session_expiry_interval = 0x11,
  assigned_client_identifier = 0x12,
  server_keep_alive = 0x13,
  authentication_method = 0x15,
  authentication_data = 0x16,
  request_problem_information = 0x17,
  will_delay_interval = 0x18,
  request_response_information = 0x19,
  response_information = 0x1A,
  server_reference = 0x1C,
  reason_string = 0x1F,
  receive_maximum = 0x21,
  topic_alias_maximum = 0x22,
  topic_alias = 0x23,
  maximum_qos = 0x24,
  retain_available = 0x25,
  user_property = 0x26,
  maximum_packet_size = 0x27,
  wildcard_subscription_available = 0x28,
  subscription_identifier_available = 0x29,
  shared_subscription_available = 0x2A,
};

enum class PropertyType : std::uint8_t { byte, two_byte, four_byte, variable, utf8, binary, pair };

struct PropertyRow {
  PropertyId id;
  PropertyType type;
  std::string_view name;  // as options and JSON spell it: "message-expiry-interval"
  PacketSet by_client;    // packets (and the will) in which a client may send it
  PacketSet by_server;
  bool repeats;  // may stand more than once in one packet (user properties; subscription identifiers from a
                 // server)
  std::uint32_t least, most;  // range of a number
};

std::span<const PropertyRow> property_rows();
const PropertyRow* find_property(std::uint8_t id);
const PropertyRow* find_property(std::string_view name);

// One property, decoded: numbers in `number`, text and binary in `value`, a pair in `name` and `value`.
struct Property {
  PropertyId id{};
  std::uint32_t number = 0;
  std::string_view name;
  Bytes value;
};

class Properties {
 public:
  // Walks a block that is well-formed; a malformed rest ends the walk.
  class Iterator {
   public:
    using value_type = Property;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    explicit Iterator(Bytes rest) : rest_(rest) { ++*this; }
    const Property& operator*() const { return property_; }
    const Property* operator->() const { return &property_; }
    Iterator& operator++();
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return at_end_; }

   private:
    Bytes rest_;
    Property property_;
    bool at_end_ = false;
  };

  Properties() = default;
  // `block` without its leading length, already checked (check_properties) or made by PropertyList.
  explicit Properties(Bytes block) : block_(block) {}

  Iterator begin() const { return Iterator(block_); }
  std::default_sentinel_t end() const { return {}; }
  bool empty() const { return block_.empty(); }
  Bytes block() const { return block_; }
  bool operator==(const Properties&) const = default;

  // The first property of that id. Most packets have none at all, which costs nothing.
  std::optional<std::uint32_t> number(PropertyId id) const {
    if (block_.empty()) return std::nullopt;
    return find_number(id);
  }
  std::optional<Bytes> bytes(PropertyId id) const {
    if (block_.empty()) return std::nullopt;
    return find_bytes(id);
  }
  bool contains(PropertyId id) const { return number(id).has_value(); }

 private:
  std::optional<std::uint32_t> find_number(PropertyId id) const;
  std::optional<Bytes> find_bytes(PropertyId id) const;

  Bytes block_;
};

// A block under construction. Copyable, plain data.
class PropertyList {
 public:
  PropertyList() = default;
  explicit PropertyList(Properties properties) : block_(properties.block()) {}  // a copy

  // Each refuses, with kind usage, what no packet could carry: a value out of the table's range, text that is
  // not valid UTF-8 or holds U+0000, more than 65535 bytes, the wrong type for the id. Whether the property
  // fits a packet is check_properties' question.
  Result<void> add(PropertyId id, std::uint32_t number);
  Result<void> add(PropertyId id, Bytes value);
  Result<void> add_user(std::string_view name, std::string_view value);
  // Appends one property of another block as it stands.
  void add(const Property& property);
  void remove(PropertyId id);  // all of that id
  void clear() { block_.clear(); }

  Properties view() const { return Properties(block_); }
  bool empty() const { return block_.empty(); }

 private:
  Buffer block_;
};

// Whether `block` is well-formed and may stand in a packet: `in` is one bit (bit_of(type) or will_bit). An
// unknown id, a value of a wrong form or a misplaced property is malformed (0x81); a second one of a kind or
// a value out of range is a protocol error (0x82) unless the specification names another code (topic alias 0:
// 0x94). [MQTT-1.5.4-1] [MQTT-1.5.7-1] [MQTT-3.3.2-8]
// In a server's PUBLISH a response topic may hold wildcards or be empty, and a payload format indicator be
// any number: they are another client's, and whoever uses them checks them.
Result<void> check_properties(Bytes block, PacketSet in, Sender sender);

}  // namespace mq
