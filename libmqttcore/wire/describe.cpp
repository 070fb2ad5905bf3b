#include "wire/describe.hpp"

#include <fmt/core.h>

#include <iterator>

#include "base/text.hpp"

namespace mq {
namespace {

// Appends to one line; each packet's operator() writes what stands behind the packet's name.
class Line {
 public:
  explicit Line(Version version) : version_(version) {}

  std::string take() && { return std::move(text_); }

  template <class... Values>
  void add(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
  }

  void operator()(const Connect& packet) {
    add(" v{} {} c{} k{}", version_name(packet.version), quoted(packet.client_id), bit(packet.clean_start),
        packet.keep_alive);
    if (packet.user_name) add(" user {}", quoted(*packet.user_name));
    if (packet.password) add(" password of {} bytes", packet.password->size());
    if (packet.will) {
      const Will& will = *packet.will;
      add(" will (q{} r{} {} {} bytes", qos(will.qos), bit(will.retain), quoted(will.topic),
          will.payload.size());
      properties(will.properties);
      add(")");
    }
    properties(packet.properties);
  }

  void operator()(const Connack& packet) {
    add(" s{}", bit(packet.session_present));
    reason(packet.reason, PacketType::connack);
    properties(packet.properties);
  }

  void operator()(const Publish& packet) {
    add(" q{} m{} r{} d{} {} {} bytes", qos(packet.qos), packet.packet_id, bit(packet.retain),
        bit(packet.dup), quoted(packet.topic), packet.payload.size());
    properties(packet.properties);
  }

  void operator()(const Puback& packet) { acknowledgement(packet, PacketType::puback); }
  void operator()(const Pubrec& packet) { acknowledgement(packet, PacketType::pubrec); }
  void operator()(const Pubrel& packet) { acknowledgement(packet, PacketType::pubrel); }
  void operator()(const Pubcomp& packet) { acknowledgement(packet, PacketType::pubcomp); }

  void operator()(const Subscribe& packet) {
    add(" m{}", packet.packet_id);
    for (const Subscription& subscription : packet.subscriptions) {
      add(" {} q{}", quoted(subscription.filter), qos(subscription.qos));
      if (subscription.no_local) add(" no-local");
      if (subscription.retain_as_published) add(" retain-as-published");
      if (subscription.retain_handling != RetainHandling::always) {
        add(" retain-handling {}", static_cast<unsigned>(subscription.retain_handling));
      }
    }
    properties(packet.properties);
  }

  void operator()(const Suback& packet) {
    add(" m{}", packet.packet_id);
    reasons(packet.codes, PacketType::suback);
    properties(packet.properties);
  }

  void operator()(const Unsubscribe& packet) {
    add(" m{}", packet.packet_id);
    for (const std::string_view filter : packet.filters) add(" {}", quoted(filter));
    properties(packet.properties);
  }

  void operator()(const Unsuback& packet) {
    add(" m{}", packet.packet_id);
    reasons(packet.codes, PacketType::unsuback);
    properties(packet.properties);
  }

  void operator()(const Pingreq&) {}
  void operator()(const Pingresp&) {}

  void operator()(const Disconnect& packet) {
    if (version_ == Version::v5) reason(packet.reason, PacketType::disconnect);
    properties(packet.properties);
  }

  void operator()(const Auth& packet) {
    reason(packet.reason, PacketType::auth);
    properties(packet.properties);
  }

 private:
  static int bit(bool value) { return value ? 1 : 0; }
  static unsigned qos(QoS value) { return static_cast<unsigned>(value); }

  static std::string_view version_name(Version version) {
    return version == Version::v5 ? "5" : version == Version::v311 ? "3.1.1" : "3.1";
  }

  void reason(ReasonCode code, PacketType in) { add(" 0x{:02X} {}", value_of(code), name_of(code, in)); }

  void reasons(Bytes codes, PacketType in) {
    std::string_view separator;
    for (const char code : codes) {
      add("{}", separator);
      reason(static_cast<ReasonCode>(octet(code)), in);
      separator = ",";
    }
  }

  void acknowledgement(const Ack& packet, PacketType in) {
    add(" m{}", packet.packet_id);
    if (version_ == Version::v5) reason(packet.reason, in);
    properties(packet.properties);
  }

  void properties(const Properties& list) {
    if (list.empty()) return;
    std::string_view before = " {";
    for (const Property& property : list) {
      add("{}", before);
      before = ", ";
      value(property);
    }
    add("}}");
  }

  void value(const Property& property) {
    const PropertyRow* row = find_property(static_cast<std::uint8_t>(property.id));
    add("{} ", row == nullptr ? "unknown" : row->name);
    if (property.id == PropertyId::authentication_data) {
      add("of {} bytes", property.value.size());
    } else if (row != nullptr && row->type == PropertyType::pair) {
      add("{} {}", quoted(property.name), quoted(property.value));
    } else if (row != nullptr && (row->type == PropertyType::utf8 || row->type == PropertyType::binary)) {
      add("{}", quoted(property.value));
    } else {
      add("{}", property.number);
    }
  }

  std::string text_;
  Version version_;
};

}  // namespace

std::string describe(const Packet& packet, Version version) {
  Line line(version);
  line.add("{}", name_of(type_of(packet)));
  std::visit(line, packet);
  return std::move(line).take();
}

}  // namespace mq
