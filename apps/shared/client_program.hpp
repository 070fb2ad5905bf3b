// One run of a program that is an MQTT client: the loop, the client, signals, the overall deadline (-W), the
// session file, what is said on standard error, and the exit code that comes of it all. A program derives
// from it and says what it does on events.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "client/client.hpp"
#include "net/loop.hpp"
#include "shared/exit_code.hpp"
#include "shared/settings.hpp"

namespace mq {

class ClientProgram : protected ClientOwner {
 public:
  // `settings` outlives the program.
  explicit ClientProgram(const ConnectionSettings& settings);

  // Returns the exit code.
  int run();

 protected:
  // What is still wanted when the time is up: "no answer to CONNECT" is said here, the rest by the program,
  // as a fragment that can follow "timed out after 3 s: ".
  virtual std::string missing() const = 0;
  // The time is up, which is an error of kind timeout, unless the program knows better; nullopt: nothing is
  // wrong.
  virtual std::optional<Error> time_up(Error timed_out) { return timed_out; }
  // A signal asks for the end: finish what is under way, then end().
  virtual void on_interrupt() = 0;
  // After the last event, before the exit.
  virtual void on_finish() {}
  // The last call, whatever happened; returns the exit code.
  virtual int on_result(int code) { return code; }

  // An event that is the program's own affair.
  virtual void handle(const Event& event) = 0;

  void on_event(const Event& event) final;
  void on_retry(const Error& why, Duration pause, const Endpoint& next) override;
  void on_end(const std::optional<Error>& why) override;

  // Ends in order: DISCONNECT and exit with what is owed.
  void end();
  // The first failure decides the exit code, but a verdict on payloads goes before a time limit or a signal;
  // it is told at once.
  void fail_with(const Error& error);
  // The same without a word.
  void fail_silently(const Error& error);
  void warn(std::string_view text) const;
  // Nobody reads what we print any more: ends, and of what went wrong only a payload or an expectation still
  // counts.
  void end_unread();
  // Fails as fail_with() does and ends.
  void end_with(const Error& error);
  // The same at once and without a word to the server: it must not hear that we have what we could not keep.
  void break_off(const Error& error);

  bool ending() const { return ending_; }
  // A signal or the deadline wants the end: nobody is waited for any more.
  bool hurried() const { return signal_ != 0 || time_is_up_; }
  // Not even for the moment that what is under way is given then.
  bool out_of_patience() const { return out_of_patience_; }
  int interrupted_by() const { return signal_; }                    // the signal's number, 0: none
  const std::optional<Error>& failure() const { return failure_; }  // that the exit code is owed to
  const ConnectionSettings& settings() const { return settings_; }
  Loop& loop() { return loop_; }
  const Loop& loop() const { return loop_; }
  Client& client() { return client_; }
  const Client& client() const { return client_; }

 private:
  int work();
  void owe(int code, const Error& error);
  void on_signal(int number);
  void on_deadline();
  void stop_now();
  void end_hurried();
  void warn_of_risks() const;
  void say_unacknowledged() const;
  Result<void> load_session();
  Result<void> save_session() const;

  const ConnectionSettings& settings_;
  Loop loop_;
  Client client_;
  Timer deadline_;
  Timer last_moment_;
  std::optional<int> owed_;       // exit code of the first failure
  std::optional<Error> failure_;  // that one
  std::optional<Time> lost_at_;   // no connection since then
  int signal_ = 0;
  bool time_is_up_ = false;
  bool out_of_patience_ = false;
  bool ending_ = false;
  bool broken_off_ = false;
};

// What every program does between its command line and its work: hides secrets from listings of processes,
// answers what is asked of the options themselves (--help), reads secrets, checks the session. The exit code
// when the run ends here.
std::optional<int> prepare(ConnectionSettings& settings, std::span<char*> arguments);

// What a program owes when it was interrupted: 130 or 143.
int exit_code_of_signal(int number);

}  // namespace mq
