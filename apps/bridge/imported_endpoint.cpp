#include "bridge/imported_endpoint.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "base/text.hpp"
#include "shared/common_options.hpp"

namespace mq {
namespace {

// Options whose value goes behind a key as it is.
struct Same {
  std::string_view option, key;
  bool local = false;
};
constexpr std::array<Same, 13> same_values{{{"keepalive_interval", "keepalive"},
                                            {"bridge_bind_address", "bind"},
                                            {"remote_clientid", "id"},
                                            {"remote_username", "username"},
                                            {"local_clientid", "id", true},
                                            {"local_username", "username", true},
                                            {"bridge_cafile", "cafile"},
                                            {"bridge_capath", "capath"},
                                            {"bridge_certfile", "cert"},
                                            {"bridge_keyfile", "key"},
                                            {"bridge_alpn", "tls-alpn"},
                                            {"bridge_tls_version", "tls-version"},
                                            {"bridge_ciphers", "ciphers"}}};

// Options that have no like here, when their value is this (or any), and why.
struct Missing {
  std::string_view option, value, why;
};
constexpr std::array<Missing, 13> missing{{
    {"round_robin", "false",
     "the bridge stays with an address that it has, and does not go back to the first"},
    {"start_type", "lazy", "the bridge connects at once and stays connected"},
    {"start_type", "once", "a bridge tries for ever"},
    {"threshold", {}, "it is for start_type lazy, which is not carried over"},
    {"idle_timeout", {}, "it is for start_type lazy, which is not carried over"},
    {"cleansession", "true", "a bridge that loses nothing keeps its session"},
    {"local_cleansession", "true", "a bridge that loses nothing keeps its session"},
    {"bridge_attempt_unsubscribe", {}, "the bridge subscribes to what its routes say, and to nothing else"},
    {"bridge_max_packet_size", {}, "the bridge sends whatever the server takes"},
    {"bridge_reload_type", "immediate",
     "a reload (SIGHUP) changes at once what has changed, and leaves other connections alone"},
    {"bridge_reload_type", "lazy",
     "a reload (SIGHUP) changes at once what has changed, and leaves other connections alone"},
    {"notifications_local_only", "true", "the status topic is kept at every endpoint"},
    {"bridge_require_ocsp", "true",
     "certificates are NOT looked up by OCSP: what was revoked is refused with crlfile alone"},
}};

constexpr std::string_view no_tls =
    "not carried over: without bridge_cafile, bridge_capath, bridge_tls_use_os_certs or bridge_psk there is "
    "no TLS";

bool is_true(std::string_view value) { return value == "true" || value == "1"; }

bool has_value(const Missing& row, std::string_view value) {
  if (row.value.empty()) return true;
  if (row.value == "true" || row.value == "false") return is_true(row.value) == is_true(value);
  return row.value == value;
}

class Importer {
 public:
  Importer(const ConfBridge& bridge, bool secrets) : bridge_(bridge), secrets_(secrets) {
    ends_.remote.notes = bridge.notes;
  }

  ImportedEnds run() {
    addresses();
    for (const Same& one : same_values)
      if (const ConfOption* option = bridge_.find(one.option))
        add(one.local ? ends_.local : ends_.remote, *option, one.key, option->value);
    for (const Missing& one : missing)
      if (const ConfOption* option = bridge_.find(one.option);
          option != nullptr && has_value(one, option->value))
        note(*option, fmt::format("not carried over: {}", one.why));
    secrets();
    session();
    flags();
    timing();
    ciphers();
    status();
    return std::move(ends_);
  }

 private:
  bool given(std::string_view option) const { return bridge_.find(option) != nullptr; }
  bool truth(std::string_view option, bool without) const {
    const ConfOption* found = bridge_.find(option);
    return found == nullptr ? without : is_true(found->value);
  }

  void note(const ConfOption& option, const std::string& text) {
    ends_.remote.notes.push_back({option.place, fmt::format("{}: {}", option.name, text)});
  }

