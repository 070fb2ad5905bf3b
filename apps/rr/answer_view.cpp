#include "rr/answer_view.hpp"

#include <fmt/core.h>

#include <chrono>
#include <utility>

#include "base/text.hpp"

namespace mq {
namespace {

constexpr std::size_t shown_reason = 400;

// Why its sender failed, if that is what an answer of mqtt-rr serve says: it names its sender and a status.
// Others may have a status of their own, which says nothing to us.
std::optional<Error> failure_in(const Publish& publish) {
  std::optional<std::string_view> status;
  bool from_responder = false;
  for (const Property& property : publish.properties) {
    if (property.id != PropertyId::user_property) continue;
    if (property.name == "status") status = property.value;
    if (property.name == "responder") from_responder = true;
  }
  if (!from_responder || !status || *status == "0") return std::nullopt;
  Bytes reason = publish.payload;
  while (reason.ends_with('\n')) reason.remove_suffix(1);
  std::string text = fmt::format("the answer says {}", quoted(*status));
  if (!reason.empty()) text += ": " + quoted(reason, shown_reason);
  return Error{ErrorKind::threshold, std::move(text), 0, {}};
}

}  // namespace

AnswerView::AnswerView(const RrSettings& settings, Format format, std::unique_ptr<Inspector> inspector)
    : settings_(settings), format_(std::move(format)), inspector_(std::move(inspector)) {}

std::optional<Error> AnswerView::show(const Publish& publish, const AnswerFacts& facts, Buffer& out) {
  // What failed is no result; objects say themselves what they are.
  auto failure = settings_.any_answer ? std::nullopt : failure_in(publish);
  if (failure && settings_.output == OutputSettings::Output::text) return failure;
  const auto received = std::chrono::system_clock::now();
  if (inspector_ == nullptr) {
    format_.append(publish, {.text = publish.payload, .answer = facts}, received, out);
    if (settings_.latency) show_latency(facts.latency, out);
    return failure;
  }
  const std::uint64_t invalid = inspector_->invalid();
  Expectations* const expectations = inspector_->expectations();
  if (expectations != nullptr) expectations->forget();
  inspector_->set_answer(facts);
  inspector_->show(publish, received, format_, out);
  if (failure) return failure;
  if (inspector_->invalid() > invalid)
    return Error{ErrorKind::threshold, "the answer does not fit its schema", 0, {}};
  if (expectations != nullptr && !expectations->met()) return expectations->shortfall();
  return std::nullopt;
}

// As mosquitto_rr words it.
void AnswerView::show_latency(Duration latency, Buffer& out) const {
  const std::int64_t nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(latency).count();
  constexpr std::int64_t second = 1'000'000'000;
  std::string text;
  if (nanoseconds >= second)
    text = fmt::format("{}.{:09}", nanoseconds / second, nanoseconds % second);
  else if (nanoseconds >= 1'000'000)
    text = fmt::format("{:f}ms", static_cast<double>(nanoseconds) / 1'000'000);
  else if (nanoseconds >= 1000)
    text = fmt::format("{:f}µs", static_cast<double>(nanoseconds) / 1000);
  else
    text = fmt::format("{}ns", nanoseconds);
  out.append("Latency: ").append(text).append("\n");
}

std::optional<Error> AnswerView::finish() const {
  if (inspector_ == nullptr) return std::nullopt;
  inspector_->say_summary();
  // That answers were not valid has been told of each.
  if (const auto owed = inspector_->owed(); owed && owed->kind != ErrorKind::schema) return owed;
  return std::nullopt;
}

}  // namespace mq
