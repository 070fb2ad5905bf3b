#include "payload/protobuf/schema.hpp"
#include "payload/text_file.hpp"

#include <fmt/core.h>
#include <google/protobuf/compiler/importer.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/descriptor_database.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>

#include <algorithm>
#include <filesystem>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "payload/protobuf/proto_bounds.hpp"

namespace mq {
namespace {

namespace fs = std::filesystem;
using pb::compiler::DiskSourceTree;

constexpr std::size_t most_listed = 10;
constexpr std::size_t most_errors = 5;
constexpr std::size_t most_shown = 400;

// As it is, unless a terminal or a log could not have it so.
std::string shown(const std::string& text) {
  const auto is_control = [](char c) { return octet(c) < 0x20 || octet(c) == 0x7F; };
  bool plain = is_utf8(text) && std::ranges::none_of(text, is_control);
  for (std::size_t i = 0; plain && i + 1 < text.size(); ++i)
    plain = octet(text[i]) != 0xC2 || octet(text[i + 1]) >= 0xA0;
  return plain ? text : quoted(text, most_shown);
}

class Complaints final : public pb::compiler::MultiFileErrorCollector {
 public:
  void AddError(const std::string& file, int line, int column, const std::string& message) override {
    std::string text = message;
    while (text.ends_with('.')) text.pop_back();
    for (char& c : text)
      if (c == '\n') c = ' ';
    text = shown(text);
    // Lines and columns count from 0; a line of -1 means the whole file.
    all_.push_back(line < 0 ? fmt::format("{}: {}", shown(file), text)
                            : fmt::format("{}:{}:{}: {}", shown(file), line + 1, column + 1, text));
  }

  bool empty() const { return all_.empty(); }

  std::string text() const {
    std::string text;
    for (std::size_t i = 0; i < std::min(all_.size(), most_errors); ++i)
      text += (i > 0 ? "; " : "") + all_[i];
    if (all_.size() > most_errors) text += fmt::format("; and {} more", all_.size() - most_errors);
    return text;
  }

 private:
  std::vector<std::string> all_;
};

// One file, which is in memory; what it imports is not.
class OneFile final : public pb::compiler::SourceTree {
 public:
  explicit OneFile(std::string_view text) : text_(text) {}
  pb::io::ZeroCopyInputStream* Open(const std::string& name) override {
    return name == "embedded.proto"
               ? new pb::io::ArrayInputStream(text_.data(), static_cast<int>(text_.size()))
               : nullptr;
  }

 private:
  std::string_view text_;
};

bool is_absolute(const std::string& file) { return file.starts_with('/'); }

// The name by which imports know `file`; the folder of a file outside of all import paths becomes one of
// them.
Result<std::string> virtual_name(DiskSourceTree& tree, const std::string& file) {
  std::error_code ignored;
  const fs::path path(file);
  std::string name;
  if (!fs::is_regular_file(path, ignored)) {
    // It may be named as imports name it.
    if (!is_absolute(file) && tree.VirtualFileToDiskFile(file, &name)) return file;
    return fail(ErrorKind::usage, fmt::format("there is no file {}", shown(file)));
  }
  std::string shadowing;
  using enum DiskSourceTree::DiskFileToVirtualFileResult;
  const auto found = tree.DiskFileToVirtualFile(file, &name, &shadowing);
  if (found == SUCCESS) return name;
  if (found == SHADOWED)
    return fail(
        ErrorKind::usage,
        fmt::format("{} is hidden by {}, which an import path before it has", shown(file), shown(shadowing)),
        0, "change the order of the import paths");
  if (found == CANNOT_OPEN) return fail(ErrorKind::usage, fmt::format("{} cannot be read", shown(file)));
  const fs::path folder = path.parent_path();
  tree.MapPath("", folder.empty() ? "." : folder.string());
  return path.filename().string();
}

Result<pb::FileDescriptorSet> read_set(const std::string& file) {
  const auto bytes = read_text_file(file, "the descriptor set");
  if (!bytes) return std::unexpected(bytes.error());
  pb::FileDescriptorSet set;
  if (!set.ParseFromString(*bytes) || set.file_size() == 0)
    return fail(ErrorKind::usage, fmt::format("{} is no descriptor set", shown(file)), 0,
                "protoc --include_imports --descriptor_set_out=FILE writes one");
  bool is_too_much = has_uninterpreted_option(set);
  for (const pb::FileDescriptorProto& described : set.file())
    if (std::ranges::count(described.package(), '.') > std::ptrdiff_t{most_name_parts}) is_too_much = true;
  if (is_too_much) return fail(ErrorKind::usage, fmt::format("{} is not as protoc writes it", shown(file)));
  return set;
}

void collect(const pb::Descriptor& message, std::vector<const pb::Descriptor*>& all) {
  if (message.options().map_entry()) return;
  all.push_back(&message);
  for (int i = 0; i < message.nested_type_count(); ++i) collect(*message.nested_type(i), all);
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most_listed); ++i)
    text += (i > 0 ? ", " : "") + names[i];
  if (names.size() > most_listed) text += fmt::format(" and {} more", names.size() - most_listed);
  return text;
}

