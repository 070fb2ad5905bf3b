#include "payload/protobuf/sparkplug_codec.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "payload/json.hpp"
#include "payload/protobuf/guarded.hpp"
#include "payload/protobuf/schema.hpp"
#include "payload/protobuf/sparkplug_names.hpp"
#include "payload/protobuf/sparkplug_types.hpp"
#include "payload/protobuf/sparkplug_view.hpp"
#include "payload/protobuf/tree.hpp"

namespace mq {
namespace {

class SparkplugCodec final : public Codec {
 public:
  explicit SparkplugCodec(std::unique_ptr<ProtoSchema> schema) : schema_(std::move(schema)) {}

  Result<Value> decode(Bytes data, const PayloadContext& context) override {
    return guarded("Sparkplug", [&] { return view_of(data, context, true); });
  }

  Result<void> write_notation(Bytes, const PayloadContext& context, const Value& value, Ink& ink) override {
    if (is_state(context)) {
      write_json(value, ink);
    } else {
      write_sparkplug_table(value, ink);
    }
    return {};
  }

  Result<std::vector<Violation>> check_strict(Bytes data, const PayloadContext& context) override {
    return guarded("Sparkplug", [&]() -> Result<std::vector<Violation>> {
      const auto view = view_of(data, context, false);
      if (!view) return std::unexpected(view.error());
      if (is_state(context)) return std::vector<Violation>{};
      return sparkplug_violations(*view);
    });
  }

  Result<void> encode(std::string_view text, Buffer& out) override {
    return guarded("Sparkplug", [&]() -> Result<void> {
      const auto view = parse_json(text);
      if (!view) return std::unexpected(view.error());
      return encode_sparkplug(*schema_, *view, out);
    });
  }

 private:
  static bool is_state(const PayloadContext& context) {
    const auto topic = parse_sparkplug_topic(context.topic);
    return topic && topic->type == "STATE";
  }

  Result<Value> view_of(Bytes data, const PayloadContext& context, bool learns) {
    const auto topic = parse_sparkplug_topic(context.topic);
    if (topic && topic->type == "STATE") return parse_json(data);
    const auto tree = read_tree(*schema_, data);
    if (!tree) return std::unexpected(tree.error());
    if (topic && learns) learn(*topic, tree->root);
    return sparkplug_view(tree->root, names_, topic ? topic->node : std::string());
  }

  // Which birth of a node this is, or the death after it.
  static std::optional<std::uint64_t> birth_sequence(const ProtoField& metrics) {
    for (const ProtoValue& metric : metrics.values) {
      const ProtoValue* name = metric.message->value(1);
      if (name == nullptr || name->bytes != "bdSeq") continue;
      for (const int number : {metric_base, metric_base + 1})
        if (const ProtoValue* value = metric.message->value(number)) return value->bits;
    }
    return std::nullopt;
  }

  // A birth replaces all that was known of its node or its device; a node's death ends what was known.
  void learn(const SparkplugTopic& topic, const ProtoMessage& payload) {
    const ProtoField* metrics = payload.field(2);
    const auto birth = metrics != nullptr ? birth_sequence(*metrics) : std::nullopt;
    const bool of_node = topic.type == "NBIRTH" && topic.device.empty();
    const bool of_device = topic.type == "DBIRTH" && !topic.device.empty();
    // A broker may tell of a death when the node has been born again long since.
    const bool is_death = topic.type == "NDEATH" && topic.device.empty();
    if (of_node || (is_death && names_.is_death_of_birth(topic.node, birth))) names_.forget_node(topic.node);
    if (of_device) names_.forget_device(topic.node, topic.device);
    if ((!of_node && !of_device) || metrics == nullptr) return;
    for (const ProtoValue& metric : metrics->values) {
      const ProtoValue* name = metric.message->value(1);
      const ProtoValue* alias = metric.message->value(2);
      const ProtoValue* type = metric.message->value(4);
      if (name != nullptr && alias != nullptr)
        names_.learn(topic, alias->bits, name->bytes,
                     type != nullptr ? static_cast<std::uint32_t>(type->bits) : 0);
    }
    if (of_node && birth) names_.set_birth(topic.node, *birth);
  }

  std::unique_ptr<ProtoSchema> schema_;
  SparkplugNames names_;
};

}  // namespace

MadeCodec make_sparkplug_codec(const CodecOptions&) {
  return guarded("Sparkplug", []() -> MadeCodec {
    auto schema = ProtoSchema::parse(sparkplug_proto, "sparkplug.Payload");
    if (!schema) return std::unexpected(schema.error());
    return std::make_unique<SparkplugCodec>(std::move(*schema));
  });
}

}  // namespace mq
