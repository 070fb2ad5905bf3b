#include "payload/schema/documents.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include "base/text.hpp"
#include "payload/json.hpp"
#include "payload/schema/meta_schema.hpp"
#include "payload/schema/uri.hpp"
#include "payload/text_file.hpp"

namespace mq {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_documents = 1000;
constexpr std::size_t most_bytes = 4 * largest_text_file;  // of all documents, and of a folder's files
constexpr std::size_t longest_told = 200;

std::string told(std::string_view name) { return quoted(name, longest_told); }

// Where objects are data, not schemas.
bool holds_data(std::string_view keyword) {
  return keyword == "enum" || keyword == "const" || keyword == "default" || keyword == "examples";
}

// Whose members are schemas by a name of their own, which is no keyword.
bool names_schemas(std::string_view keyword) {
  return keyword == "properties" || keyword == "patternProperties" || keyword == "definitions" ||
         keyword == "dependencies" || keyword == "$defs";
}

// "04" when a schema says that it is written for that draft, or for another whose keywords mean something
// else in draft-07; draft-06 only lacks some.
std::optional<std::string_view> earlier_draft(const Value& root) {
  constexpr std::string_view before = "json-schema.org/draft-0";
  const Value* draft = root.member("$schema");
  if (draft == nullptr || draft->kind != Value::Kind::text) return std::nullopt;
  const std::string_view uri = draft->text;
  const std::size_t at = uri.find(before);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view number = uri.substr(at + before.size() - 1, 2);
  return number.size() == 2 && number < "06" ? std::optional(number) : std::nullopt;
}

bool names_later_draft(const Value& root) {
  const Value* draft = root.member("$schema");
  return draft != nullptr && draft->kind == Value::Kind::text &&
         (draft->text.contains("2019-09") || draft->text.contains("2020-12"));
}

}  // namespace

Result<SchemaPlace> SchemaDocuments::open(const std::string& name) {
  // A file may have a '#' in its name.
  std::error_code error;
  const std::size_t hash = fs::exists(name, error) ? name.npos : name.find("#/");
  const std::string file = name.substr(0, hash);
  auto text = read_text_file(file, "the schema");
  if (!text) return std::unexpected(std::move(text.error()));
  const fs::path path = fs::absolute(file, error).lexically_normal();
  files_ = true;
  folders_.push_back(fs::path(file).has_parent_path() ? fs::path(file).parent_path().string() : ".");
  auto whole = add(*text, file, uri_of_file(path.string()));
  if (!whole || hash == name.npos) return whole;
  const std::string pointer = name.substr(hash);
  auto part = find(*whole, pointer);
  if (!part)
    return fail(ErrorKind::usage, fmt::format("there is nothing at {} in {}", told(pointer), told(file)));
  return part;
}

Result<SchemaPlace> SchemaDocuments::read(std::string_view text, const std::string& name) {
  return add(text, name, "memory:/schema");
}

Result<SchemaPlace> SchemaDocuments::add(std::string_view text, std::string name, std::string_view uri) {
  bytes_ += text.size();
  if (documents_.size() == most_documents || bytes_ > most_bytes)
    return fail(ErrorKind::usage,
                fmt::format("{} is one schema too many: together they are too large", told(name)));
  auto root = parse_json(text);
  if (!root)
    return fail(ErrorKind::usage, fmt::format("{} is no JSON Schema: {}", told(name), root.error().text));
  if (const auto draft = earlier_draft(*root))
    return fail(ErrorKind::usage,
                fmt::format("{} is written for draft-{} of JSON Schema", told(name), *draft), 0,
                "schemas are understood as draft-07 has them, in which some keywords mean something else");
  SchemaDocument& document =
      documents_.emplace_back(SchemaDocument{.name = std::move(name), .root = std::move(*root)});
  document.later_draft = names_later_draft(document.root);
  const std::string* base = &*bases_.emplace(uri).first;
  const SchemaPlace place = within({&document.root, base, &document}, document.root);
  by_uri_.try_emplace(*base, place);
  index({&document.root, base, &document});
  return place;
}

// Draft-07, 8.3: whatever stands beside "$ref" is passed over.
const std::string* SchemaDocuments::id_of(const Value& schema) {
  const Value* id = part_at(schema, "/$id");
  if (id == nullptr || id->kind != Value::Kind::text || part_at(schema, "/$ref") != nullptr) return nullptr;
  return &id->text;
}

SchemaPlace SchemaDocuments::within(const SchemaPlace& from, const Value& part) {
  SchemaPlace place = {&part, from.base, from.document};
  if (const std::string* id = id_of(part); id != nullptr && !id->starts_with('#'))
    place.base = &*bases_.insert(resolved_uri(*from.base, split_fragment(*id).uri)).first;
  return place;
}

// Notes every "$id". Recursion ends at deepest_value.
void SchemaDocuments::index(const SchemaPlace& from, bool by_name) {
  const SchemaPlace here = by_name ? from : within(from, *from.schema);
  if (const std::string* id = by_name ? nullptr : id_of(*here.schema); id != nullptr) {
    const std::string_view anchor = split_fragment(*id).fragment;
    by_uri_.try_emplace(anchor.empty() ? *here.base : fmt::format("{}#{}", *here.base, anchor), here);
  }
  for (const Value& item : here.schema->items) {
    // An element of an array has no name.
    const bool keyword = !by_name && here.schema->kind == Value::Kind::object;
    if (item.items.empty() || (keyword && holds_data(item.name))) continue;
    index({&item, here.base, here.document}, keyword && names_schemas(item.name));
  }
}

