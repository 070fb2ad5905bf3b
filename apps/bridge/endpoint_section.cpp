#include "bridge/endpoint_section.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "bridge/plan_check.hpp"
#include "shared/common_options.hpp"
#include "shared/quantities.hpp"
#include "shared/secrets.hpp"
#include "shared/store.hpp"
#include "shared/toml_section.hpp"

namespace mq {
namespace {

// What the kit's clients have and a bridge has not, and why.
struct LeftOut {
  std::string_view name, fact, hint;
};

constexpr std::array<LeftOut, 10> left_out{{
    {"timeout", "a bridge has no time limit", "connect-timeout bounds one attempt to connect"},
    {"retries", "a bridge tries for ever", "retry-delay says how often"},
    {"ask-password", "a bridge asks nobody for a password", "password-file or password-command"},
    {"no-clean-start", "a bridge always goes on with its session", "leave it out"},
    {"clean-start", "a bridge always goes on with its session", "leave it out"},
    {"disable-clean-session", "a bridge always goes on with its session", "leave it out"},
    {"session-file", "the session is kept in the bridge's store", "store-path says where that is"},
    {"id-prefix", "the client identifier of a bridge stays the same", "give it with id, or leave it out"},
    {"no-local", "No Local is asked for wherever it can be", "it can't be with share"},
    {"will", "the will of a bridge is that of its status topic",
     "status-topic stands at the top of the file"},
}};

const LeftOut* find_left_out(std::string_view name) {
  const auto* found = std::ranges::find_if(left_out, [name](const LeftOut& one) {
    return name == one.name || (one.name == "will" && name.starts_with("will-"));
  });
  return found == left_out.end() ? nullptr : found;
}

Result<void> store_user_timeout(std::chrono::milliseconds& target, std::string_view text) {
  const auto length = parse_length(text);
  if (!length) return std::unexpected(length.error());
  target = std::chrono::duration_cast<std::chrono::milliseconds>(*length);
  constexpr std::chrono::milliseconds most(std::chrono::hours(24));
  if (target > std::chrono::milliseconds(0) && target <= most) return {};
  return usage(fmt::format("{} is not from 1ms to 1d", quoted(text)));
}

// The kit's rows, which note what only TLS or MQTT 5.0 has.
void connection_rows(OptionRows& rows, ConnectionSettings& settings) {
  OptionRows kit;
  kit.reserve(64);
  connection_options(kit, settings);
  tls_options(kit, settings);
  session_options(kit, settings);
  for (OptionRow& row : kit) {
    if (find_left_out(row.name) != nullptr) continue;
    row.set = [&settings, name = row.name, v5 = row.v5_only, tls = row.needs_tls,
               set = std::move(row.set)](OptionValues values) -> Result<void> {
      if (auto stored = set(values); !stored) return stored;
      if (v5 && !settings.needs_v5) settings.needs_v5 = name;
      if (!tls) return {};
      settings.tls = true;
      if (!settings.needs_tls) settings.needs_tls = name;
      return {};
    };
    rows.push_back(std::move(row));
  }
}

bool holds_secret(const OptionRows& rows, const TomlNode& table) {
  return std::ranges::any_of(table.members, [&rows](const auto& member) {
    const OptionRow* row = find_option(rows, std::string_view(member.first));
    if (row == nullptr) return false;
    const TomlNode& node = member.second;
    if (node.kind != TomlNode::Kind::array) return !secret_part(*row, {node.text}).empty();
    return std::ranges::any_of(
        node.items, [row](const TomlNode& item) { return !secret_part(*row, {item.text}).empty(); });
  });
}

bool holds_authentication_data(const TomlNode& table) {
  const TomlNode* list = table.member("property");
  return list != nullptr && std::ranges::any_of(list->items, [](const TomlNode& item) {
           return !item.items.empty() && item.items[0].text == "authentication-data";
         });
}

// All that a table says, in one text, and of the files that it names when they were written last.
void append_written(const TomlNode& node, std::string& text) {
  text += node.text;
  std::error_code none;
  if (node.kind == TomlNode::Kind::scalar && !node.text.empty())
    if (const auto time = std::filesystem::last_write_time(node.text, none); !none)
      text += fmt::format("@{}", time.time_since_epoch().count());
  text += '\n';
  for (const auto& [name, member] : node.members) {
    text += name + '=';
    append_written(member, text);
  }
  for (const TomlNode& item : node.items) append_written(item, text);
}

}  // namespace

std::unexpected<Error> placed(const std::string& file, const TomlNode& node, std::string_view what,
                              Error error) {
  return usage(fmt::format("{}:{}: {}: {}", file, node.line, what, error.text), std::move(error.hint));
}

Result<void> read_endpoint(const TomlNode& table, const std::string& file, EndpointPlan& endpoint,
                           bool& secret) {
  ConnectionSettings& connection = endpoint.connection;
  TomlSection section("an endpoint", file, "mqttkit-bridge.toml(5)");
  connection_rows(section.rows(), connection);
  section.truth("bridge-bit", endpoint.bridge_bit);
  section.key("known-as", one_value(endpoint.known_as, store_name));
  section.truth("shared-sessions", endpoint.shared_sessions);
  section.key("tcp-user-timeout", one_value(connection.client.open.dial.user_timeout, store_user_timeout));
  section.also("property");
  for (const auto& [name, node] : table.members)
    if (const LeftOut* why = find_left_out(name))
      return section.wrong(node, std::string(why->fact), std::string(why->hint));
  if (auto read = section.read(table); !read) return read;
  PropertyList& properties = connection.client.session.properties;
  if (table.member("property") != nullptr && !connection.needs_v5) connection.needs_v5 = "property";
  if (auto read = section.read_properties(table, "connect", properties); !read) return read;
  append_written(table, endpoint.written);
  secret = secret || holds_secret(section.rows(), table) || holds_authentication_data(table);
  return {};
}

}  // namespace mq
