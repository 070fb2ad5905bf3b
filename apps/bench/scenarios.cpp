// Scenarios with publishers, subscribers, or one of each.
#include "bench/scenarios.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "bench/populations.hpp"
#include "bench/rows.hpp"
#include "bench/sessions.hpp"
#include "prose/mqtt_bench_churn.hpp"
#include "prose/mqtt_bench_conn.hpp"
#include "prose/mqtt_bench_fanin.hpp"
#include "prose/mqtt_bench_fanout.hpp"
#include "prose/mqtt_bench_offline.hpp"
#include "prose/mqtt_bench_pub.hpp"
#include "prose/mqtt_bench_pubsub.hpp"
#include "prose/mqtt_bench_retained.hpp"
#include "prose/mqtt_bench_rr.hpp"
#include "prose/mqtt_bench_sub.hpp"
#include "shared/store.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

constexpr std::string_view rate_detail =
    "How many messages each publisher sends a second. Each has its time, which does not wait for those "
    "before it.";
constexpr std::string_view count_detail =
    "How many messages each publisher sends. Without --duration the run ends with the last one.";
constexpr std::string_view duration_detail =
    "How long publishers send, from the moment when all clients are ready.";
constexpr std::string_view qos_detail =
    "Quality of service with which messages are published and subscribed to.";

void publisher_rows(OptionRows& rows, LoadSettings& settings, std::string_view rate, std::string_view topic) {
  connect_rate_row(rows, settings, "1000");
  rate_rows(rows, settings, rate, rate_detail);
  count_row(rows, settings, {}, "messages of each publisher", count_detail);
  duration_rows(rows, settings, "10", duration_detail);
  topic_row(rows, settings, topic);
  qos_row(rows, settings, "0", qos_detail);
  retain_row(rows, settings);
  payload_rows(rows, settings);
  window_row(rows, settings, {}, "messages of a publisher without acknowledgement",
             "How many messages of a publisher may wait for their acknowledgement at the same time, at QoS 1 "
             "and 2; one that is due meanwhile waits, which its latency shows. 1,000, and 20 below MQTT 5.0, "
             "where a server can't say how many it takes.");
}

Result<void> add_publishers(const LoadSettings& settings, Scenario& scenario, std::uint64_t clients) {
  auto plan = publish_plan(settings);
  if (!plan) return std::unexpected(std::move(plan.error()));
  if (settings.has("window") && plan->qos == QoS::at_most_once)
    return usage("--window is about acknowledgements, which QoS 0 has none of", "give -q 1 or 2");
  Population made = population(settings, "publishers", clients);
  window_of(made.session, *plan, settings.has("window"));
  made.publish = std::move(*plan);
  if (!scenario.populations.empty()) made.after.push_back({.population = 0});
  scenario.populations.push_back(std::move(made));
  end_of(settings, scenario);
  return {};
}

void add_subscribers(const LoadSettings& settings, Scenario& scenario, std::uint64_t clients,
                     std::string filter) {
  Population made = population(settings, "subscribers", clients);
  made.subscribe = subscribe_plan(settings, std::move(filter));
  scenario.populations.push_back(std::move(made));
}

void conn_rows(OptionRows& rows, LoadSettings& settings) {
  clients_row(rows, settings,
              {.name = "clients",
               .default_text = "1000",
               .summary = "connections",
               .detail = "How many clients connect, and then stay.",
               .target = &LoadSettings::clients});
  connect_rate_row(rows, settings, "500");
  duration_rows(rows, settings, "10", "How long they stay once all are connected.");
}

Result<void> build_conn(const LoadSettings& settings, Scenario& scenario) {
  scenario.populations.push_back(population(settings, "clients", settings.clients));
  scenario.duration = settings.duration;
  return {};
}

void pub_rows(OptionRows& rows, LoadSettings& settings) {
  clients_row(rows, settings,
              {.name = "clients",
               .default_text = "10",
               .summary = "publishers",
               .detail = "How many clients publish.",
               .target = &LoadSettings::clients});
  publisher_rows(rows, settings, "100", "mqttkit/bench/{run}/{number}");
}

Result<void> build_pub(const LoadSettings& settings, Scenario& scenario) {
  return add_publishers(settings, scenario, settings.clients);
}

void sub_rows(OptionRows& rows, LoadSettings& settings) {
  clients_row(rows, settings,
              {.name = "clients",
               .default_text = "1",
               .summary = "subscribers",
               .detail = "How many clients subscribe.",
               .target = &LoadSettings::clients});
  connect_rate_row(rows, settings, "1000");
  duration_rows(rows, settings, "10", "How long to receive, from the moment when all are subscribed.");
  qos_row(rows, settings, "0", "Highest quality of service with which the server is to send messages.");
  filter_rows(rows, settings, "mqttkit/bench/#");
}

