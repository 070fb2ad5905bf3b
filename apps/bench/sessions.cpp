#include "bench/sessions.hpp"

#include <fmt/core.h>

#include <limits>
#include <utility>

#include "bench/populations.hpp"
#include "bench/rows.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

constexpr std::uint32_t an_hour = 3600;
constexpr std::uint16_t window_below_v5 = 20;

void clients(OptionRows& rows, LoadSettings& settings, std::string_view default_text,
             std::string_view summary, std::string_view detail) {
  clients_row(rows, settings,
              {.name = "clients",
               .default_text = default_text,
               .summary = summary,
               .detail = detail,
               .target = &LoadSettings::clients});
}

void publishing_rows(OptionRows& rows, LoadSettings& settings, std::string_view topic, std::string_view qos) {
  topic_row(rows, settings, topic);
  qos_row(rows, settings, qos, "Quality of service with which messages are published and subscribed to.");
  payload_rows(rows, settings);
  window_row(rows, settings, {}, "messages of a publisher without acknowledgement",
             "How many messages of a publisher may wait for their acknowledgement at the same time. 1,000, "
             "and 20 below MQTT 5.0.");
}

Result<Population> publishers(const LoadSettings& settings, std::uint64_t count) {
  auto plan = publish_plan(settings);
  if (!plan) return std::unexpected(std::move(plan.error()));
  if (settings.has("window") && plan->qos == QoS::at_most_once)
    return usage("--window is about acknowledgements, which QoS 0 has none of", "give -q 1 or 2");
  Population made = population(settings, "publishers", count);
  window_of(made.session, *plan, settings.has("window"));
  made.publish = std::move(*plan);
  return made;
}

// A server keeps nothing for ever of what it would keep for a run alone.
Result<void> expire(PropertyList& properties, PropertyId id) {
  if (properties.view().contains(id)) return {};
  return properties.add(id, an_hour);
}

}  // namespace

void window_of(SessionConfig& session, PublishPlan& plan, bool given) {
  if (!given && session.version != Version::v5) plan.window = window_below_v5;
  session.max_in_flight = plan.window;
  session.max_in_flight_bytes = std::numeric_limits<std::uint32_t>::max();
  session.receive_maximum_below_v5 = given ? plan.window : window_below_v5;
}

void rr_rows(OptionRows& rows, LoadSettings& settings) {
  clients(rows, settings, "10", "clients that ask", "How many clients ask and wait for answers.");
  clients_row(rows, settings,
              {.name = "responders",
               .default_text = "1",
               .summary = "clients that answer",
               .detail = "How many clients answer; of several, each request goes to one (a shared "
                         "subscription).",
               .target = &LoadSettings::responders});
  connect_rate_row(rows, settings, "1000");
  rate_rows(rows, settings, "100",
            "How many requests each client sends a second. Each has its time, which "
            "does not wait for answers to those before it unless --window says so.");
  count_row(rows, settings, {}, "requests of each client",
            "How many requests each client sends. Without --duration the run ends with the last answer.");
  duration_rows(rows, settings, "10", "How long clients ask, from the moment when all are ready.");
  topic_row(rows, settings, "mqttkit/bench/{run}/requests/{number}");
  request_rows(rows, settings);
  qos_row(rows, settings, "0", "Quality of service of requests and answers.");
  payload_rows(rows, settings);
  window_row(rows, settings, "1", "requests of a client without an answer",
             "How many requests of a client may wait for their answers at the same time. One that is due "
             "meanwhile waits, which its latency shows.");
}

Result<void> build_rr(const LoadSettings& settings, Scenario& scenario) {
  auto plan = publish_plan(settings);
  if (!plan) return std::unexpected(std::move(plan.error()));
  if (plan->stamp == StampPlace::none)
    return usage("requests without a stamp can't be told apart", "give another --stamp");
  if (!has_name(settings.response_topic, "client") && !has_name(settings.response_topic, "number"))
    return usage("all clients would get each other's answers", "put {number} in -e");
  Population responders = population(settings, "responders", settings.responders);
  std::string filter = filter_of(settings.topic, false);
  if (settings.responders > 1) filter = fmt::format("$share/bench-{{run}}/{}", filter);
  responders.respond = {.filters = {std::move(filter)}, .qos = settings.qos};
  scenario.populations.push_back(std::move(responders));
  Population asking = population(settings, "requesters", settings.clients);
  // What waits for an answer waits for its acknowledgement as well.
  window_of(asking.session, *plan, true);
  asking.request = {.publish = std::move(*plan),
                    .response_topic = settings.response_topic,
                    .timeout = settings.answer_timeout};
  asking.after.push_back({.population = 0});
  scenario.populations.push_back(std::move(asking));
  end_of(settings, scenario);
  return {};
}

void churn_rows(OptionRows& rows, LoadSettings& settings) {
  clients(rows, settings, "100", "clients that come and go",
          "How many clients come and go: as many connections are there at the most.");
  connect_rate_row(rows, settings, "100");
  stay_row(rows, settings);
  count_row(rows, settings, {}, "times that each client connects",
            "How often each client connects. Without --duration the run ends with the last time.");
  duration_rows(rows, settings, "10", "How long clients come and go.");
}