  // The option's own row says whether the value can be one.
  void add(ImportedEndpoint& endpoint, const ConfOption& option, std::string_view key,
           std::string_view value) {
    ConnectionSettings scratch;
    OptionRows rows;
    connection_options(rows, scratch);
    tls_options(rows, scratch);
    session_options(rows, scratch);
    const OptionRow* row = find_option(rows, key);
    if (row->needs_tls && !tls_) return note(option, std::string(no_tls));
    if (auto stored = row->set({&value, 1}); !stored)
      return note(option, fmt::format("not carried over: {}", stored.error().text));
    endpoint.add(std::string(key), toml_text(value));
  }

  void addresses() {
    tls_ = given("bridge_cafile") || given("bridge_capath") || given("bridge_psk") ||
           truth("bridge_tls_use_os_certs", false);
    std::string list;
    for (const std::string& address : bridge_.addresses) {
      // Of a numeric address of IPv6 the last part is the port.
      const std::size_t colon = address.ends_with(']') ? address.npos : address.rfind(':');
      std::string host = address.substr(0, colon);
      if (host.contains(':') && !host.starts_with('[')) host = fmt::format("[{}]", host);
      const std::string port = colon == address.npos ? "1883" : address.substr(colon + 1);
      list.append(list.empty() ? "" : ", ")
          .append(toml_text(fmt::format("{}://{}:{}", tls_ ? "mqtts" : "mqtt", host, port)));
    }
    ends_.remote.add("url", bridge_.addresses.size() == 1 ? list : '[' + list + ']');
  }

  void secrets() {
    for (const auto& [option, local] : {std::pair("remote_password", false), {"local_password", true}})
      if (const ConfOption* found = bridge_.find(option)) {
        if (secrets_)
          (local ? ends_.local : ends_.remote).add("password", toml_text(found->value));
        else
          note(*found, "left out here; import -o FILE keeps it, in a file that only its owner can read");
      }
    const ConfOption* psk = bridge_.find("bridge_psk");
    const ConfOption* identity = bridge_.find("bridge_identity");
    if (psk != nullptr && !secrets_) {
      note(*psk, "left out here, and bridge_identity with it; import -o FILE keeps them");
    } else {
      if (psk != nullptr) add(ends_.remote, *psk, "psk", psk->value);
      if (identity != nullptr) add(ends_.remote, *identity, "psk-identity", identity->value);
    }
  }

  void session() {
    bool v5 = false;
    if (const ConfOption* option = bridge_.find("bridge_protocol_version")) {
      v5 = option->value == "mqttv50" || option->value == "mqttv5";
      add(ends_.remote, *option, "protocol-version", v5 ? "5" : option->value);
    }
    std::string properties;
    for (const auto& [option, property] : {std::pair("bridge_receive_maximum", "receive-maximum"),
                                           {"bridge_max_topic_alias", "topic-alias-maximum"}}) {
      const ConfOption* found = bridge_.find(option);
      if (found == nullptr) continue;
      const auto number = parse_number<std::uint16_t>(found->value);
      const bool least = std::string_view(property) == "receive-maximum";
      if (!v5)
        note(*found, "not carried over: it is for bridge_protocol_version mqttv50");
      else if (!number || (least && *number == 0))
        note(*found, fmt::format("not carried over: {} is no such number", quoted(found->value)));
      else
        properties.append(properties.empty() ? "" : ", ")
            .append(fmt::format("[\"{}\", \"{}\"]", property, *number));
    }
    if (!properties.empty()) ends_.remote.add("property", '[' + properties + ']');
    const ConfOption* expiry = bridge_.find("bridge_session_expiry_interval");
    if (expiry == nullptr) return;
    if (!v5)
      note(*expiry, "not carried over: it is for bridge_protocol_version mqttv50");
    else if (expiry->value == "0")
      note(*expiry, "not carried over: the session must outlast an outage, and is kept for seven days");
    else
      add(ends_.remote, *expiry, "session-expiry", expiry->value);
  }

