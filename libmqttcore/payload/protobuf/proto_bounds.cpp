#include "payload/protobuf/proto_bounds.hpp"

#include <google/protobuf/compiler/importer.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <array>
#include <deque>
#include <utility>

namespace mq {
namespace {

// `text` begins with a quote or with a comment: how long it is. A string ends with its line at the latest.
std::size_t skipped(std::string_view text) {
  if (text.starts_with("//")) return std::min(text.find('\n'), text.size());
  if (text.starts_with("/*")) {
    const std::size_t end = text.find("*/", 2);
    return end == std::string_view::npos ? text.size() : end + 2;
  }
  if (text[0] != '"' && text[0] != '\'') return 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == text[0]) return i + 1;
    if (text[i] == '\n') return i;
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] != '\n') ++i;
  }
  return text.size();
}

class BoundedTree final : public pb::compiler::SourceTree {
 public:
  explicit BoundedTree(std::unique_ptr<pb::compiler::SourceTree> from) : from_(std::move(from)) {}

  pb::io::ZeroCopyInputStream* Open(const std::string& name) override {
    why_.clear();
    const std::unique_ptr<pb::io::ZeroCopyInputStream> stream(from_->Open(name));
    if (stream == nullptr) {
      why_ = from_->GetLastErrorMessage();
      return nullptr;
    }
    if (texts_.size() >= most_proto_files) return refuse("it is one file too many");
    std::string& text = texts_.emplace_back();
    const void* data = nullptr;
    for (int size = 0; stream->Next(&data, &size);) {
      if (bytes_ + static_cast<std::size_t>(size) > most_proto_bytes) return refuse("the files are too long");
      bytes_ += static_cast<std::size_t>(size);
      text.append(static_cast<const char*>(data), static_cast<std::size_t>(size));
    }
    if (const auto why = too_much_in_proto(text); !why.empty()) return refuse(why);
    return new pb::io::ArrayInputStream(text.data(), static_cast<int>(text.size()));
  }

  std::string GetLastErrorMessage() override { return why_; }

 private:
  pb::io::ZeroCopyInputStream* refuse(std::string_view why) {
    why_ = why;
    return nullptr;
  }

  std::unique_ptr<pb::compiler::SourceTree> from_;
  std::deque<std::string> texts_;
  std::size_t bytes_ = 0;
  std::string why_;
};

}  // namespace

std::string_view too_much_in_proto(std::string_view text) {
  // To libprotobuf a NUL is the end of a string or comment.
  if (text.contains('\0')) return "it has a NUL byte";
  constexpr std::string_view opening = "{[(<";
  constexpr std::string_view closing = "}])>";
  // Each kind by itself: the parser passes over what closes the wrong one.
  std::array<std::size_t, opening.size()> depths{};
  std::size_t dots = 0;
  while (!text.empty()) {
    const std::size_t skip = skipped(text);
    if (skip > 0) {
      text.remove_prefix(skip);
      continue;
    }
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '.' && ++dots > most_name_parts) return "it has a name of too many parts";
    if (c == ';' || c == ',') dots = 0;
    if (const std::size_t open = opening.find(c); open != std::string_view::npos) {
      dots = 0;
      if (++depths.at(open) > most_proto_depth) return "it is nested too deep";
    }
    if (const std::size_t close = closing.find(c); close != std::string_view::npos) {
      dots = 0;
      if (depths.at(close) > 0) --depths.at(close);
    }
  }
  return {};
}

std::unique_ptr<pb::compiler::SourceTree> bounded(std::unique_ptr<pb::compiler::SourceTree> from) {
  return std::make_unique<BoundedTree>(std::move(from));
}

// A message that was parsed is not nested deeper than 100 levels.
bool has_uninterpreted_option(const pb::Message& message) {
  if (message.GetDescriptor() == pb::UninterpretedOption::descriptor()) return true;
  const pb::Reflection& reflection = *message.GetReflection();
  std::vector<const pb::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const pb::FieldDescriptor* field : fields) {
    if (field->cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i)
      if (has_uninterpreted_option(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                                        : reflection.GetMessage(message, field)))
        return true;
  }
  return false;
}

bool imports_in_bounds(const ProtoImports& imports) {
  struct Step {
    const std::vector<std::string>* direct;
    std::size_t next = 0;
    std::size_t height = 0;  // of the longest chain below
  };
  std::unordered_map<const std::vector<std::string>*, std::size_t> heights;  // 0 while it is being measured
  for (const auto& [name, direct] : imports) {
    if (!heights.try_emplace(&direct, 0).second) continue;
    std::vector<Step> path{{&direct}};
    while (!path.empty()) {
      if (path.size() > most_proto_files) return false;
      Step& step = path.back();
      if (step.next < step.direct->size()) {
        const auto below = imports.find((*step.direct)[step.next++]);
        if (below == imports.end()) continue;
        const auto [known, fresh] = heights.try_emplace(&below->second, 0);
        step.height = std::max(step.height, known->second);
        if (fresh) path.push_back({&below->second});
        continue;
      }
      const std::size_t height = step.height + 1;
      if (height > most_proto_files) return false;
      heights[step.direct] = height;
      path.pop_back();
      if (!path.empty()) path.back().height = std::max(path.back().height, height);
    }
  }
  return true;
}

}  // namespace mq
