#include "bridge/treatment.hpp"

#include <fmt/core.h>

#include <new>
#include <string>
#include <utility>
#include <vector>

#include "base/utf8.hpp"
#include "bridge/conversion.hpp"
#include "bridge/recent_messages.hpp"
#include "payload/payload_reader.hpp"
#include "shared/message_value.hpp"
#include "shared/out_of_memory.hpp"
#include "shared/payload_settings.hpp"

namespace mq {
namespace {

// User properties of messages that are marked or are dead letters.
constexpr std::string_view invalid_name = "mqttkit-invalid";
constexpr std::string_view topic_name = "mqttkit-topic";
constexpr std::string_view route_name = "mqttkit-route";

// Fit for a property and for a terminal: what is not is a '?', and what is longer is cut before a character.
// [MQTT-1.5.4-1] [MQTT-1.5.4-2]
std::string property_text(std::string_view reason) {
  constexpr std::size_t longest = 1000;
  std::string text;
  while (!reason.empty()) {
    const std::size_t length = utf8_sequence(reason);
    const std::uint8_t first = octet(reason.front());
    const bool control =
        first < 0x20 || first == 0x7F || (first == 0xC2 && length == 2 && octet(reason[1]) < 0xA0);
    const std::string_view shown = length == 0 || control ? "?" : reason.substr(0, length);
    if (text.size() + shown.size() > longest) break;
    text += shown;
    reason.remove_prefix(length == 0 ? 1 : length);
  }
  return text;
}

std::string in_words(const std::vector<Violation>& violations) {
  std::string text = mq::in_words(violations.front());
  if (const std::size_t more = violations.size() - 1; more > 0) text += fmt::format(", and {} more", more);
  return text;
}

class RouteTreatment final : public Treatment {
 public:
  explicit RouteTreatment(const RoutePlan& route) : route_(route), plan_(route.treatment) {}

  Result<void> load();
  Treated treat(std::string_view topic, bool again, const Parcel& parcel, Time now) override;

 private:
  Treated treat_read(std::string_view topic, bool again, const Parcel& parcel, Time now);
  Treated invalid(std::string_view topic, const Parcel& parcel, std::string_view reason);
  Treated all() const { return {.parcels = parcels_}; }

  const RoutePlan& route_;
  const TreatmentPlan& plan_;
  std::unique_ptr<PayloadReader> reader_;
  std::unique_ptr<Conversion> conversion_;
  std::optional<RecentMessages> recent_;
  std::vector<Parcel> parcels_;
  PropertyList properties_;
};

Result<void> RouteTreatment::load() {
  ReaderOptions options;
  options.format = plan_.from_format;
  options.map_file = plan_.payload_map;
  options.validate = !plan_.payload_map.empty();
  auto reader = PayloadReader::make(std::move(options));
  if (!reader) return std::unexpected(std::move(reader.error()));
  reader_ = std::move(*reader);
  auto conversion = Conversion::make(plan_);
  if (!conversion) return std::unexpected(std::move(conversion.error()));
  conversion_ = std::move(*conversion);
  if (plan_.doubles_within > Duration::zero()) recent_.emplace(plan_.doubles_within);
  return {};
}

Treatment::Treated RouteTreatment::treat(std::string_view topic, bool again, const Parcel& parcel, Time now) {
  parcels_.clear();
  // It says nothing, but deletes what is retained [MQTT-3.3.1-6].
  if (parcel.retain && parcel.payload.empty()) {
    if (recent_) recent_->forget_retained(topic);
    parcels_.push_back(parcel);
    return all();
  }
  const MemoryMayRunOut big_message;
  try {
    return treat_read(topic, again, parcel, now);
  } catch (const std::bad_alloc&) {
    // What asks for more memory than there is must not end the others.
    return invalid(topic, parcel, "there is not enough memory for its treatment");
  }
}

Treatment::Treated RouteTreatment::treat_read(std::string_view topic, bool again, const Parcel& parcel,
                                              Time now) {
  const Publish message{again, parcel.qos, parcel.retain, topic, 0, parcel.properties, parcel.payload};
  const bool reads = conversion_ != nullptr || !plan_.payload_map.empty();
  const Reading* const reading = reads ? &reader_->read(received_of(message)) : nullptr;
  if (reading != nullptr && !reading->violations.empty())
    return invalid(topic, parcel, in_words(reading->violations));
  if (recent_ && !again && recent_->holds(topic, parcel.retain, parcel.payload, now))
    return {.parcels = {}, .ends = Fate::doubled};
  if (conversion_ == nullptr || conversion_->leaves(parcel.payload)) {
    parcels_.push_back(parcel);
  } else {
    const auto payloads = conversion_->convert(message, *reading, parcel.arrived);
    if (jq_is_halted()) return {.parcels = {}, .unfinished = true};
    if (!payloads) return invalid(topic, parcel, payloads.error().text);
    if (payloads->empty()) return {.parcels = {}, .ends = Fate::filtered};
    conversion_->describe(parcel.properties, properties_);
    for (const Buffer& payload : *payloads) {
      Parcel& made = parcels_.emplace_back(parcel);
      made.properties = properties_.view();
      made.payload = payload;
    }
  }
  if (recent_) recent_->remember(topic, parcel.retain, parcel.payload, now);
  return all();
}

Treatment::Treated RouteTreatment::invalid(std::string_view topic, const Parcel& parcel,
                                           std::string_view reason) {
  if (plan_.invalid == InvalidPolicy::drop) return {.parcels = {}, .ends = Fate::invalid, .invalid = true};
  properties_ = PropertyList(parcel.properties);
  (void)properties_.add_user(invalid_name, property_text(reason));
  parcels_.assign(1, parcel);
  Parcel& made = parcels_.front();
  if (plan_.invalid == InvalidPolicy::dead_letter) {
    (void)properties_.add_user(topic_name, topic);
    (void)properties_.add_user(route_name, route_.name);
    made.topic = plan_.dead_letter_topic;
    made.retain = false;  // of all the topics whose messages end there one would stand for the others
  }
  made.properties = properties_.view();
  return {.parcels = parcels_, .invalid = true};
}

}  // namespace

Result<std::unique_ptr<Treatment>> Treatment::make(const RoutePlan& plan) {
  const TreatmentPlan& treatment = plan.treatment;
  if (treatment.payload_map.empty() && treatment.jq.empty() && treatment.to_format.empty() &&
      treatment.doubles_within == Duration::zero())
    return nullptr;
  auto made = std::make_unique<RouteTreatment>(plan);
  if (auto loaded = made->load(); !loaded) {
    loaded.error().text = fmt::format("route {}: {}", plan.name, loaded.error().text);
    return std::unexpected(std::move(loaded.error()));
  }
  return made;
}

}  // namespace mq
