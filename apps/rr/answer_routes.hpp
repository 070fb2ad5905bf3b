// Where the answer to a request goes: to the topic that the request names, or that a pattern makes of its own
// topic; and which topics are refused, because they would lead back here, belong to the server, or are not
// allowed. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rr/topic_pattern.hpp"
#include "wire/packet.hpp"

namespace mq {

class AnswerRoutes {
 public:
  // As the user has them, `pattern` being -e, for what is spoken: below 5.0 without one by convention. Kind
  // usage when no answer would be possible, or none could be told from a request.
  static Result<AnswerRoutes> make(std::vector<std::string> filters, std::vector<std::string> allowed,
                                   std::optional<TopicPattern> pattern, Version version);

  // `filters` are those of the requests, as subscribed; `allowed` may be empty: any topic is.
  AnswerRoutes(std::vector<std::string> filters, std::vector<std::string> allowed,
               std::optional<TopicPattern> pattern);

  const std::vector<std::string>& filters() const { return filters_; }

  struct Route {
    enum class Kind : std::uint8_t { found, unnamed, refused } kind = Kind::unnamed;
    std::string_view topic{};
    std::optional<Bytes> correlation{};
    std::string why{};  // of a refusal: a fragment that can follow "no answer: "
  };
  // Its views are of `request` or live until the next call.
  Route find(const Publish& request);

 private:
  void make_topic(std::string_view request);
  const std::string* own_filter(std::string_view topic) const;
  bool leads_back(const std::string& filter);
  bool came_back(std::string_view request) const;
  Result<void> check(Version version);
  std::string refusal(std::string_view topic) const;

  std::vector<std::string> filters_, allowed_;
  std::optional<TopicPattern> pattern_;
  std::string made_;
};

// The user property that says who has answered; a message with it is an answer, and never answered itself.
inline constexpr std::string_view responder_property = "responder";

}  // namespace mq
