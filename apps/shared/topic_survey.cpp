#include "shared/topic_survey.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "client/client.hpp"
#include "net/loop.hpp"
#include "shared/topic_steps.hpp"

namespace mq {
namespace {

constexpr std::size_t most_topics = 20'000;
constexpr std::size_t longest_topic = 1'000;
constexpr Duration longest_quiet = std::chrono::milliseconds(400);

class TopicSurvey : private ClientOwner {
 public:
  TopicSurvey(const ClientConfig& config, const std::string& filter, Duration limit)
      : filter_(filter),
        quiet_(std::min(limit / 3, longest_quiet)),
        client_(loop_, config, *this),
        deadline_(loop_),
        silence_(loop_) {
    deadline_.set(loop_.now() + limit, [this] { loop_.stop(); });
  }

  std::set<std::string> run() {
    client_.start();
    loop_.run();
    return std::exchange(topics_, {});
  }

 private:
  void on_message(const Message& message) override {
    const std::string_view topic = message.publish.topic;
    if (topic.size() > longest_topic || !is_showable(topic)) return;
    topics_.emplace(topic);
    if (topics_.size() >= most_topics) loop_.stop();
  }

  void on_event(const Event& event) override {
    if (std::holds_alternative<Connected>(event)) {
      if (!client_.subscribe({{.filter = filter_}}, {})) loop_.stop();
    } else if (const auto* subscribed = std::get_if<Subscribed>(&event)) {
      if (std::ranges::any_of(subscribed->suback.codes,
                              [](char code) { return is_failure(static_cast<ReasonCode>(octet(code))); }))
        loop_.stop();
      subscribed_ = true;
    }
  }

  // Something had come.
  void on_quiet() override {
    if (subscribed_) silence_.set(loop_.now() + quiet_, [this] { client_.leave(); });
  }

  void on_retry(const Error&, Duration, const Endpoint&) override { loop_.stop(); }
  void on_end(const std::optional<Error>&) override { loop_.stop(); }

  const std::string& filter_;
  Duration quiet_;
  std::set<std::string> topics_;
  bool subscribed_ = false;
  Loop loop_;
  Client client_;
  Timer deadline_;
  Timer silence_;
};

}  // namespace

std::set<std::string> survey_topics(const ClientConfig& config, const std::string& filter, Duration limit) {
  return TopicSurvey(config, filter, limit).run();
}

}  // namespace mq
