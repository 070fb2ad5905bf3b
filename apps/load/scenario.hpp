// What a load is, as plain data: populations of clients, what each of them does, how fast, and when. Made of
// the command line or of a scenario file; the engine carries it out; nothing here acts. Clients are numbered
// over all populations, from 0: that number is also the stream of what a client publishes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "payload/compression.hpp"
#include "shared/payload_settings.hpp"
#include "shared/settings.hpp"
#include "wire/packet.hpp"

namespace mq {

enum class Pace : std::uint8_t {
  flood,     // as fast as can be: each client as soon as its window has room
  constant,  // evenly; the clients of a population are spread over one period
  poisson,   // independent of each other, exponentially distributed pauses
  bursts     // `burst` at once, the bursts evenly
};

struct Rate {
  Pace pace = Pace::flood;
  double per_second = 0;  // of what the Rate is about: messages, connections, requests
  bool in_total = false;  // of the whole population, over all shards; else of each client
  std::uint32_t burst = 1;
};

// A part of a run in which all rates of messages and requests are multiplied by what goes evenly from one
// factor to the other.
struct Stage {
  Duration length{};
  double from = 1, to = 1;
};

struct SizePlan {
  enum class Kind : std::uint8_t { fixed, uniform, normal, exponential };
  Kind kind = Kind::fixed;
  std::uint64_t least = 64, most = 64;  // bytes, what is drawn outside is cut to these
  double mean = 64, deviation = 0;      // of normal and exponential
};

struct PayloadPlan {
  enum class Kind : std::uint8_t {
    pattern,  // bytes of ours, checked to the last one when they arrive
    text,     // a template, the same for all messages but for what stands in braces
    file      // what a file holds, as it stands
  };
  Kind kind = Kind::pattern;
  SizePlan size{};     // of pattern
  std::string text{};  // of text
  std::string path{};  // of file; of text, when it is read from there
  // Of text and file: what it is encoded in, and held to.
  PayloadSettings format{};
  std::optional<Compression> compress{};
};

// Where the stamp goes that tells a message's stream, number and times (stamp.hpp).
enum class StampPlace : std::uint8_t { none, payload, user_property };

struct PublishPlan {
  std::string topic{};  // a template
  QoS qos = QoS::at_most_once;
  bool retain = false;
  PropertyList properties{};
  PayloadPlan payload{};
  StampPlace stamp = StampPlace::payload;
  Rate rate{};
  std::uint64_t count = 0;      // messages of each client; 0: until the run ends
  std::uint16_t window = 1000;  // at QoS 1 and 2: messages of a client that are not acknowledged yet
};

struct SubscribePlan {
  std::vector<std::string> filters{};  // templates that may hold {client} and {number}
  QoS qos = QoS::at_most_once;
  bool no_local = false;
  PropertyList properties{};
  bool replay = false;      // retained messages are what is waited for: latency counts from SUBSCRIBE
  std::uint64_t count = 0;  // messages after which a client is finished; 0: until the run ends
};

// Clients that ask and wait for the answer of the population of responders.
struct RequestPlan {
  PublishPlan publish{};         // `window`: requests of a client that wait for their answer
  std::string response_topic{};  // a template
  Duration timeout = std::chrono::seconds(30);
};

struct RespondPlan {
  std::vector<std::string> filters{};
  QoS qos = QoS::at_most_once;
};

// Clients that come and go.
struct ChurnPlan {
  Duration stay{};          // from CONNACK (and SUBACK) to DISCONNECT
  Rate rate{};              // of connects
  std::uint64_t count = 0;  // connects of each client; 0: until the run ends
};

// A CSV file: the names in its first line stand for a row's values in all templates of a population. The row
// goes by the client, or by the number of the message; after the last row comes the first one.
struct DataPlan {
  std::string path{};  // empty: none
  bool by_message = false;
};

struct Population {
  std::string name;
  std::uint64_t clients = 1;  // over all shards
  DataPlan data;
  std::string client_id;           // a template that may hold {client}, {number}, {run}
  std::uint64_t first_client = 0;  // the number of its first one
  Rate connect{.pace = Pace::constant, .per_second = 1000, .in_total = true};
  SessionConfig session;  // but for the client identifier
  // It begins when all these are ready (connected and subscribed) or finished.
  struct After {
    std::size_t population = 0;
    bool finished = false;
  };
  std::vector<After> after;
  std::optional<PublishPlan> publish;
  std::optional<SubscribePlan> subscribe;
  std::optional<RequestPlan> request;
  std::optional<RespondPlan> respond;
  std::optional<ChurnPlan> churn;
  // Goes on with the sessions of that population, which has left before: what it should receive is what was
  // published meanwhile.
  std::optional<std::size_t> resumes;
  bool leaves_when_ready = false;  // subscribes, then disconnects, and is finished
};

// One part of a load that is shared out among several processes.
struct Shard {
  std::uint32_t index = 0, count = 1;  // index from 0
};

struct Scenario {
  std::string name;  // "pubsub", or the scenario file's
  std::vector<Population> populations;
  std::vector<Stage> stages;                  // empty: factor 1 all the time
  std::optional<Duration> duration;           // of publishing and so on, from the moment when all is ready
  Duration warm_up{};                         // what happens in it is checked but not measured
  Duration drain = std::chrono::seconds(10);  // how long what is on its way is waited for at the end, at most
  std::uint32_t run = 0;   // names the run in stamps and client identifiers: equal in all shards
  std::uint64_t seed = 1;  // of everything random: equal in all shards, shards differ by client
  Shard shard;
  unsigned threads = 1;
  std::vector<std::string> source_addresses;  // local ones, in turn; empty: the system chooses
};

}  // namespace mq
