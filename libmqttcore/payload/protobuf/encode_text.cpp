#include <fmt/core.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "payload/protobuf/encode.hpp"
#include "payload/protobuf/tree.hpp"
#include "payload/protobuf/view.hpp"

namespace mq {
namespace {

class FirstComplaint final : public pb::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (!text_.empty()) return;
    // Both count from 0.
    text_ = line < 0 ? message : fmt::format("line {}, column {}: {}", line + 1, column + 1, message);
    while (text_.ends_with('.')) text_.pop_back();
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::unexpected<Error> unreadable(std::string text) { return fail(ErrorKind::payload, std::move(text)); }

}  // namespace

Result<void> encode_text_format(ProtoSchema& schema, std::string_view text, Buffer& out) {
  const pb::Descriptor& type = schema.message();
  pb::DynamicMessageFactory factory;
  const std::unique_ptr<pb::Message> message(factory.GetPrototype(&type)->New());
  FirstComplaint complaint;
  pb::TextFormat::Parser parser;
  parser.RecordErrorsTo(&complaint);
  parser.AllowPartialMessage(true);
  parser.SetRecursionLimit(static_cast<int>(deepest_value));
  if (!parser.ParseFromString(std::string(text), message.get()))
    return unreadable(fmt::format("this is no {} in text format: {}", type.full_name(), complaint.text()));
  std::vector<std::string> missing;
  message->FindInitializationErrors(&missing);
  if (!missing.empty())
    return unreadable(
        fmt::format("this is no {}: {} is required and missing", type.full_name(), missing.front()));
  std::string bytes;
  if (!message->SerializePartialToString(&bytes))
    return unreadable(fmt::format("this {} is too long for a message", type.full_name()));
  // libprotobuf takes any escape in a string, and its view would be of bytes.
  const auto tree = read_tree(schema, bytes);
  if (!tree) return std::unexpected(tree.error());
  for (const Violation& violation : message_violations(tree->root))
    if (violation.rule == "utf8")
      return unreadable(fmt::format("at {}: this is no text in UTF-8", quoted(violation.pointer)));
  out += bytes;
  return {};
}

}  // namespace mq
