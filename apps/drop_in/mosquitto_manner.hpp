// How mosquitto's clients tell and end: their texts on standard error, their packets on standard output, and
// exit codes that are CONNACK's, libmosquitto's or 27 for a time limit. Where 2.1 is wrong and scripts rely
// on it, so is this: refused subscriptions and publishes end with 0.
#pragma once

#include <string_view>

#include "drop_in/given.hpp"
#include "drop_in/words.hpp"
#include "shared/manner.hpp"
#include "shared/settings.hpp"

namespace mq {

class MosquittoManner : public Manner {
 public:
  // `settings` outlives it and is looked at when something is told.
  MosquittoManner(DropInRole role, const ConnectionSettings& settings) : role_(role), settings_(settings) {}

  int report(const Error& error) override;
  void tell(const Event& event) override;
  void trace(std::string_view line) override;
  TraceWords trace_words() override;
  int exit_after_time_limit(bool established) override;
  bool catches_signals() const override { return role_ == DropInRole::sub; }
  int exit_after_signal(bool established) const override { return established ? 0 : 255; }
  ReasonCode hurried_goodbye() const override { return ReasonCode::disconnect_with_will; }

 private:
  void say(std::string_view text) const;  // on standard error, unless --quiet
  int say_code(DropInCode code) const;
  int report_refusal(ReasonCode reason) const;
  int report_unreached(const Error& error) const;

  DropInRole role_;
  const ConnectionSettings& settings_;
};

}  // namespace mq
