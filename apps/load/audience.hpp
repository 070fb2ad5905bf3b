// Which subscribers a few streams are for, pair by pair; receivers.hpp tells how many they are. Asked at the
// end of a run about streams of which somebody has seen nothing. Owns the streams' topics.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "load/client_fields.hpp"
#include "load/scenario.hpp"

namespace mq {

class Audience {
 public:
  // `streams` are numbers of clients that publish. Kind usage or io.
  static Result<Audience> make(const Scenario& scenario, const std::vector<std::uint32_t>& streams,
                               const Environment& environment);

  // Those whose messages a client of that population should get by its filters, in ascending order. Topics
  // that change with the message are looked at as the first one has it.
  std::vector<std::uint32_t> streams_for(std::size_t population,
                                         const std::vector<std::string>& filters) const;

 private:
  struct Stream {
    std::uint32_t number;
    std::size_t population;
    std::string topic;
  };

  std::vector<Stream> streams_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_topic_;
  std::vector<std::vector<bool>> in_time_;  // by subscriber's and publisher's population
};

}  // namespace mq