// The file that libprotobuf itself was built with for a type of its own; empty for any other.
std::string well_known_file(const std::string& type) {
  if (!type.starts_with("google.protobuf.")) return {};
  const pb::Descriptor* built_in = pb::DescriptorPool::generated_pool()->FindMessageTypeByName(type);
  return built_in != nullptr ? built_in->file()->name() : std::string();
}

std::string_view last_part(std::string_view name) { return name.substr(name.rfind('.') + 1); }

}  // namespace

struct ProtoSchema::Files {
  // `sets_first`: before files of the same names in `from`.
  Files(std::unique_ptr<pb::compiler::SourceTree> from, bool sets_first)
      : tree(bounded(std::move(from))),
        built_in(*pb::DescriptorPool::generated_pool()),
        others(&sets, &built_in),
        sources(tree.get(), &others),
        sets_then_sources(&sets, &sources),
        pool(sets_first ? static_cast<pb::DescriptorDatabase*>(&sets_then_sources) : &sources,
             sources.GetValidationErrorCollector()) {
    sources.RecordErrorsTo(&complaints);
    pool.EnforceWeakDependencies(true);
    // What it has to say comes back as errors; it would print it too.
    pb::SetLogHandler(nullptr);
  }

  Result<void> add_set(const std::string& file);
  Result<void> build(const std::string& name);
  Result<const pb::Descriptor*> choose(std::string wanted);
  void index(const pb::FileDescriptor& file);

  Complaints complaints;
  std::unique_ptr<pb::compiler::SourceTree> tree;
  pb::SimpleDescriptorDatabase sets;
  pb::DescriptorPoolDatabase built_in;
  pb::MergedDescriptorDatabase others;
  pb::compiler::SourceTreeDescriptorDatabase sources;
  pb::MergedDescriptorDatabase sets_then_sources;
  pb::DescriptorPool pool;
  ProtoImports imports;            // of the files of sets
  std::vector<std::string> names;  // of files to look for messages in
  std::unordered_set<const pb::FileDescriptor*> indexed;
  std::unordered_map<std::string, const pb::Descriptor*> types;
};

Result<void> ProtoSchema::Files::add_set(const std::string& file) {
  auto set = read_set(file);
  if (!set) return std::unexpected(set.error());
  for (const pb::FileDescriptorProto& described : set->file()) {
    pb::FileDescriptorProto there;
    if (sets.FindFileByName(described.name(), &there)) continue;
    if (!sets.Add(described))
      return fail(
          ErrorKind::usage,
          fmt::format("{} describes what another descriptor set has described differently", shown(file)));
    imports[described.name()].assign(described.dependency().begin(), described.dependency().end());
    if (!described.name().starts_with("google/protobuf/")) names.push_back(described.name());
  }
  return {};
}

Result<void> ProtoSchema::Files::build(const std::string& name) {
  const pb::FileDescriptor* file = pool.FindFileByName(name);
  if (complaints.empty() && file != nullptr) {
    index(*file);
    return {};
  }
  return fail(ErrorKind::usage,
              complaints.empty() ? fmt::format("{} cannot be used", shown(name)) : complaints.text());
}

// Every type of `file` and of what it imports.
void ProtoSchema::Files::index(const pb::FileDescriptor& file) {
  if (!indexed.insert(&file).second) return;
  std::vector<const pb::Descriptor*> all;
  for (int i = 0; i < file.message_type_count(); ++i) collect(*file.message_type(i), all);
  for (const pb::Descriptor* message : all) types.emplace(message->full_name(), message);
  for (int i = 0; i < file.dependency_count(); ++i) index(*file.dependency(i));
}

