// Rules that give messages other topics: "old/#=new/#". What the wildcards on the left take in is put where
// they stand on the right, in their order. The first rule that matches decides; a topic that none matches
// stays.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace mq {

class TopicMap {
 public:
  // "FILTER=TOPIC", split at the first '='. Kind usage when the left is no topic filter, or the right neither
  // a topic name nor a filter with the same wildcards in the same order.
  Result<void> add(std::string_view rule);

  bool empty() const { return rules_.empty(); }

  // The topic that `topic` becomes: `topic` itself, or a view of `made`, which is overwritten. It may come
  // out as no topic name (empty, too long).
  std::string_view apply(std::string_view topic, Buffer& made) const;

 private:
  struct Rule {
    std::string from, to;
  };
  std::vector<Rule> rules_;
};

}  // namespace mq
