// What mosquitto's options say, where that only makes sense once all of them are known; everything else they
// store straight into the connection's settings. conclude_drop_in() makes settings of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "drop_in/grammar.hpp"
#include "shared/settings.hpp"

namespace mq {

enum class DropInRole { pub, sub, rr };

struct DropInGiven {
  DropInRole role;
  ConnectionSettings& connection;

  std::string host = "localhost";
  std::optional<int> port{};  // 0: `host` is the path of a Unix socket
  bool web_socket = false;
  bool srv = false;
  bool os_certificates = false;
  std::optional<std::string> id{}, id_prefix{};
  std::optional<std::string> user_name{}, password{};
  std::optional<std::string> will_topic{}, will_payload{};
  QoS will_qos = QoS::at_most_once;
  bool will_retain = false;
  PropertyList will_properties{};
  std::optional<std::uint32_t> session_expiry{};
  std::string psk{}, ciphers{}, tls_version{}, engine{}, key_form{}, engine_password{};
  std::uint16_t receive_maximum = 20;      // announced at 5.0 unless -D connect does
  std::optional<std::string> url_topic{};  // of -L, not yet checked
};

// Rows of the options that mosquitto_pub, _sub and _rr share: server, TLS, session, will, and -D for
// connect, disconnect and will. Whatever else a program wants of -D it adds to `places`, whatever it makes of
// a topic (-t and -L) it says in `add_topic`: the option's name in messages comes second.
struct DropInPlace {
  std::string_view command;
  PropertyList& list;
};
using DropInTopic = std::function<Result<void>(std::string_view topic, std::string_view option)>;
DropInRows connection_rows(DropInGiven& given, std::vector<DropInPlace> places, const DropInTopic& add_topic);

// -t and -L of programs that publish; `what` is "publish" or "response".
Result<void> check_publish_topic(std::string_view topic, std::string_view option, std::string_view what);
// Topic filters; `what` is "subscription", "filter" or "unsubscribe".
Result<void> check_filter(std::string_view filter, std::string_view option, std::string_view what);

// -L: server, user and topic. Kind usage.
Result<void> read_drop_in_url(DropInGiven& given, std::string_view url, const DropInTopic& add_topic);
// --proxy.
Result<void> read_drop_in_proxy(DropInGiven& given, std::string_view url);

// -D: how many words it took.
Result<std::size_t> read_drop_in_property(std::span<const DropInPlace> places, DropInWords rest);

// What holds for all options together, in mosquitto's order: first what belongs to the command line (its
// error comes with the hint at --help), then what is found out when the client is made.
Result<void> check_drop_in(DropInGiven& given);
Result<void> conclude_drop_in(DropInGiven& given);

}  // namespace mq
