// Topics by convention, for those who can't name a response topic in the request: a text in which {topic} is
// the topic of the request, {client} and {id} say whose it is and which one. Any other {name} is refused.
// Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace mq {

class TopicPattern {
 public:
  // Kind usage when what it makes is no valid topic name, and for any other {name}.
  static Result<TopicPattern> compile(std::string_view text);
  // A topic that stands for itself, braces and all.
  static TopicPattern literal(std::string topic);

  // Client and id each stand for a part of one level: '/', '+' and '#' in them become '_'. The result is a
  // valid topic name if `topic` is one and it is not too long, and if client and id are not empty.
  std::string fill(std::string_view topic, std::string_view client, std::string_view id) const;
  void append(std::string_view topic, std::string_view client, std::string_view id, std::string& out) const;

  // Takes in what fill() makes of any id, and of any topic that the filter `topic` takes in: a level that is
  // not all known is '+'.
  std::string filter(std::string_view topic, std::string_view client) const;

  bool has_topic() const { return has(Part::topic); }
  bool has_client() const { return has(Part::client); }
  bool has_id() const { return has(Part::id); }
  // The text that {topic} stands behind at the beginning; empty: none does.
  std::string_view before_topic() const;

 private:
  enum class Part : std::uint8_t { text, topic, client, id };
  bool has(Part part) const;
  struct Piece {
    Part part;
    std::string text;
  };

  std::vector<Piece> pieces_;
};

// What the convention puts behind a request's topic: TOPIC/CLIENT/ID.
std::string with_asker(std::string_view topic, std::string_view client, std::string_view id);
struct Asker {
  std::string_view client, id;  // empty: the topic has too few levels
};
Asker asker_in(std::string_view topic);
// The filter for such requests to what `filter` takes in, which may be shared.
std::string with_askers(std::string_view filter);

}  // namespace mq
