#include "load/message_maker.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "load/client_random.hpp"
#include "load/sizes.hpp"
#include "shared/file.hpp"
#include "wire/frame.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

using Kind = PayloadPlan::Kind;

constexpr std::int64_t nanoseconds_of_late = 1000;

}  // namespace

Result<std::unique_ptr<MessageMaker>> MessageMaker::make(const Scenario& scenario, std::size_t population,
                                                         const Environment& environment, const Log& log) {
  const Population& own = scenario.populations[population];
  const PublishPlan& plan = own.publish ? *own.publish : own.request->publish;
  std::unique_ptr<MessageMaker> made(new MessageMaker(plan, scenario.seed, own.first_client, log));
  if (auto prepared = made->prepare(scenario, own, environment); !prepared)
    return std::unexpected(std::move(prepared.error()));
  const Stamp first{.run = scenario.run, .stream = static_cast<std::uint32_t>(own.first_client)};
  if (made->make(first) == nullptr) return std::unexpected(std::move(made->error_));
  return made;
}

Result<void> MessageMaker::prepare(const Scenario& scenario, const Population& population,
                                   const Environment& environment) {
  auto fields = ClientFields::make(scenario, population, environment);
  if (!fields) return std::unexpected(std::move(fields.error()));
  fields_ = std::move(*fields);
  auto topic = fields_->compile(plan_.topic);
  if (!topic) return std::unexpected(std::move(topic.error()));
  topic_template_ = std::move(*topic);
  topic_by_client_ = fields_->by_client(topic_template_);
  topic_by_message_ = fields_->by_message(topic_template_);
  topic_is_free_ = fields_->is_free(topic_template_);
  topic_client_ = ~std::uint64_t{0};
  fills_ = topic_by_client_ || topic_by_message_;
  if (plan_.payload.kind == Kind::pattern)
    prepare_pattern();
  else if (auto prepared = prepare_text(); !prepared)
    return prepared;
  message_.qos = plan_.qos;
  message_.retain = plan_.retain;
  message_.properties = plan_.properties.view();
  return plan_.stamp == StampPlace::user_property ? prepare_property() : Result<void>();
}

void MessageMaker::prepare_pattern() {
  const SizePlan& size = plan_.payload.size;
  const std::uint64_t least = plan_.stamp == StampPlace::payload ? stamp_size : 0;
  payload_size_ = std::max(size.most, least);
  payload_.resize(payload_size_);
  Random(seed_).fill(payload_);
  check_is_known_ = size.kind == SizePlan::Kind::fixed;
  if (check_is_known_) check_ = check_of(Bytes(payload_).substr(least));
}

Result<void> MessageMaker::prepare_text() {
  PayloadPlan& plan = plan_.payload;
  if (!plan.path.empty()) {
    auto content = read_file(plan.path, max_variable_integer);
    if (!content) return std::unexpected(std::move(content.error()));
    plan.text = std::move(*content);
  }
  if (plan.kind == Kind::text) {
    auto text = fields_->compile(plan.text);
    if (!text) return std::unexpected(std::move(text.error()));
    text_template_ = std::move(*text);
    text_changes_ = fields_->by_client(text_template_) || fields_->by_message(text_template_);
    fills_ = fills_ || text_changes_;
  }
  auto composer = Composer::make(plan.format, plan.compress, log_);
  if (!composer) return std::unexpected(std::move(composer.error()));
  composer_ = std::move(*composer);
  // What the map says of a topic may differ from what it says of another one.
  if (!plan.format.reader.map_file.empty() && (topic_by_client_ || topic_by_message_)) text_changes_ = true;
  return {};
}

Result<void> MessageMaker::prepare_property() {
  PropertyList properties = plan_.properties;
  if (auto added = properties.add_user(stamp_property, std::string(stamp_text_size, '0')); !added)
    return added;
  properties_ = properties.view().block();
  message_.properties = Properties(properties_);
  return {};
}

bool MessageMaker::give_up(Error error) {
  error_ = std::move(error);
  return false;
}

bool MessageMaker::make_topic(const Stamp& stamp) {
  topic_.clear();
  fields_->append(topic_template_, topic_);
  // Numbers make no topic wrong that was right with others.
  if (topic_is_free_ || topic_client_ == ~std::uint64_t{0})
    if (auto checked = check_topic_name(topic_); !checked) return give_up(std::move(checked.error()));
  topic_client_ = stamp.stream;
  message_.topic = topic_;
  return true;
}

bool MessageMaker::make_text() {
  Bytes text = plan_.payload.text;
  if (plan_.payload.kind == Kind::text) {
    text_.clear();
    fields_->append(text_template_, text_);
    text = text_;
  }
  if (composer_) {
    auto composed = composer_->compose(topic_, text, message_.properties);
    if (!composed) return give_up(std::move(composed.error()));
    text = *composed;
  }
  const std::size_t before = plan_.stamp == StampPlace::payload ? stamp_size : 0;
  payload_.resize(before);
  payload_ += text;
  payload_size_ = payload_.size();
  check_ = check_of(Bytes(payload_).substr(before));
  check_is_known_ = true;
  return true;
}

bool MessageMaker::make_payload(const Stamp& stamp) {
  if (plan_.payload.kind != Kind::pattern) {
    if ((text_changes_ || !check_is_known_) && !make_text()) return false;
  } else if (!check_is_known_) {
    Random random = client_random(seed_, RandomUse::size, stamp.stream, stamp.number);
    payload_size_ = draw_size(plan_.payload.size, random);
    const std::size_t before = plan_.stamp == StampPlace::payload ? stamp_size : 0;
    payload_size_ = std::max(payload_size_, before);
    if (plan_.stamp != StampPlace::none)
      check_ = check_of(Bytes(payload_).substr(before, payload_size_ - before));
  }
  message_.payload = Bytes(payload_).substr(0, payload_size_);
  return true;
}

void MessageMaker::put_stamp(const Stamp& stamp) {
  if (plan_.stamp == StampPlace::payload)
    write_stamp(stamp, check_, std::span<char, stamp_size>(payload_.data(), stamp_size));
  else if (plan_.stamp == StampPlace::user_property)
    write_stamp_text(stamp, check_,
                     std::span<char, stamp_text_size>(
                         properties_.data() + properties_.size() - stamp_text_size, stamp_text_size));
}

Publish* MessageMaker::make(const Stamp& stamp) {
  const bool topic_stands = !topic_by_message_ && (topic_client_ == stamp.stream ||
                                                   (!topic_by_client_ && topic_client_ != ~std::uint64_t{0}));
  if (fills_ && (!topic_stands || text_changes_))
    fields_->set(stamp.stream - first_client_, stamp.number,
                 stamp.due + static_cast<std::int64_t>(stamp.late) * nanoseconds_of_late);
  if (!topic_stands && !make_topic(stamp)) return nullptr;
  if (!make_payload(stamp)) return nullptr;
  put_stamp(stamp);
  return &message_;
}

}  // namespace mq