  void flags() {
    if (!truth("try_private", true)) ends_.remote.add("bridge-bit", "false");
    if (truth("bridge_insecure", false)) {
      if (tls_)
        ends_.remote.add("insecure", "true");
      else
        note(*bridge_.find("bridge_insecure"), std::string(no_tls));
    }
    if (truth("bridge_tls_use_os_certs", false)) ends_.remote.add("tls-use-os-certs", "true");
    ends_.retain_out = truth("bridge_outgoing_retain", true);
  }

  void timing() {
    const auto numbers = [](std::string_view text) {
      std::vector<std::uint32_t> found;
      for (const std::string_view word : words(text))
        if (const auto number = parse_number<std::uint32_t>(word)) found.push_back(*number);
      return found;
    };
    if (const ConfOption* restart = bridge_.find("restart_timeout")) {
      const auto seconds = numbers(restart->value);
      const std::string pause =
          seconds.empty() ? restart->value
                          : fmt::format("{}:{}", seconds[0], seconds.size() > 1 ? seconds[1] : seconds[0]);
      add(ends_.remote, *restart, "retry-delay", pause);
      if (seconds.size() > 2)
        note(*restart, "the third number is not carried over: a connection that stands begins anew");
    }
    if (const ConfOption* keep = bridge_.find("bridge_tcp_keepalive")) {
      const auto seconds = numbers(keep->value);
      add(ends_.remote, *keep, "tcp-keepalive",
          seconds.empty() ? keep->value : fmt::format("{}", seconds[0]));
      note(*keep, "interval and count are not carried over: three further probes in about the same time");
    }
    if (const ConfOption* timeout = bridge_.find("bridge_tcp_user_timeout")) {
      constexpr std::uint32_t most = 86'400'000;
      const auto milliseconds = parse_number<std::uint32_t>(timeout->value);
      if (milliseconds && *milliseconds > 0 && *milliseconds <= most)
        ends_.remote.add("tcp-user-timeout", fmt::format("\"{}ms\"", *milliseconds));
      else
        note(*timeout, fmt::format("not carried over: {} is not from 1 to {}", quoted(timeout->value), most));
    }
  }

  // Both lists are one here, known apart by their names.
  void ciphers() {
    const ConfOption* newer = bridge_.find("bridge_ciphers_tls1.3");
    if (newer == nullptr) return;
    const ConfOption* older = bridge_.find("bridge_ciphers");
    std::erase_if(ends_.remote.keys, [](const auto& key) { return key.first == "ciphers"; });
    add(ends_.remote, *newer, "ciphers", older == nullptr ? newer->value : older->value + ':' + newer->value);
  }

  void status() {
    const ConfOption* topic = bridge_.find("notification_topic");
    const ConfOption* asked = bridge_.find("notifications");
    if (!truth("notifications", true)) {
      if (topic != nullptr) note(*topic, "not carried over: notifications are off");
    } else if (topic != nullptr) {
      ends_.status_topic = topic->value;
      note(*topic, "one status topic is kept for the whole bridge, at every endpoint");
    } else if (asked != nullptr) {
      note(*asked,
           "not carried over: the topics below $SYS are the broker's own; name one with status-topic");
    }
  }

  const ConfBridge& bridge_;
  bool secrets_;
  bool tls_ = false;
  ImportedEnds ends_;
};

}  // namespace

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out.append(1, '\\').append(1, c);
    else if (octet(c) < ' ' || octet(c) == 0x7F)
      out += fmt::format("\\u{:04X}", octet(c));
    else
      out += c;
  }
  return out += '"';
}

ImportedEnds import_ends(const ConfBridge& bridge, bool secrets) { return Importer(bridge, secrets).run(); }

}  // namespace mq