const SchemaPlace* SchemaDocuments::known(std::string_view uri) const {
  const auto found = by_uri_.find(uri);
  return found == by_uri_.end() ? nullptr : &found->second;
}

Result<SchemaPlace> SchemaDocuments::find(const SchemaPlace& from, std::string_view reference) {
  const UriAndFragment parts = split_fragment(reference);
  const std::string uri = resolved_uri(*from.base, parts.uri);
  std::optional<SchemaPlace> whole;
  if (const SchemaPlace* place = known(uri)) {
    whole = *place;
  } else {
    auto loaded = load(from, uri);
    if (!loaded) return loaded;
    whole = *loaded;
  }
  if (parts.fragment.empty()) return *whole;
  if (!parts.fragment.starts_with('/')) {
    if (const SchemaPlace* anchor = known(fmt::format("{}#{}", uri, parts.fragment))) return *anchor;
  } else if (const auto pointer = percent_decoded(parts.fragment)) {
    if (auto part = part_of(*whole, *pointer)) return part;
  }
  return fail(ErrorKind::usage, fmt::format("{} refers to {}, where there is nothing",
                                            told(from.document->name), told(reference)));
}

Result<SchemaPlace> SchemaDocuments::part_of(const SchemaPlace& whole, std::string_view pointer) {
  SchemaPlace here = whole;
  while (!pointer.empty()) {
    const std::string_view step = pointer.substr(0, pointer.find('/', 1));
    const Value* next = part_at(*here.schema, step);
    if (next == nullptr) return fail(ErrorKind::usage, "there is nothing");
    here = within(here, *next);
    pointer.remove_prefix(step.size());
  }
  return here;
}

// One step of a pointer. Thousands of references may lead into one object of thousands of definitions.
const Value* SchemaDocuments::part_at(const Value& from, std::string_view step) {
  constexpr std::size_t few = 32;
  if (from.kind != Value::Kind::object || from.items.size() <= few || step.contains('~'))
    return from.items.empty() ? nullptr : at_pointer(from, step);
  auto& members = large_[&from];
  if (members.empty())
    for (const Value& member : from.items) members[member.name] = &member;
  const auto found = step.empty() ? members.end() : members.find(step.substr(1));
  return found == members.end() ? nullptr : found->second;
}

Result<SchemaPlace> SchemaDocuments::load(const SchemaPlace& from, const std::string& uri) {
  if (uri == meta_schema_uri) return add(meta_schema, std::string(meta_schema_uri), meta_schema_uri);
  const auto file = files_ ? file_of_uri(uri) : std::nullopt;
  if (!file) return load_from_folders(from, uri);
  std::error_code error;
  if (!fs::is_regular_file(*file, error))
    return fail(ErrorKind::io,
                fmt::format("{} refers to the file {}, which {}", told(from.document->name), told(*file),
                            fs::exists(*file, error) ? "is none" : "does not exist"));
  auto text = read_text_file(*file, "the schema");
  if (!text) return std::unexpected(std::move(text.error()));
  return add(*text, *file, uri);
}

Result<SchemaPlace> SchemaDocuments::load_from_folders(const SchemaPlace& from, const std::string& uri) {
  std::string path = percent_decoded(path_of_uri(uri)).value_or("");
  path.erase(0, std::min(path.find_first_not_of('/'), path.size()));
  const bool inside = !path.empty() && !path.contains('\0') &&
                      std::ranges::none_of(fs::path(path), [](const fs::path& part) { return part == ".."; });
  std::string found;
  std::error_code ignored;
  for (const std::string& folder : folders_)
    if (const fs::path file = fs::path(folder) / path;
        inside && found.empty() && fs::is_regular_file(file, ignored))
      found = file.string();
  for (const std::string& folder : folders_)
    if (found.empty()) found = file_with_id(folder, uri);
  if (!found.empty()) {
    auto text = read_text_file(found, "the schema");
    if (!text) return std::unexpected(std::move(text.error()));
    return add(*text, found, uri);
  }
  std::vector<std::string> searched;
  std::ranges::transform(folders_, std::back_inserter(searched), told);
  return fail(ErrorKind::usage,
              fmt::format("{} refers to {}, which is not in {}", told(from.document->name), told(uri),
                          searched.empty() ? "it" : fmt::format("{}", fmt::join(searched, " or "))),
              0,
              "schemas are never fetched: put the file into one of these folders, with the URI as its $id "
              "or its path below the folder as that of the URI");
}

// The file in the folder itself whose "$id" is `uri`; empty when there is none.
std::string SchemaDocuments::file_with_id(const std::string& folder, std::string_view uri) {
  const auto [ids, is_new] = ids_.try_emplace(folder);
  if (is_new) {
    std::error_code error;
    std::size_t bytes = 0;
    std::vector<fs::path> files;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
      if (entry->path().extension() == ".json" && files.size() < most_documents)
        files.push_back(entry->path());
    std::ranges::sort(files);
    for (const fs::path& file : files) {
      std::error_code ignored;
      if (!fs::is_regular_file(file, ignored)) continue;
      const auto size = fs::file_size(file, ignored);
      if (ignored || size > most_bytes - bytes) continue;
      bytes += size;
      const auto text = read_text_file(file.string(), "the schema");
      const auto root = text ? parse_json(*text) : fail(ErrorKind::io, "");
      if (!root) continue;
      const Value* id = root->member("$id");
      if (id != nullptr && id->kind == Value::Kind::text)
        ids->second.try_emplace(resolved_uri(uri_of_file(file.string()), split_fragment(id->text).uri),
                                file.string());
    }
  }
  const auto found = ids->second.find(uri);
  return found == ids->second.end() ? std::string() : found->second;
}

}  // namespace mq
