#include "load/tally.hpp"

namespace mq {
namespace {

constexpr std::array<TallyRow, latency_kinds> latencies{{
    {"connect", "connect", "from the start of a connection to CONNACK, TCP and TLS included"},
    {"tls", "TLS handshake", "the TLS handshake alone"},
    {"subscribe", "subscribe", "from SUBSCRIBE to SUBACK"},
    {"ack", "acknowledgement", "from PUBLISH to PUBACK or PUBCOMP"},
    {"e2e", "end to end", "from PUBLISH to the arrival at a subscriber"},
    {"rr", "request", "from a request to its answer"},
    {"replay", "replay", "from SUBSCRIBE to a retained message, or from CONNECT to a queued one"},
    {"lag", "schedule lag", "how late the generator itself began what was due"},
}};

constexpr std::array<TallyRow, count_kinds> counts{{
    {"connects", "connections begun", "connections begun"},
    {"connected", "connected", "connections that the server accepted"},
    {"connect_failures", "failed connections", "connections that came to no CONNACK"},
    {"connects_refused", "refused connections", "connections that the server refused in CONNACK"},
    {"connections_lost", "lost connections", "accepted connections that ended without our doing"},
    {"disconnects", "disconnected", "connections that we ended"},
    {"subscriptions", "subscriptions", "topic filters that the server granted"},
    {"subscribe_failures", "failed subscriptions", "topic filters that the server refused"},
    {"requests", "requests", "requests sent"},
    {"answers", "answers", "requests that got their answer in time"},
    {"late_answers", "late answers", "answers after the time limit, or beyond the first"},
    {"requests_failed", "failed requests", "requests without an answer within the time limit"},
    {"bytes_sent", "bytes sent", "bytes of MQTT packets sent"},
    {"bytes_received", "bytes received", "bytes of MQTT packets received"},
    {"unstamped", "foreign messages", "messages received that this run has not sent"},
}};

constexpr std::array<TallyRow, message_count_kinds> message_counts{{
    {"sent", "sent", "messages published"},
    {"unsent", "unsent", "messages that were due, or asked for by number, and never sent"},
    {"acknowledged", "acknowledged", "messages that the server acknowledged with success"},
    {"refused", "refused", "messages that the server refused by a reason code"},
    {"unacknowledged", "unacknowledged", "messages at QoS 1 and 2 that got no answer up to the end"},
    {"expected", "expected", "deliveries that subscribers should have got"},
    {"received", "received", "different messages that subscribers got"},
    {"lost", "lost", "deliveries that were expected and did not come"},
    {"duplicated", "duplicated", "copies beyond the first"},
    {"reordered", "reordered", "messages that came after a later one of their stream"},
    {"corrupted", "corrupted", "messages that were changed on the way"},
}};

}  // namespace

std::span<const TallyRow> latency_rows() { return latencies; }
std::span<const TallyRow> count_rows() { return counts; }
std::span<const TallyRow> message_count_rows() { return message_counts; }

std::uint64_t Tally::all(MessageCount kind) const { return at(0, kind) + at(1, kind) + at(2, kind); }

void Tally::add(const Tally& other) {
  for (std::size_t i = 0; i < latency_kinds; ++i) {
    latencies[i].due.add(other.latencies[i].due);
    latencies[i].done.add(other.latencies[i].done);
  }
  for (std::size_t i = 0; i < count_kinds; ++i) counts[i] += other.counts[i];
  for (std::size_t qos = 0; qos < messages.size(); ++qos)
    for (std::size_t i = 0; i < message_count_kinds; ++i) messages[qos][i] += other.messages[qos][i];
}

void Tally::clear() {
  for (Timing& timing : latencies) {
    timing.due.clear();
    timing.done.clear();
  }
  counts = {};
  messages = {};
}

}  // namespace mq
