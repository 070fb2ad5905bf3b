// What a bridge is to do, as plain data: filled in from a TOML file, from the command line, or from
// mosquitto's configuration; checked when it is made. Owns all its strings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "bridge/topic_rule.hpp"
#include "shared/settings.hpp"
#include "wire/packet.hpp"

namespace mq {

// A server, or several that stand in for each other, that the bridge connects to.
struct EndpointPlan {
  std::string name;      // [endpoint.NAME]
  std::string known_as;  // what all bridges call the server; empty: known by `name` and addresses on this
                         // machine alone
  std::string mark;      // of the server, in a message's way
  ConnectionSettings
      connection;  // all connection options of the kit; its client id is fixed, its session kept
  // Below 5.0: the high bit of the protocol's version, by which mosquitto knows a bridge.
  bool bridge_bit = true;
  // With several servers that don't know each other's sessions at least once is all that can be promised.
  QoS most_qos() const {
    return shared_sessions || connection.client.endpoints.size() < 2 ? QoS::exactly_once : QoS::at_least_once;
  }
  bool shared_sessions = true;  // all its addresses know the same sessions
  std::string written{};        // what the file says of it, and how old the files are that it names
};

// What becomes of the retain flag of what a route carries.
enum class RetainPolicy : std::uint8_t {
  keep,     // as the source has it (Retain As Published)
  clear,    // never set
  no_past,  // as keep, but what was retained before the subscription is not carried
};

enum class OverflowPolicy : std::uint8_t { block, drop_oldest, drop_newest };

// Bounds of what waits for a route's destination; 0: none.
struct QueuePlan {
  std::uint64_t most_bytes = std::uint64_t{1} << 30;
  std::uint64_t most_messages = 0;
  Duration most_age{};
  OverflowPolicy overflow = OverflowPolicy::block;
  bool qos0 = false;  // keep messages at QoS 0 too while the destination is away, in memory
};

enum class InvalidPolicy : std::uint8_t { mark, drop, dead_letter };

// Contracts and changes on the way, in this order.
struct TreatmentPlan {
  std::string payload_map;  // file; empty: nothing is validated
  InvalidPolicy invalid = InvalidPolicy::mark;
  std::string dead_letter_topic;
  std::string jq;           // program; empty: none
  std::string from_format;  // names of codecs; empty: by the payload map or by looking
  std::string to_format;    // empty: as it is
  double most_per_second = 0;
  Duration doubles_within{};  // equal topic and payload within this time are one
  Duration latest_every{};    // of each topic the latest alone, so often (conflation)
};

struct RoutePlan {
  std::string name;
  std::size_t from = 0, to = 0;  // of BridgePlan::endpoints
  std::vector<TopicRule> rules;  // the first that matches decides, and is its subscription
  std::vector<std::string> excludes;
  QoS most_qos = QoS::exactly_once;  // of the subscription, so also of what is published
  RetainPolicy retain = RetainPolicy::keep;
  std::string share;            // name of a shared subscription; empty: none
  bool own_connection = false;  // else all routes of an endpoint share one
  QueuePlan queue;
  TreatmentPlan treatment;
};

enum class StoreKind : std::uint8_t { disk, through, memory };

struct BridgePlan {
  std::string name;  // client ids begin with it
  std::vector<EndpointPlan> endpoints;
  std::vector<RoutePlan> routes;
  StoreKind store = StoreKind::disk;
  std::string store_path;  // of the SQLite file
  bool standby = false;    // waits for the store while another bridge has it
  unsigned most_hops = 8;
  std::string status_topic;  // empty: none; retained, at every endpoint, with a will
  std::string http_address;  // of /metrics and /health; empty: none
  Log log;
};

}  // namespace mq