Result<const pb::Descriptor*> ProtoSchema::Files::choose(std::string wanted) {
  if (wanted.starts_with('.')) wanted.erase(0, 1);
  if (!wanted.empty()) {
    const pb::Descriptor* found = pool.FindMessageTypeByName(wanted);
    if (found != nullptr && !found->options().map_entry()) return found;
  }
  std::vector<const pb::Descriptor*> all;
  std::vector<std::string> top;
  std::vector<std::string> near;
  for (const std::string& name : names) {
    const pb::FileDescriptor& file = *pool.FindFileByName(name);
    for (int i = 0; i < file.message_type_count(); ++i) {
      collect(*file.message_type(i), all);
      top.push_back(file.message_type(i)->full_name());
    }
  }
  if (wanted.empty()) {
    if (top.size() == 1) return pool.FindMessageTypeByName(top.front());
    if (top.empty()) return fail(ErrorKind::usage, "there is no message in the given files");
    return fail(ErrorKind::usage, fmt::format("the given files have {} messages: which one?", top.size()), 0,
                "--proto-type is one of " + listed(top));
  }
  const auto alike = [](std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char c, char d) { return (octet(c) | 0x20U) == (octet(d) | 0x20U); });
  };
  for (const pb::Descriptor* message : all)
    if (alike(last_part(message->full_name()), last_part(wanted))) near.push_back(message->full_name());
  std::string hint;
  if (!near.empty()) {
    hint = fmt::format("did you mean {}?", listed(near));
  } else if (!all.empty()) {
    top.clear();
    for (const pb::Descriptor* message : all) top.push_back(message->full_name());
    hint = "there is " + listed(top);
  } else {
    hint = "name the file that has it with --proto";
  }
  return fail(ErrorKind::usage, fmt::format("there is no message type {}", mq::quoted(wanted)), 0,
              std::move(hint));
}

ProtoSchema::ProtoSchema(std::unique_ptr<Files> files) : files_(std::move(files)) {}
ProtoSchema::~ProtoSchema() = default;

Result<std::unique_ptr<ProtoSchema>> ProtoSchema::load(const CodecOptions& options) {
  if (options.proto_files.empty() && options.descriptor_sets.empty() && options.message_type.empty())
    return nullptr;
  auto tree = std::make_unique<DiskSourceTree>();
  std::error_code ignored;
  for (const std::string& path : options.proto_paths) {
    if (!fs::is_directory(path, ignored))
      return fail(ErrorKind::usage,
                  fmt::format("there is no folder {} to look for .proto files in", shown(path)));
    tree->MapPath("", path);
  }
  // Nobody who names descriptor sets alone asks for what lies around.
  if (!options.proto_files.empty()) tree->MapPath("", ".");
  std::vector<std::string> names;
  for (const std::string& file : options.proto_files) {
    auto name = virtual_name(*tree, file);
    if (!name) return std::unexpected(name.error());
    names.push_back(std::move(*name));
  }
  std::unique_ptr<ProtoSchema> schema(
      new ProtoSchema(std::make_unique<Files>(std::move(tree), options.proto_files.empty())));
  Files& files = *schema->files_;
  for (const std::string& file : options.descriptor_sets)
    if (auto added = files.add_set(file); !added) return std::unexpected(added.error());
  if (!imports_in_bounds(files.imports))
    return fail(ErrorKind::usage,
                fmt::format("more than {} files of the descriptor sets import each other", most_proto_files));
  // Messages of the .proto files come first to choose from, and alone when there are any.
  const std::vector<std::string> of_sets = std::exchange(files.names, names);
  names.insert(names.end(), of_sets.begin(), of_sets.end());
  for (const std::string& name : names)
    if (auto built = files.build(name); !built) return std::unexpected(built.error());
  if (files.names.empty() || !options.message_type.empty()) files.names = names;
  if (const std::string known = well_known_file(options.message_type); !known.empty())
    files.pool.FindFileByName(known);
  const auto message = files.choose(options.message_type);
  if (!message) return std::unexpected(message.error());
  schema->message_ = *message;
  return schema;
}

Result<std::unique_ptr<ProtoSchema>> ProtoSchema::parse(std::string_view text,
                                                        const std::string& message_type) {
  std::unique_ptr<ProtoSchema> schema(
      new ProtoSchema(std::make_unique<Files>(std::make_unique<OneFile>(text), false)));
  Files& files = *schema->files_;
  files.names.emplace_back("embedded.proto");
  if (auto built = files.build(files.names.front()); !built) return std::unexpected(built.error());
  const auto message = files.choose(message_type);
  if (!message) return std::unexpected(message.error());
  schema->message_ = *message;
  return schema;
}

const pb::DescriptorPool& ProtoSchema::pool() const { return files_->pool; }

const pb::Descriptor* ProtoSchema::of_type_url(std::string_view url) {
  const std::string name(url.substr(url.rfind('/') + 1));
  const auto known = files_->types.find(name);
  if (known != files_->types.end()) return known->second;
  // Well-known types that no file imports are known all the same. The pool itself is never asked for what may
  // not be there: it would remember each such name.
  const std::string file = well_known_file(name);
  if (file.empty() || files_->pool.FindFileByName(file) == nullptr) return nullptr;
  return files_->types[name] = files_->pool.FindMessageTypeByName(name);
}

const pb::FieldDescriptor* ProtoSchema::extension(const pb::Descriptor& type, int number) const {
  return type.IsExtensionNumber(number) ? files_->pool.FindExtensionByNumber(&type, number) : nullptr;
}

}  // namespace mq