Result<void> build_churn(const LoadSettings& settings, Scenario& scenario) {
  Population made = population(settings, "clients", settings.clients);
  made.churn = {.stay = settings.stay, .rate = connect_rate(settings), .count = settings.count};
  scenario.populations.push_back(std::move(made));
  end_of(settings, scenario);
  return {};
}

void offline_rows(OptionRows& rows, LoadSettings& settings) {
  clients(rows, settings, "10", "absent clients, and as many publishers",
          "How many clients subscribe, leave, and come back later; as many publish meanwhile, each to one.");
  connect_rate_row(rows, settings, "1000");
  rate_rows(rows, settings, "100", "How many messages each publisher sends a second.");
  count_row(rows, settings, "100", "messages for each absent client",
            "How many messages each publisher sends to its absent client's queue. mosquitto keeps 1,000 "
            "unless it is told otherwise.");
  duration_rows(rows, settings, {}, "How long it may take at most, counts or no counts.");
  publishing_rows(rows, settings, "mqttkit/bench/{run}/{number}", "1");
}

Result<void> build_offline(const LoadSettings& settings, Scenario& scenario) {
  if (settings.qos == QoS::at_most_once)
    return usage("servers need not queue messages of QoS 0 for absent clients", "give -q 1 or 2");
  if (has_name(settings.topic, "client") ||
      filter_of(settings.topic, false) == filter_of(settings.topic, true))
    return usage("each absent client needs a topic of its own", "put {number} in -t, and no {client}");
  Population absent = population(settings, "absent", settings.clients);
  // Its identifier is new, so that there is no session to go on with; 3.x keeps one for no other clients.
  absent.session.clean_start = false;
  absent.session.continues_session = false;
  if (absent.session.version == Version::v5)
    if (auto added = expire(absent.session.properties, PropertyId::session_expiry_interval); !added)
      return added;
  absent.subscribe = subscribe_plan(settings, filter_of(settings.topic, true));
  absent.leaves_when_ready = true;
  auto publishing = publishers(settings, settings.clients);
  if (!publishing) return std::unexpected(std::move(publishing.error()));
  publishing->after.push_back({.population = 0, .finished = true});
  Population returning = absent;
  returning.name = "returning";
  returning.leaves_when_ready = false;
  returning.resumes = 0;
  returning.session.continues_session = true;
  returning.subscribe->count = settings.count;
  returning.after.push_back({.population = 1, .finished = true});
  scenario.populations = {std::move(absent), std::move(*publishing), std::move(returning)};
  scenario.duration = settings.duration;
  return {};
}

void retained_rows(OptionRows& rows, LoadSettings& settings) {
  clients_row(rows, settings,
              {.name = "publishers",
               .default_text = "1",
               .summary = "clients that store messages",
               .detail = "How many clients publish retained messages.",
               .target = &LoadSettings::publishers});
  clients_row(rows, settings,
              {.name = "subscribers",
               .default_text = "10",
               .summary = "clients that then get all of them",
               .detail = "How many clients then subscribe, and get all retained messages.",
               .target = &LoadSettings::subscribers});
  connect_rate_row(rows, settings, "1000");
  rate_rows(rows, settings, "1000", "How many messages each publisher stores a second.");
  count_row(rows, settings, "1000", "messages of each publisher",
            "How many messages each publisher stores, each under a topic of its own.");
  duration_rows(rows, settings, {}, "How long it may take at most, counts or no counts.");
  publishing_rows(rows, settings, "mqttkit/bench/{run}/{number}/{seq}", "1");
}

Result<void> build_retained(const LoadSettings& settings, Scenario& scenario) {
  if (!has_name(settings.topic, "seq") && !has_name(settings.topic, "count") &&
      !has_name(settings.topic, "uuid"))
    return usage("each message needs a topic of its own, or it takes the place of the one before",
                 "put {seq} in -t");
  if (settings.publishers > 1 && !has_name(settings.topic, "client") && !has_name(settings.topic, "number"))
    return usage("publishers would store their messages in each other's place", "put {number} in -t");
  auto publishing = publishers(settings, settings.publishers);
  if (!publishing) return std::unexpected(std::move(publishing.error()));
  publishing->publish->retain = true;
  if (publishing->session.version == Version::v5)
    if (auto added = expire(publishing->publish->properties, PropertyId::message_expiry_interval); !added)
      return added;
  Population subscribers = population(settings, "subscribers", settings.subscribers);
  subscribers.subscribe = subscribe_plan(settings, filter_of(settings.topic, false));
  subscribers.subscribe->replay = true;
  subscribers.subscribe->count = settings.count * settings.publishers;
  subscribers.after.push_back({.population = 0, .finished = true});
  scenario.populations = {std::move(*publishing), std::move(subscribers)};
  scenario.duration = settings.duration;
  return {};
}

}  // namespace mq
