#include "payload/map/map_file.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "base/text.hpp"
#include "payload/codecs.hpp"
#include "payload/text_file.hpp"
#include "payload/toml_tree.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

namespace fs = std::filesystem;

// One file being read: what its errors begin with and its paths are relative to.
class MapReader {
 public:
  explicit MapReader(const std::string& file) : file_(file), folder_(fs::path(file).parent_path()) {}

  Result<std::vector<PayloadRule>> read(std::string_view text) {
    const auto parsed = parse_toml(text, file_);
    if (!parsed) return std::unexpected(parsed.error());
    for (const auto& [name, node] : parsed->members)
      if (name != "rule")
        return wrong(node.line, fmt::format("{} means nothing here", mq::quoted(name)),
                     "a payload map is a list of [[rule]] tables");
    const TomlNode* list = parsed->member("rule");
    if (list == nullptr || list->kind != Kind::array) return wrong(1, "there is no [[rule]]");
    std::vector<PayloadRule> rules;
    for (const TomlNode& entry : list->items) {
      if (entry.kind != Kind::table) return wrong(entry.line, "a rule is a table: [[rule]]");
      auto rule = read_rule(entry);
      if (!rule) return std::unexpected(std::move(rule.error()));
      rules.push_back(std::move(*rule));
    }
    return rules;
  }

  std::unexpected<Error> wrong(std::size_t line, const std::string& text, std::string hint = {}) const {
    return fail(ErrorKind::usage, fmt::format("{}:{}: {}", file_, line, text), 0, std::move(hint));
  }

 private:
  using Kind = TomlNode::Kind;
  using Field = Result<void> (MapReader::*)(const TomlNode&, PayloadRule&) const;
  struct Key {
    std::string_view name;
    Field read;
  };

  Result<PayloadRule> read_rule(const TomlNode& entry) const {
    static constexpr std::array<Key, 10> keys{{{"topic", &MapReader::topics},
                                               {"format", &MapReader::format},
                                               {"proto", &MapReader::proto},
                                               {"proto-path", &MapReader::proto_path},
                                               {"descriptor-set", &MapReader::descriptor_set},
                                               {"proto-type", &MapReader::proto_type},
                                               {"avro-schema", &MapReader::avro_schema},
                                               {"schema", &MapReader::schema},
                                               {"version", &MapReader::version},
                                               {"versions", &MapReader::versions}}};
    PayloadRule rule;
    for (const auto& [name, node] : entry.members) {
      const auto key = std::ranges::find(keys, name, &Key::name);
      if (key == keys.end()) return wrong(node.line, fmt::format("a rule has no {}", mq::quoted(name)));
      if (auto read = (this->*key->read)(node, rule); !read) return std::unexpected(std::move(read.error()));
    }
    // What describes one format alone says which it is.
    if (rule.format.empty() && !rule.codec.avro_schema.empty()) rule.format = "avro";
    if (rule.format.empty() && (!rule.codec.proto_files.empty() || !rule.codec.descriptor_sets.empty() ||
                                !rule.codec.message_type.empty()))
      rule.format = "protobuf";
    if (rule.filters.empty()) return wrong(entry.line, "a rule needs a topic");
    if (rule.version.has_value() != !rule.versions.empty())
      return wrong(entry.line, "version and versions go together");
    if (rule.version && !rule.schema.empty())
      return wrong(entry.line, "schema and versions exclude each other");
    return rule;
  }

  Result<std::string> text(const TomlNode& node) const {
    if (node.quoted && !node.text.empty()) return node.text;
    return wrong(node.line, "a text is expected here");
  }

