// The documents that a schema is spread over: files that are loaded when they are first referred to, found by
// URI. Owns them; what it points to lives as long as it does. Nothing ever comes from the network.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "payload/value.hpp"

namespace mq {

struct SchemaDocument {
  std::string name;  // as errors call it: a file as the user wrote it, or a URI
  Value root{};
  bool later_draft = false;  // it says that it is written for 2019-09 or 2020-12
};

// One schema somewhere in a document.
struct SchemaPlace {
  const Value* schema = nullptr;
  const std::string* base = nullptr;  // the URI that references in it are relative to
  const SchemaDocument* document = nullptr;
};

class SchemaDocuments {
 public:
  // `folders` are searched, the first first, for URIs that are no files.
  explicit SchemaDocuments(std::vector<std::string> folders) : folders_(std::move(folders)) {}

  // A file, or, by "FILE#/POINTER", a part of it.
  Result<SchemaPlace> open(const std::string& name);
  Result<SchemaPlace> read(std::string_view text, const std::string& name);

  // What `reference` in the schema at `from` leads to.
  Result<SchemaPlace> find(const SchemaPlace& from, std::string_view reference);

  // `part`, which lies in the schema at `from`: its own "$id" may change the base.
  SchemaPlace within(const SchemaPlace& from, const Value& part);

 private:
  Result<SchemaPlace> add(std::string_view text, std::string name, std::string_view uri);
  // `by_name`: what stands there is no schema, but its members are.
  void index(const SchemaPlace& from, bool by_name = false);
  const SchemaPlace* known(std::string_view uri) const;
  Result<SchemaPlace> load(const SchemaPlace& from, const std::string& uri);
  Result<SchemaPlace> load_from_folders(const SchemaPlace& from, const std::string& uri);
  std::string file_with_id(const std::string& folder, std::string_view uri);
  Result<SchemaPlace> part_of(const SchemaPlace& whole, std::string_view pointer);
  const std::string* id_of(const Value& schema);
  const Value* part_at(const Value& from, std::string_view step);

  std::vector<std::string> folders_;
  bool files_ = false;     // whether file: URIs may be read
  std::size_t bytes_ = 0;  // of all documents
  std::deque<SchemaDocument> documents_;
  std::set<std::string, std::less<>> bases_;
  std::map<std::string, SchemaPlace, std::less<>> by_uri_;
  std::map<std::string, std::map<std::string, std::string, std::less<>>> ids_;  // of a folder: URI to file
  // The members of large objects that references led into, by name.
  std::unordered_map<const Value*, std::unordered_map<std::string_view, const Value*>> large_;
};

}  // namespace mq
