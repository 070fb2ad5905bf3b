// The retained message of each topic, in the order of topics, so that a filter needs to look only at those
// that begin as it does.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "sink/message.hpp"

namespace mq::sink {

class Retained {
 public:
  std::size_t count() const { return messages_.size(); }
  void store(std::string_view topic, MessagePtr message);
  void erase(std::string_view topic);

  // The next one that the filter takes in, behind the topic `last` (from the beginning if that is empty);
  // looks at no more than so many. `last` becomes its topic, or that of the last one looked at; null with
  // `more` set when there may be others, null without when there are none.
  MessagePtr next(std::string_view filter, std::string& last, bool& more) const;

 private:
  std::map<std::string, MessagePtr, std::less<>> messages_;
};

}  // namespace mq::sink
