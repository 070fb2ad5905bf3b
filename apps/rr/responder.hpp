// mqtt-rr serve at work: subscribes to the requests, has each answered, and publishes the answers to where
// they were asked for. What waits to be published is bounded: a request at QoS 1 or 2 is not acknowledged
// while it is too much, so that the server sends no more.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "input/composer.hpp"
#include "rr/answer_routes.hpp"
#include "rr/answer_tally.hpp"
#include "rr/answering.hpp"
#include "rr/serve_settings.hpp"
#include "shared/client_program.hpp"
#include "shared/output.hpp"

namespace mq {

class Responder : public ClientProgram {
 public:
  // `settings` outlives it. Kind usage or io.
  static Result<std::unique_ptr<Responder>> make(const ServeSettings& settings);

 private:
  explicit Responder(const ServeSettings& settings);

  using Moment = std::chrono::system_clock::time_point;  // known with -v

  // What is kept of a request for its answer.
  struct Asker {
    std::string_view request_topic, topic;
    std::optional<Bytes> correlation{};
    QoS qos = QoS::at_most_once;
    Moment came{};
    const Value* member = nullptr;
  };
  struct KeptAsker {
    std::string request_topic, topic;
    std::optional<Buffer> correlation{};
    QoS qos = QoS::at_most_once;
    Moment came{};
    std::optional<Value> member{};
  };
  // An answer that the session does not take yet.
  struct WaitingAnswer {
    KeptAsker asker;
    PropertyList properties;
    Buffer payload;
    AnswerStatus status = AnswerStatus::ok;
    std::string why;
    std::size_t size = 0;
  };
  // One that it took while there was no connection.
  struct UnsentAnswer {
    KeptAsker asker;
    AnswerStatus status = AnswerStatus::ok;
  };
  using Problem = AnswerTally::Problem;

  void on_message(const Message& message) override;
  void handle(const Event& event) override;
  void on_quiet() override;
  void on_written() override { publish_waiting(); }
  void on_interrupt() override;
  void on_finish() override;
  std::string missing() const override;
  std::optional<Error> time_up(Error timed_out) override;

  void on_connected(const Connected& connected);
  Result<void> choose_routes();
  void make_properties();
  void subscribe();
  void on_subscribed(const Suback& suback);
  void on_published(const Published& published);
  void on_dropped(const Dropped& dropped);

  void acknowledge(const Message& message);
  void acknowledge_all();
  void answer(const Publish& request, const AnswerRoutes::Route& route);
  std::optional<Answer> invalid(const Publish& request);
  bool has_form(std::string_view topic) const;
  static KeptAsker kept_of(const Asker& asker);
  static Asker asker_of(const KeptAsker& kept);
  static std::size_t size_of(const Asker& asker);
  void answer_later(std::uint64_t number, const Answer& answer);
  void deliver(const Asker& asker, const Answer& answer);
  Answer composed(const Asker& asker, const Answer& answer);
  Answer with_member(const Asker& asker, const Answer& answer);
  void publish(const Asker& asker, const Answer& answer);
  void send(const Asker& asker, const Answer& answer, const PropertyList& properties);
  QoS qos_for(const Asker& asker) const;
  void fill_properties(const Asker& asker, const Answer& answer);
  void publish_waiting();
  bool flooded() const;
  bool session_stays() const;
  void show(const Asker& asker, const Answer& answer);
  void end_when_done();
  void flush();

  const ServeSettings& settings_;
  std::unique_ptr<Answering> answering_;
  std::unique_ptr<PayloadReader> reader_;
  std::unique_ptr<Composer> composer_;  // nullptr: answers go as they are made
  const Reading* reading_ = nullptr;    // of the request at hand
  std::optional<AnswerRoutes> routes_;
  bool subscribed_ = false;
  bool enough_ = false;  // no further request is taken
  std::uint64_t taken_ = 0;

  std::map<std::uint64_t, KeptAsker> kept_;  // whose answers come later
  std::deque<WaitingAnswer> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::map<Ticket, UnsentAnswer> unsent_;
  std::vector<Ticket> unacknowledged_;  // requests, while it is too much

  PropertyList base_, failure_base_;  // what all answers, and all failures, carry
  PropertyList made_;
  Buffer text_, payload_, why_;

  std::vector<PayloadRule> rules_;  // for requests
  AnswerTally tally_;
  std::uint64_t denied_ = 0;
  Timer last_call_;  // for commands that still run after a signal

  bool showing_;
  Output output_;
  Watch writable_;
  bool blocked_ = false;
};

}  // namespace mq
