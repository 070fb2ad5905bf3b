// One table of a TOML file being read: which keys it may have, and who stores their values. A key is the name
// of an option row, whose setter gets the value as text. What is stored belongs to whoever made the rows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "payload/toml_tree.hpp"
#include "shared/option.hpp"
#include "shared/property_option.hpp"

namespace mq {

class TomlSection {
 public:
  // For errors, and outliving it: what the table is called, its file, the manual page that lists its keys.
  TomlSection(std::string_view what, const std::string& file, std::string_view page);
  TomlSection(const TomlSection&) = delete;
  TomlSection& operator=(const TomlSection&) = delete;

  OptionRows& rows() { return rows_; }
  // Keys that no option has.
  void key(std::string_view name, OptionSetter set);
  void flag(std::string_view name, bool& target);   // that can only be set
  void truth(std::string_view name, bool& target);  // true or false, where false is not the default
  // One that somebody else looks at.
  void also(std::string_view name) { others_.push_back(name); }

  // Kind usage; texts begin with "FILE:LINE: ".
  Result<void> read(const TomlNode& table);
  // Its `property`: a list of lists of name and value.
  Result<void> read_properties(const TomlNode& table, std::string_view packet, PropertyList& target) const;

  std::unexpected<Error> wrong(const TomlNode& node, const std::string& text, std::string hint = {}) const;
  std::unexpected<Error> wrong(const TomlNode& node, Error error) const;

 private:
  std::unexpected<Error> unknown(std::string_view name, const TomlNode& node) const;
  Result<void> store(const OptionRow& row, const TomlNode& node) const;
  Result<void> store_one(const OptionRow& row, const TomlNode& node) const;

  std::string_view what_;
  const std::string& file_;
  std::string_view page_;
  OptionRows rows_;
  std::vector<std::string_view> others_;
};

}  // namespace mq
