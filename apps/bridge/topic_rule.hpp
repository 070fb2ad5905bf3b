// Which topics a route takes and what becomes of them: a filter whose wildcards may have names, and a
// template: "a/+x/b/#rest" -> "site7/$x/$rest". Checked when it is made.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace mq {

class TopicRule {
 public:
  // `to` empty: the topic stays. `$NAME` or `${NAME}` is what the wildcard of that name took in, `$1` what
  // the first did, `$$` a dollar; `$0` the whole topic. The slash before a '#' that took in nothing goes with
  // it. Kind usage.
  static Result<TopicRule> parse(std::string_view from, std::string_view to);
  // mosquitto's: what matches `pattern` behind `from_prefix` goes to the same behind `to_prefix`; an empty
  // pattern stands for the prefixes themselves. Kind usage.
  static Result<TopicRule> prefixes(std::string_view pattern, std::string_view from_prefix,
                                    std::string_view to_prefix);

  const std::string& filter() const { return filter_; }  // without names, to subscribe to
  std::string text() const;                              // as it was written, for people

  bool by_prefix() const { return by_prefix_; }

  // False when the topic is not one of its; else `made` becomes the new topic, which is checked by the caller
  // (it may come out empty or too long).
  bool apply(std::string_view topic, Buffer& made) const;

  // Whether all its topics stay as they are.
  bool keeps_topics() const;
  // A filter that takes in all that it makes.
  std::string made_filter() const;
  // One of its topics that comes out empty, if it may have such.
  std::optional<std::string> emptied() const;

 private:
  static constexpr int end = -1;
  static constexpr int whole_topic = -2;
  struct Piece {
    std::string text;    // in front of
    int wildcard = end;  // what this one took in
  };
  std::string filter_, from_, to_;
  std::vector<Piece> pieces_;  // of to_; none: the topic stays
  bool by_prefix_ = false;     // from_ and to_ are the prefixes
};

}  // namespace mq
