#include "bridge/options.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "bridge/import_command.hpp"
#include "bridge/one_liner.hpp"
#include "bridge/plan_check.hpp"
#include "bridge/plan_file.hpp"
#include "prose/mqtt_bridge.hpp"
#include "prose/mqtt_bridge_import.hpp"
#include "shared/store.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

constexpr auto group = OptionGroup::bridge;

constexpr ChoiceRow<StoreKind> store_words[] = {
    {"disk", StoreKind::disk}, {"through", StoreKind::through}, {"memory", StoreKind::memory}};

OptionSetter append(std::vector<std::string>& target) {
  return [&target](OptionValues values) -> Result<void> {
    target.emplace_back(values[0]);
    return {};
  };
}

Result<void> append_exclude(std::vector<std::string>& target, std::string_view text) {
  if (auto checked = check_topic_filter(text); !checked) return checked;
  if (is_shared(text)) return usage(fmt::format("{} is a shared subscription, no topics", quoted(text)));
  target.emplace_back(text);
  return {};
}

void general_rows(OptionRows& rows, General& general, ConnectionSettings& settings, bool debug) {
  OptionRows kit;
  general_options(kit, general, settings);
  for (OptionRow& row : kit)
    if (row.name != "profile" && (debug || row.name != "debug")) rows.push_back(std::move(row));
}

// Notes that a bridge is described here, where a file might do it too.
void add(OptionRows& rows, BridgeSettings& settings, OptionRow row) {
  row.set = [&settings, name = shown(row), set = std::move(row.set)](OptionValues values) {
    if (!settings.first) settings.first = name;
    return set(values);
  };
  rows.push_back(std::move(row));
}

void file_rows(OptionRows& rows, BridgeSettings& settings) {
  rows.push_back({.letter = 'c',
                  .name = "config",
                  .value = "FILE",
                  .group = group,
                  .completion = Completion::file,
                  .suffix = ".toml",
                  .summary = "the bridge that this file describes",
                  .detail = "Be the bridge that this file (TOML) describes; see CONFIGURATION.",
                  .set = store_path(settings.config)});
  rows.push_back({.name = "check",
                  .group = group,
                  .summary = "only check, and tell what would be done",
                  .detail =
                      "Check the bridge, and the files that it needs, and tell what it would do, without "
                      "connecting. Exit status 0, or 2 when something is wrong. A password command is not "
                      "run.",
                  .set = store_flag(settings.check)});
  rows.push_back({.name = "dry-run",
                  .value = "TOPIC",
                  .group = group,
                  .completion = Completion::topic,
                  .repeats = true,
                  .summary = "only tell where TOPIC would go, and why",
                  .detail =
                      "Tell for each route whether it would carry a message of this topic, by which rule and "
                      "to which topic, and what would become of it there; without connecting. May be given "
                      "several times.",
                  .set = append_topic(settings.dry_run)});
}

void way_rows(OptionRows& rows, BridgeSettings& settings) {
  add(rows, settings,
      {.name = "from",
       .value = "URL",
       .group = group,
       .completion = Completion::host,
       .repeats = true,
       .secret = true,
       .summary = "server to carry messages from",
       .detail =
           "Server to carry messages from, mqtt://[user[:password]@]host[:port], mqtts:// (TLS), ws://, "
           "wss:// or unix:///path. Of several the first that can be had is used.",
       .set = append(settings.from)});
  add(rows, settings,
      {.name = "to",
       .value = "URL",
       .group = group,
       .completion = Completion::host,
       .repeats = true,
       .secret = true,
       .summary = "server to carry them to",
       .detail = "Server to carry them to. Of several the first that can be had is used.",
       .set = append(settings.to)});
  add(rows, settings,
      {.name = "both",
       .group = group,
       .summary = "carry messages the other way too",
       .detail = "Carry the same topics the other way too.",
       .set = store_flag(settings.both)});
  add(rows, settings,
      {.name = "name",
       .value = "NAME",
       .group = group,
       .summary = "name of the bridge",
       .detail =
           "Name of the bridge. Its client identifiers are NAME-from and NAME-to, and its store is named "
           "for it. Without the option it is made of the host's name, the servers and the topics: the "
           "same bridge has the same after a restart.",
       .set = one_value(settings.name, store_name)});
  add(rows, settings,
      {.name = "store",
       .value = "WHERE",
       .group = group,
       .default_text = "disk",
       .choices = "disk through memory",
       .summary = "when a message is safe: disk, through or memory",
       .detail = "When a message is acknowledged to its source: when it is on disk; when the destination has "
                 "acknowledged it (through); or at once (memory), which a crash loses.",
       .set = store_choice(settings.store, store_words)});
  add(rows, settings,
      {.name = "store-path",
       .value = "FILE",
       .group = group,
       .completion = Completion::file,
       .summary = "the store on disk",
       .detail =
           "The store on disk (SQLite). Without the option NAME.sqlite in $STATE_DIRECTORY, or in mqttkit "
           "below $XDG_STATE_HOME or ~/.local/state.",
       .set = store_path(settings.store_path)});
}

