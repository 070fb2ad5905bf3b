// How a request says where its answer is to come and which one it is, and how an answer says the latter: by
// the response topic and correlation data of MQTT 5.0 (5.0: 4.10), by topics that hold client and request, or
// by a member of JSON payloads. What an answer is known by is its key. Pure but for random numbers.
#pragma once

#include <optional>
#include <string>

#include "rr/pending.hpp"
#include "rr/settings.hpp"
#include "rr/topic_pattern.hpp"
#include "wire/packet.hpp"

namespace mq {

class Addresses {
 public:
  // `connack` is the server's; `settings` outlives it. Kind protocol when the server's response information
  // makes no topic, kind usage when the given response topic makes none.
  static Result<Addresses> make(const RrSettings& settings, const SessionConfig& session,
                                const Connack& connack);

  // What to subscribe to.
  const std::string& filter() const { return filter_; }

  Buffer new_id() const;
  // Sets the request's key and response topic by its id. Kind payload when an id of the user's makes none, or
  // when the request itself would come where its answer is to.
  Result<void> name(Request& request) const;

  struct Addressed {
    std::string topic;
    PropertyList properties;
    std::optional<Buffer> payload{};  // where it is not the request's own
  };
  // What to publish. Kind payload when the request's payload can't hold its id; kind usage when the topic
  // gets too long.
  Result<Addressed> address(const Request& request) const;

  // nullopt: it answers nobody's request. Lives until the next call.
  std::optional<Bytes> key_of(const Publish& publish);

 private:
  enum class Way : std::uint8_t {
    any,          // whatever comes to the response topic: there is but one request
    correlation,  // data of MQTT 5.0
    topic,
    field,
  };

  Addresses(const RrSettings& settings, Version version, Way way, TopicPattern pattern, std::string client)
      : settings_(&settings),
        v5_(version == Version::v5),
        way_(way),
        pattern_(std::move(pattern)),
        client_(std::move(client)) {}

  std::string topic_of(const Request& request) const;
  Result<void> add_field(const Request& request, Buffer& payload) const;

  const RrSettings* settings_;
  bool v5_;
  Way way_;
  TopicPattern pattern_;
  std::string client_;
  std::string filter_;
  bool in_request_ = false;  // the request's topic says as well whose it is and which one
  Buffer key_;
};

// Whether the ids of requests stand in topics or payloads, and so must be texts: by the same.
bool ids_are_texts(const RrSettings& settings);
// Kind payload when such an id is none.
Result<void> check_id(Bytes id);

// Whether answers say what they answer: by -V, -e and --correlation-field alone.
bool tells_answers_apart(const RrSettings& settings);

}  // namespace mq
