#include "bridge/metrics.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "bridge/example_figures.hpp"
#include "peers/process.hpp"
#include "shared/exposition.hpp"

using namespace mq;

namespace {

std::string text_of(const BridgeFigures& figures) {
  Buffer text;
  append_bridge_metrics(figures, text);
  return text;
}

// As Prometheus' own strict reader for Python has it: unit, type, name, labels and value of each sample.
std::string as_prometheus_reads(const std::string& text) {
  const Outcome outcome = run({.command = {"/usr/bin/python3", "-c", R"py(
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
for family in parse(sys.stdin.buffer.read().decode()):
    for sample in family.samples:
        print(family.type, sample.name, sorted(sample.labels.items()), float(sample.value))
)py"},
                               .input = Input::bytes,
                               .input_bytes = text});
  CHECK(outcome.err == "");
  return outcome.out;
}

}  // namespace

TEST_CASE("a bridge's figures are what OpenMetrics readers take") {
  const std::string read = as_prometheus_reads(text_of(test::figures()));
  for (const std::string_view line : {
           "info mqttkit_bridge_info [('name', 'site7'), ('store', 'disk'), ('version', '0.1.0')] 1.0\n",
           "gauge mqttkit_bridge_start_time_seconds [] 1795430000.0\n",
           "gauge mqttkit_bridge_store_working [] 1.0\n",
           "gauge mqttkit_bridge_link_connected [('client_id', 'site7-plant'), ('endpoint', 'plant')] 1.0\n",
           "gauge mqttkit_bridge_link_connected [('client_id', 'site7-cloud'), ('endpoint', 'cloud')] 0.0\n",
           "counter mqttkit_bridge_link_reconnects_total [('client_id', 'site7-plant'), ('endpoint', "
           "'plant')] 2.0\n",
           "counter mqttkit_bridge_link_reconnects_total [('client_id', 'site7-cloud'), ('endpoint', "
           "'cloud')] 0.0\n",
           "counter mqttkit_bridge_link_unrouted_messages_total [('client_id', 'site7-plant'), ('endpoint', "
           "'plant')] 1.0\n",
           "gauge mqttkit_bridge_link_in_flight_messages [('client_id', 'site7-cloud'), ('endpoint', "
           "'cloud')] 4.0\n",
           "gauge mqttkit_bridge_link_blocked_messages [('client_id', 'site7-plant'), ('endpoint', 'plant')] "
           "7.0\n",
           "counter mqttkit_bridge_route_received_messages_total [('from', 'plant'), ('route', 'up'), ('to', "
           "'cloud')] 20.0\n",
           "counter mqttkit_bridge_route_invalid_messages_total [('from', 'plant'), ('route', 'up'), ('to', "
           "'cloud')] 2.0\n",
           "counter mqttkit_bridge_route_ended_messages_total [('fate', 'delivered'), ('from', 'plant'), "
           "('route', 'up'), ('to', 'cloud')] 2.0\n",
           "counter mqttkit_bridge_route_ended_messages_total [('fate', 'superseded'), ('from', 'cloud'), "
           "('route', 'down'), ('to', 'plant')] 0.0\n",
           "gauge mqttkit_bridge_route_waiting_messages [('from', 'plant'), ('route', 'up'), ('to', "
           "'cloud')] 17.0\n",
           "gauge mqttkit_bridge_route_waiting_bytes [('from', 'plant'), ('route', 'up'), ('to', 'cloud')] "
           "1700.0\n",
           "gauge mqttkit_bridge_route_oldest_age_seconds [('from', 'plant'), ('route', 'up'), ('to', "
           "'cloud')] 2.5\n",
           "gauge mqttkit_bridge_route_oldest_age_seconds [('from', 'cloud'), ('route', 'down'), ('to', "
           "'plant')] 0.0\n",
           "gauge mqttkit_bridge_route_lag_seconds [('from', 'plant'), ('route', 'up'), ('to', 'cloud')] "
           "1.25\n",
       })
    CHECK_MESSAGE(read.contains(line), std::string(line));
  CHECK_FALSE(read.contains("lag_seconds [('from', 'cloud')"));
}

TEST_CASE("a store that fails and clocks that were set back are told too, and so is a bridge of nothing") {
  BridgeFigures figures = test::figures();
  figures.store_works = false;
  figures.routes[0].oldest = figures.taken + 5000;
  const std::string text = text_of(figures);
  CHECK(text.contains("\nmqttkit_bridge_store_working 0\n"));
  CHECK(text.contains("oldest_age_seconds{route=\"up\",from=\"plant\",to=\"cloud\"} 0\n"));
  CHECK(as_prometheus_reads(text_of({})) != "");
}

TEST_CASE("names that need escapes come back as they were") {
  BridgeFigures figures = test::figures();
  figures.links[0].client_id = "a \"b\"\n\\c";
  CHECK(as_prometheus_reads(text_of(figures)).contains(R"('client_id', 'a "b"\n\\c')"));
}