void topic_rows(OptionRows& rows, BridgeSettings& settings) {
  add(rows, settings,
      {.letter = 't',
       .name = "topic",
       .value = "FILTER",
       .group = group,
       .completion = Completion::topic,
       .repeats = true,
       .summary = "topics to carry",
       .detail = "Topics to carry: a topic filter. May be given several times.",
       .set = append(settings.topics)});
  add(rows, settings,
      {.name = "topic-map",
       .value = "OLD=NEW",
       .group = group,
       .repeats = true,
       .summary = "topics to carry under other names",
       .detail = "Topics to carry under other names: 'a/+x/b/#rest=site7/$x/$rest', or as in mqtt-pub(1) "
                 "'old/#=new/#'. They go before those of -t; of several the first that matches decides. See "
                 "TOPICS. May be given several times.",
       .set = append(settings.topic_maps)});
  add(rows, settings,
      {.name = "exclude",
       .value = "FILTER",
       .group = group,
       .completion = Completion::topic,
       .repeats = true,
       .summary = "topics to leave out",
       .detail = "Topics to leave out, by their old names. May be given several times.",
       .set = one_value(settings.excludes, append_exclude)});
  add(rows, settings,
      {.letter = 'q',
       .name = "qos",
       .value = "QOS",
       .group = group,
       .default_text = "2",
       .choices = "0 1 2",
       .summary = "highest QoS to carry messages with",
       .detail = "Highest quality of service to carry messages with.",
       .set = store_qos(settings.qos)});
}

OptionRows import_options(ImportSettings& settings, General& general) {
  OptionRows rows;
  rows.push_back({.letter = 'o',
                  .name = "output",
                  .value = "FILE",
                  .group = OptionGroup::output,
                  .completion = Completion::file,
                  .summary = "write to FILE, passwords and all",
                  .detail = "Write the configuration to this file, which only its owner can read, instead of "
                            "standard output. Passwords are written to a file alone.",
                  .set = store_path(settings.output)});
  OptionRows kit;
  general_rows(kit, general, settings.connection, false);
  for (OptionRow& row : kit) {
    if (row.letter == 'o') row.letter = '\0';  // --output has it
    rows.push_back(std::move(row));
  }
  return rows;
}

const Program& import_program() {
  static constexpr Program program{.name = "mqtt-bridge",
                                   .command = "import",
                                   .summary = "turn mosquitto's bridges into a configuration",
                                   .synopsis = "[OPTION]... mosquitto.conf",
                                   .operands = true,
                                   .prose = mqtt_bridge_import_prose,
                                   .rows =
                                       [] {
                                         static ImportSettings settings;
                                         static General general;
                                         return import_options(settings, general);
                                       },
                                   .run = run_import};
  return program;
}

// The plan, from wherever it is described.
Result<BridgePlan> plan_of(const BridgeSettings& settings, const Environment& environment) {
  if (settings.config.empty()) return one_liner_plan(settings, environment);
  if (settings.first || settings.connection.needs_tls)
    return usage(fmt::format("{} does not go with -c",
                             settings.first ? *settings.first : *settings.connection.needs_tls),
                 "the file says it");
  return read_plan(settings.config, environment);
}

}  // namespace

OptionRows bridge_options(BridgeSettings& settings, General& general) {
  OptionRows rows;
  rows.reserve(48);
  file_rows(rows, settings);
  way_rows(rows, settings);
  topic_rows(rows, settings);
  OptionRows kit;
  tls_options(kit, settings.connection);
  for (OptionRow& row : kit)
    if (!has_word("tls no-tls tls-use-os-certs", row.name)) rows.push_back(std::move(row));  // URLs say it
  general_rows(rows, general, settings.connection, true);
  return rows;
}

const Program& bridge_program() {
  static const std::array commands{&import_program()};
  static const Program program{.name = "mqtt-bridge",
                               .summary = "carry messages between MQTT servers",
                               .synopsis =
                                   "[OPTION]... -c FILE.toml\n"
                                   "[OPTION]... --from URL --to URL -t FILTER...",
                               .prose = mqtt_bridge_prose,
                               .commands = commands};
  return program;
}

Result<BridgeSettings> parse_bridge(int argc, const char* const* argv, const Environment& environment) {
  Result<BridgeSettings> settings;
  General general;
  const OptionRows rows = bridge_options(*settings, general);
  auto done = read_command_line(bridge_program(), rows, general, settings->connection,
                                arguments_of(argc, argv), environment);
  if (!done) return std::unexpected(std::move(done.error()));
  if (settings->connection.answer) return settings;
  if (settings->check && !settings->dry_run.empty()) return usage("--check does not go with --dry-run");
  auto plan = plan_of(*settings, environment);
  if (!plan) return std::unexpected(std::move(plan.error()));
  settings->plan = *std::move(plan);
  settings->plan.log = settings->connection.log;
  for (EndpointPlan& endpoint : settings->plan.endpoints) {
    endpoint.connection.log = settings->connection.log;
    endpoint.connection.debug = settings->connection.debug;
  }
  return settings;
}

Result<ImportSettings> parse_import(int argc, const char* const* argv, const Environment& environment) {
  Result<ImportSettings> settings;
  General general;
  const OptionRows rows = import_options(*settings, general);
  auto done = read_command_line(import_program(), rows, general, settings->connection,
                                arguments_of(argc, argv), environment);
  if (!done) return std::unexpected(std::move(done.error()));
  if (settings->connection.answer) return settings;
  if (general.operands.size() != 1)
    return usage(general.operands.empty() ? "there is no file to import" : "one file at a time",
                 "mqtt-bridge import /etc/mosquitto/mosquitto.conf");
  settings->file = std::move(general.operands.front());
  return settings;
}

}  // namespace mq
