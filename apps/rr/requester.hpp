// mqtt-rr at work: subscribes to where answers are to come, publishes requests once the server has
// acknowledged that, so many at the same time, and shows the messages that answer them. A request that gets
// no answer in time is sent again, if that is asked for, or has failed; the others go on.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "input/composer.hpp"
#include "input/source.hpp"
#include "rr/addresses.hpp"
#include "rr/answer_view.hpp"
#include "rr/pending.hpp"
#include "rr/results.hpp"
#include "rr/settings.hpp"
#include "shared/printing_program.hpp"

namespace mq {

class Requester : public PrintingProgram {
 public:
  struct Parts {
    std::unique_ptr<Source> source;
    std::unique_ptr<Composer> composer;  // nullptr: requests go as their source gives them
    AnswerView view;
  };

  // `settings` outlives it.
  Requester(const RrSettings& settings, Parts parts);

 private:
  void on_message(const Message& message) override;
  void handle(const Event& event) override;
  void on_quiet() override;
  void on_written() override;
  void on_unblocked() override { go_on(); }
  void on_interrupt() override;
  void on_finish() override;
  std::optional<Error> time_up(Error timed_out) override;
  std::string missing() const override;

  void on_connected(const Connected& connected);
  void subscribe();
  void on_subscribed(const Suback& suback);
  void ask_again_after_loss(bool session_kept);
  void on_published(const Published& published);

  void go_on();
  bool ask_again();
  bool may_send() const;
  bool may_ask();
  bool take();
  Result<Request> request_of(const Draft& draft);
  void begin(Request request);
  void publish(Request& request);
  void invalid(const Error& error);
  void not_sent(Request request, const Error& error);
  void refuse(const Request& request, const Error& error);
  void set_deadline(Request& request, Time deadline);
  void wait_for_deadline();
  void on_deadline();
  void retry(Request request);
  bool stuck() const;
  void wait_for_acknowledgement();

  bool answers(const Request& request, const Publish& publish) const;
  bool is_new(Request& request, const Publish& publish) const;
  bool is_complete(const Request& request) const;
  void close(const Request& request);
  void fail(const Request& request, const Error& error);
  void failed(Request request, const Error& error);
  void tell(const Request& request, const Error& error);
  void end_when_done();

  std::optional<Duration> answer_timeout() const;
  std::string no_answer(const Request& request) const;

  const RrSettings& settings_;
  Parts parts_;
  std::optional<Addresses> addresses_;  // once the server has said who we are
  PendingRequests pending_;
  std::deque<Buffer> again_;  // keys of requests that wait to be sent again
  Results results_;
  Draft draft_;
  Timer deadline_;
  std::optional<Time> armed_;  // what deadline_ waits for
  Timer pause_;
  Timer stall_;
  std::optional<Time> due_;  // when the next request is
  bool stalling_ = false;    // stall_ runs
  bool resting_ = false;     // the next request is not due yet
  bool sending_ = false;     // a request leaves when the handler that runs returns
  bool subscribed_ = false;
  bool begun_ = false;  // the first subscription stood
  bool source_ended_ = false;
  std::uint64_t asked_ = 0;  // requests
  std::uint64_t told_ = 0;   // failures
};

}  // namespace mq