  // A text, or several.
  Result<std::vector<std::string>> texts(const TomlNode& node) const {
    std::vector<std::string> found;
    if (node.kind != Kind::array) {
      auto one = text(node);
      if (!one) return std::unexpected(std::move(one.error()));
      found.push_back(std::move(*one));
      return found;
    }
    for (const TomlNode& item : node.items) {
      auto one = text(item);
      if (!one) return std::unexpected(std::move(one.error()));
      found.push_back(std::move(*one));
    }
    return found;
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  Result<void> store_text(const TomlNode& node, std::string& to, bool is_path) const {
    auto found = text(node);
    if (!found) return std::unexpected(std::move(found.error()));
    to = is_path ? path(*found) : std::move(*found);
    return {};
  }

  Result<void> store_paths(const TomlNode& node, std::vector<std::string>& to) const {
    auto found = texts(node);
    if (!found) return std::unexpected(std::move(found.error()));
    for (const std::string& name : *found) to.push_back(path(name));
    return {};
  }

  Result<void> topics(const TomlNode& node, PayloadRule& rule) const {
    auto found = texts(node);
    if (!found) return std::unexpected(std::move(found.error()));
    for (const std::string& filter : *found)
      if (const auto checked = check_topic_filter(filter); !checked)
        return wrong(node.line, checked.error().text);
    rule.filters = std::move(*found);
    return {};
  }

  Result<void> format(const TomlNode& node, PayloadRule& rule) const {
    if (auto stored = store_text(node, rule.format, false); !stored) return stored;
    if (find_codec(rule.format) != nullptr) return {};
    std::string names;
    for (const CodecRow& row : codecs()) names.append(names.empty() ? "" : ", ").append(row.name);
    return wrong(node.line, fmt::format("there is no format {}", mq::quoted(rule.format)), "one of " + names);
  }

  Result<void> proto(const TomlNode& node, PayloadRule& rule) const {
    return store_paths(node, rule.codec.proto_files);
  }
  Result<void> proto_path(const TomlNode& node, PayloadRule& rule) const {
    return store_paths(node, rule.codec.proto_paths);
  }
  Result<void> descriptor_set(const TomlNode& node, PayloadRule& rule) const {
    return store_paths(node, rule.codec.descriptor_sets);
  }
  Result<void> proto_type(const TomlNode& node, PayloadRule& rule) const {
    return store_text(node, rule.codec.message_type, false);
  }
  Result<void> avro_schema(const TomlNode& node, PayloadRule& rule) const {
    return store_text(node, rule.codec.avro_schema, true);
  }
  Result<void> schema(const TomlNode& node, PayloadRule& rule) const {
    return store_text(node, rule.schema, true);
  }

  Result<void> version(const TomlNode& node, PayloadRule& rule) const {
    auto found = text(node);
    if (!found) return std::unexpected(std::move(found.error()));
    constexpr std::string_view byte = "byte:";
    if (found->starts_with('/')) {
      rule.version = VersionByPointer{std::move(*found)};
    } else if (*found == "content-type") {
      rule.version = VersionByContentType{};
    } else if (const auto at = found->starts_with(byte)
                                   ? parse_number<std::size_t>(found->substr(byte.size()))
                                   : std::nullopt) {
      rule.version = VersionByByte{*at};
    } else {
      return wrong(node.line, fmt::format("{} does not say where a version stands", mq::quoted(*found)),
                   "a JSON pointer (\"/v\"), \"byte:N\" or \"content-type\"");
    }
    return {};
  }

  Result<void> versions(const TomlNode& node, PayloadRule& rule) const {
    if (node.kind != Kind::table || node.members.empty())
      return wrong(node.line, "versions is a table of schemas: { 1 = \"one.schema.json\" }");
    for (const auto& [name, file] : node.members) {
      auto found = text(file);
      if (!found) return std::unexpected(std::move(found.error()));
      rule.versions.emplace(name, path(*found));
    }
    return {};
  }

  const std::string& file_;
  fs::path folder_;
};

}  // namespace

Result<std::vector<PayloadRule>> parse_map(std::string_view text, const std::string& file) {
  return MapReader(file).read(text);
}

Result<std::vector<PayloadRule>> read_map_file(const std::string& file) {
  const auto text = read_text_file(file, "the payload map");
  if (!text) return std::unexpected(text.error());
  return parse_map(*text, file);
}

}  // namespace mq
