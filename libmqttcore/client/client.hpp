// A session on the network: the only place where session and net meet. Dials, writes, reads, ticks, and after
// a loss dials again as the policy says. Its owner hears of what happens through ClientOwner and asks for
// things through the session's own requests. One loop's thread only.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "client/backoff.hpp"
#include "client/config.hpp"
#include "client/servers.hpp"
#include "client/trace.hpp"
#include "net/loop.hpp"
#include "net/opening.hpp"
#include "net/transport.hpp"
#include "session/session.hpp"

namespace mq {

// Called from the loop, never from within a call of the owner's. Any function of the client may be called
// from these; destroying it may not.
class ClientOwner {
 public:
  virtual ~ClientOwner() = default;

  // Views live until the call returns.
  virtual void on_message(const Message& /*message*/) {}
  // Connected, Published, Dropped, Subscribed, Unsubscribed, and Challenged unless config.authentication
  // answers it; the ends of connections arrive below.
  virtual void on_event(const Event& event) = 0;
  // What had come is delivered; our acknowledgements for it leave after this call. What is printed is to be
  // flushed here.
  virtual void on_quiet() {}
  // Output has been written: can_publish() may be true again, output_size() smaller.
  virtual void on_written() {}
  // With config.gated: there is output that may not leave yet. Called again for each that comes.
  virtual void on_held_back() {}
  // No connection for the reason given; the next try, to `next`, comes after `pause`.
  virtual void on_retry(const Error& /*why*/, Duration /*pause*/, const Endpoint& /*next*/) {}
  // The last call: left as asked (no error), or given up.
  virtual void on_end(const std::optional<Error>& why) = 0;
};

class Client {
 public:
  // config.session has passed check(); loop and owner outlive the client. `trace` and `words` may be empty.
  Client(Loop& loop, ClientConfig config, ClientOwner& owner, TraceLine trace = {}, TraceWords words = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Session::restore(), before start(). A session that was kept after a fall-back to 3.1.1 goes on there.
  Result<void> restore(Bytes saved, std::int64_t wall);

  void start();

  // Other servers, other credentials, another version for the same session: before start(), or once ended(),
  // after which start() connects anew. The client identifier stays that of the session.
  void change(ClientConfig config);

  // Session's requests with its errors, at the loop's time; each ends with an event that has its ticket. What
  // they queue leaves when the running handler returns, in one write.
  Result<Ticket> publish(const Publish& message) { return publish(Publish(message)); }
  Result<Ticket> publish(Publish&& message);
  Result<Ticket> subscribe(const std::vector<Subscription>& subscriptions, Properties properties);
  Result<Ticket> unsubscribe(const std::vector<std::string_view>& filters, Properties properties);
  Result<void> acknowledge(Ticket ticket, ReasonCode reason = ReasonCode::success,
                           Properties properties = {});

  // With config.gated: all that is put out by now, for let_out(), which lets it leave once that is allowed. A
  // mark of a connection that is over means nothing.
  struct OutputMark {
    std::uint64_t connection = 0;
    std::uint64_t end = 0;
  };
  OutputMark output_mark() const { return {connection_, session_.output_end()}; }
  void let_out(OutputMark mark);

  // Back-pressure: no further events and no reading, while what we send, and keep-alive, go on.
  void pause();
  void go_on();

  // DISCONNECT, the end of our direction, reading to the end of the server's, close, on_end(): within
  // config.leave_timeout, so first wait for what has to be written (on_written()). Without a connection just
  // on_end().
  void leave(ReasonCode reason = ReasonCode::success, Properties properties = {});
  // Closes and forgets without a word; on_end() is not called.
  void abandon();
  bool ended() const { return phase_ == Phase::ended; }

  bool established() const { return established_; }  // a connection was accepted, now or earlier
  const Endpoint& server() const { return servers_.current(); }
  Time now() const { return loop_.now(); }
  Session& session() { return session_; }
  const Session& session() const { return session_; }

 private:
  // open: MQTT is spoken; closing: our last bytes leave, the server's are read to their end; waiting: for the
  // next try
  enum class Phase : std::uint8_t { idle, dialing, open, closing, waiting, ended };

  void dial();
  void opened(std::unique_ptr<Transport> transport);
  void pump();
  void deliver(const Event& event);
  void read();
  void took(Result<Bytes> bytes);
  void flush();
  Bytes output_let_out();
  void flush_soon();
  void wrote(std::size_t size, const Result<void>& result);
  void arm();
  void close_for(Error why);
  void start_closing();
  void closed();
  void connection_over(Error why);
  std::optional<SessionConfig> older_session() const;
  bool fall_back(const Connack& connack);
  bool authenticated(const Event& event);
  void reauthenticate();
  bool follow(ReasonCode reason, Properties properties, const Error& why);
  void finish(std::optional<Error> why);
  void drop_transport();
  void keep_alive();
  void ping_past_gate();

  Loop& loop_;
  ClientConfig config_;
  ClientOwner& owner_;
  Session session_;
  Phase phase_ = Phase::idle;

  Servers servers_;
  std::string last_server_;  // that a connection was opened to
  std::optional<Opening> opening_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<Transport> retired_;  // closed, but maybe still in the middle of calling us
  TraceLine trace_;
  TraceWords trace_words_;
  Trace sent_trace_, received_trace_;
  bool read_pending_ = false;
  bool write_pending_ = false;
  std::size_t write_size_ = 0;  // of the pending one
  bool flush_posted_ = false;
  std::uint64_t connection_ = 0;  // counts them
  std::uint64_t let_out_ = 0;     // of its output
  bool taking_events_ = true;
  bool pumping_ = false;
  bool shut_down_ = false;         // our direction has ended
  std::optional<Error> read_end_;  // reading has ended, and how
  std::optional<Error> write_error_;
  std::optional<Error> end_reason_;  // closing because of this; none: asked to leave

  Timer session_timer_;
  std::optional<Time> armed_;
  Timer authentication_timer_;
  Timer phase_timer_;  // ends closing, ends waiting
  Backoff backoff_;
  bool established_ = false;
  bool leaving_ = false;            // leave() was called: no connection comes after this one
  bool exchange_open_ = false;      // of an authentication begun on this connection
  bool accepted_ = false;           // this connection was
  bool round_is_worth_it_ = false;  // an error of this round may pass
  unsigned references_ = 0;         // followed in a row
  Time accepted_at_{};
  std::uint32_t failures_ = 0;                                  // since the last accepted connection
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for what was posted to the loop
};

}  // namespace mq
