// Makes the messages of a population, one at a time and without allocating for each: topic and payload from
// their templates, the size, the format, and the stamp. What it makes depends on client and number alone. One
// thread's; it owns the bytes of the message that it made last.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "input/composer.hpp"
#include "load/client_fields.hpp"
#include "load/scenario.hpp"
#include "load/stamp.hpp"

namespace mq {

class MessageMaker {
 public:
  // Of what that population publishes or asks; everything that is needed is copied. Makes the first client's
  // first message, so that what is wrong shows at once. Kind usage, io, payload or schema.
  static Result<std::unique_ptr<MessageMaker>> make(const Scenario& scenario, std::size_t population,
                                                    const Environment& environment = process_variable,
                                                    const Log& log = {});

  // The message number stamp.number of the client stamp.stream; it lives until the next call, and may be
  // moved from. nullptr when it can't be made: error() says why.
  Publish* make(const Stamp& stamp);
  const Error& error() const { return error_; }

  const PublishPlan& plan() const { return plan_; }
  // All messages of a client have the same topic: they must arrive in their order [MQTT-4.6.0-5].
  bool one_topic() const { return !topic_by_message_; }

 private:
  MessageMaker(const PublishPlan& plan, std::uint64_t seed, std::uint64_t first_client, const Log& log)
      : plan_(plan), seed_(seed), first_client_(first_client), log_(log) {}

  Result<void> prepare(const Scenario& scenario, const Population& population,
                       const Environment& environment);
  Result<void> prepare_text();
  void prepare_pattern();
  Result<void> prepare_property();

  bool make_topic(const Stamp& stamp);
  bool make_payload(const Stamp& stamp);
  bool make_text();
  void put_stamp(const Stamp& stamp);
  bool give_up(Error error);

  PublishPlan plan_;
  std::uint64_t seed_, first_client_;
  Log log_;
  std::unique_ptr<ClientFields> fields_;
  bool fills_ = false;  // any template changes

  Template topic_template_;
  Buffer topic_;
  bool topic_by_client_ = false, topic_by_message_ = false, topic_is_free_ = false;
  std::uint64_t topic_client_ = 0;  // whose topic_ is

  Template text_template_;
  bool text_changes_ = false;
  Buffer text_;
  std::unique_ptr<Composer> composer_;

  Buffer payload_;                // with the stamp in front, if it is there
  std::size_t payload_size_ = 0;  // of it
  std::uint64_t check_ = 0;       // of what stands beside the stamp
  bool check_is_known_ = false;   // it is always the same
  Buffer properties_;             // with the stamp at the end
  Publish message_;
  Error error_;
};

}  // namespace mq
