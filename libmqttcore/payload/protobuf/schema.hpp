// The types that a format is described by: .proto files parsed at run time, descriptor sets, and the
// well-known types of google/protobuf, which need no file. Owns all descriptors.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "payload/codec.hpp"

namespace google::protobuf {
class Descriptor;
class DescriptorPool;
class FieldDescriptor;
}  // namespace google::protobuf

namespace mq {

namespace pb = google::protobuf;

class ProtoSchema {
 public:
  // Kind usage when the files or the type are wrong, io when a file can't be read. With no files and no
  // message_type: nullptr.
  static Result<std::unique_ptr<ProtoSchema>> load(const CodecOptions& options);
  // Of one .proto file's text.
  static Result<std::unique_ptr<ProtoSchema>> parse(std::string_view text, const std::string& message_type);
  ~ProtoSchema();

  const pb::Descriptor& message() const { return *message_; }
  const pb::DescriptorPool& pool() const;

  // What an Any's "type.googleapis.com/pkg.Message" names; nullptr when it is unknown.
  const pb::Descriptor* of_type_url(std::string_view url);
  // The extension `number` of `type`; nullptr when it is unknown.
  const pb::FieldDescriptor* extension(const pb::Descriptor& type, int number) const;

 private:
  struct Files;
  explicit ProtoSchema(std::unique_ptr<Files> files);

  std::unique_ptr<Files> files_;
  const pb::Descriptor* message_ = nullptr;
};

}  // namespace mq
