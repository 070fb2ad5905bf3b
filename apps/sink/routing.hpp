// From a message to its subscribers: each session gets it once, with the highest QoS and all identifiers of
// the subscriptions that take it in; of a shared subscription one member in turn.
#pragma once

#include <cstdint>
#include <vector>

#include "sink/delivery.hpp"
#include "sink/router.hpp"
#include "sink/session.hpp"

namespace mq::sink {

class Routing {
 public:
  Routing(Router& router, Delivery& delivery) : router_(router), delivery_(delivery) {}

  // `from` is the publisher's session, or null.
  void route(Passing& passing, const Session* from);

 private:
  struct Chosen {
    Session* session;
    QoS qos;
    bool retain;
    Buffer identifiers;
  };

  void give(const Subscriber& subscriber, Passing& passing);
  void choose(const Subscriber& subscriber, const Publish& packet);
  static const Subscriber& next_of(Group& group);

  Router& router_;
  Delivery& delivery_;
  std::vector<Chosen> chosen_;
  std::uint64_t routings_ = 0;
};

}  // namespace mq::sink
