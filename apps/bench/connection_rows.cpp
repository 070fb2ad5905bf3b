// The kit's options of connection, TLS and session, as they are when many clients share them.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "bench/rows.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

// Of one client, of one server, or of a run that has an end of its own.
constexpr std::array<std::string_view, 11> left_out{
    "bind",      "timeout",      "id",           "auth-method", "auth-data",         "reauthenticate",
    "id-prefix", "session-file", "max-inflight", "srv",         "max-inflight-bytes"};

struct Changed {
  std::string_view name, summary, detail;
};

constexpr std::array<Changed, 3> changed{
    {{"url", "server, user and password in one: mqtts://host",
      "A server in one word: mqtt://[user[:password]@]host[:port], the same with mqtts:// (TLS), ws:// "
      "(WebSocket) or wss:// (both), or unix:///path. User, password and socket path may hold %XX for any "
      "byte; an IPv6 address stands in brackets. Ports are 1883, 8883, 80 and 443 unless said otherwise. Of "
      "several servers (-L, -h and --unix, in any order) clients take one each in turn, and stay with it: "
      "there is no failover here."},
     {"host", "server to connect to",
      "Name or numeric address of the server. May be given several times: see -L."},
     {"no-clean-start", "go on with the sessions of an earlier run",
      "Go on with the sessions that the server still holds for these client identifiers, which --run or -i "
      "make the same again. Without -x the server is asked to keep them for ever."}}};

Result<void> store_id(std::string& target, std::string_view text) {
  if (auto checked = check_mqtt_text(text); !checked) return checked;
  if (text.empty()) return usage("many clients can't all have an empty client identifier");
  target = text;
  return {};
}

}  // namespace

void connection_rows(OptionRows& rows, LoadSettings& settings, bool publishes, bool subscribes) {
  ConnectionSettings& connection = settings.bench.connection;
  OptionRows kit;
  kit.reserve(96);
  connection_options(kit, connection);
  tls_options(kit, connection);
  session_options(kit, connection);
  std::vector<PropertyTarget> own;
  if (publishes)
    own.push_back({"publish", property_packet("publish"),
                   [&settings]() -> PropertyList& { return settings.publish_properties; }});
  if (subscribes)
    own.push_back({"subscribe", property_packet("subscribe"),
                   [&settings]() -> PropertyList& { return settings.subscribe_properties; }});
  std::string_view commands = "connect disconnect will";
  if (publishes && subscribes)
    commands = "connect publish subscribe disconnect will";
  else if (publishes)
    commands = "connect publish disconnect will";
  else if (subscribes)
    commands = "connect subscribe disconnect will";
  property_option(kit, connection, std::move(own), commands);
  will_options(kit, connection);
  for (OptionRow& row : kit) {
    if (std::ranges::find(left_out, row.name) != left_out.end()) continue;
    if (const auto* to = std::ranges::find(changed, row.name, &Changed::name); to != changed.end()) {
      row.summary = to->summary;
      row.detail = to->detail;
    }
    if (row.letter == 'c') row.letter = '\0';  // --clients has it
    rows.push_back(std::move(row));
  }
  rows.push_back({.letter = 'i',
                  .name = "id",
                  .value = "ID",
                  .group = OptionGroup::session,
                  .default_text = "bench-{run}-{client}",
                  .summary = "client identifiers, a template or how they begin",
                  .detail = "Client identifiers: a text with {client} or {number} in it, or one that "
                            "-{client} is put behind.",
                  .set = one_value(connection.client.session.client_id, store_id)});
}

void bench_general_rows(OptionRows& rows, General& general, ConnectionSettings& settings) {
  OptionRows kit;
  general_options(kit, general, settings);
  const bool connects = find_option(rows, "host") != nullptr;
  for (OptionRow& row : kit)
    if (row.name != "debug" && (connects || row.name != "profile")) rows.push_back(std::move(row));
}

}  // namespace mq