Result<void> build_sub(const LoadSettings& settings, Scenario& scenario) {
  add_subscribers(settings, scenario, settings.clients, settings.default_filters.front());
  scenario.duration = settings.duration;
  return {};
}

void pubsub_rows(OptionRows& rows, LoadSettings& settings) {
  clients_row(
      rows, settings,
      {.name = "clients",
       .default_text = "10",
       .summary = "pairs of a publisher and a subscriber",
       .detail = "How many publishers there are, and as many subscribers, each of which gets what one "
                 "publisher sends.",
       .target = &LoadSettings::clients});
  publisher_rows(rows, settings, "100", "mqttkit/bench/{run}/{number}");
  filter_rows(rows, settings, {});
}

Result<void> build_pubsub(const LoadSettings& settings, Scenario& scenario) {
  if (settings.filters.empty() && has_name(settings.topic, "client"))
    return usage("{client} in -t is another number at the subscriber", "use {number}, or give --filter");
  if (settings.clients > 1 && settings.filters.empty() && filter_of(settings.topic, true) == settings.topic &&
      filter_of(settings.topic, false) == settings.topic)
    return usage("all pairs would have one topic: each subscriber would get what all publishers send",
                 "put {number} in -t, or use mqtt-bench fanin or fanout");
  add_subscribers(settings, scenario, settings.clients, filter_of(settings.topic, true));
  return add_publishers(settings, scenario, settings.clients);
}

void fan_rows(OptionRows& rows, LoadSettings& settings, std::string_view publishers,
              std::string_view subscribers, std::string_view rate, std::string_view topic) {
  clients_row(rows, settings,
              {.name = "publishers",
               .default_text = publishers,
               .summary = "clients that publish",
               .detail = "How many clients publish.",
               .target = &LoadSettings::publishers});
  clients_row(rows, settings,
              {.name = "subscribers",
               .default_text = subscribers,
               .summary = "clients that subscribe to all of it",
               .detail = "How many clients subscribe to all that is published.",
               .target = &LoadSettings::subscribers});
  publisher_rows(rows, settings, rate, topic);
  filter_rows(rows, settings, {});
}

void fanout_rows(OptionRows& rows, LoadSettings& settings) {
  fan_rows(rows, settings, "1", "100", "10", "mqttkit/bench/{run}/fanout");
}

void fanin_rows(OptionRows& rows, LoadSettings& settings) {
  fan_rows(rows, settings, "100", "1", "10", "mqttkit/bench/{run}/{number}");
}

Result<void> build_fan(const LoadSettings& settings, Scenario& scenario) {
  add_subscribers(settings, scenario, settings.subscribers, filter_of(settings.topic, false));
  return add_publishers(settings, scenario, settings.publishers);
}

constexpr std::array<LoadCommand, 10> commands{{
    {"conn", "connect many clients and hold the connections", mqtt_bench_conn_prose, false, false, conn_rows,
     build_conn},
    {"pub", "publish at a rate", mqtt_bench_pub_prose, true, false, pub_rows, build_pub},
    {"sub", "subscribe and receive what others publish", mqtt_bench_sub_prose, false, true, sub_rows,
     build_sub},
    {"pubsub", "pairs of publisher and subscriber, end to end", mqtt_bench_pubsub_prose, true, true,
     pubsub_rows, build_pubsub},
    {"fanout", "few publish, many get all of it", mqtt_bench_fanout_prose, true, true, fanout_rows,
     build_fan},
    {"fanin", "many publish, few get all of it", mqtt_bench_fanin_prose, true, true, fanin_rows, build_fan},
    {"rr", "ask and wait for answers", mqtt_bench_rr_prose, true, true, rr_rows, build_rr},
    {"churn", "connect and disconnect, again and again", mqtt_bench_churn_prose, false, false, churn_rows,
     build_churn},
    {"offline", "fill the queues of clients that are absent", mqtt_bench_offline_prose, true, true,
     offline_rows, build_offline},
    {"retained", "store retained messages and get them", mqtt_bench_retained_prose, true, true, retained_rows,
     build_retained},
}};

}  // namespace

std::span<const LoadCommand> load_commands() { return commands; }

const LoadCommand* find_load_command(std::string_view name) {
  const auto* found = std::ranges::find(commands, name, &LoadCommand::name);
  return found == commands.end() ? nullptr : found;
}

}  // namespace mq
