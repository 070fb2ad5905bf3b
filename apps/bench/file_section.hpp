// One table of a scenario file being read: which keys it may have, and who stores their values. A key is the
// name of an option row, whose setter gets the value as text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/load_settings.hpp"
#include "bench/toml_tree.hpp"
#include "shared/option.hpp"

namespace mq {

class FileSection {
 public:
  // `what` and `file` are for errors, and outlive it. The rows store into its own settings.
  FileSection(std::string_view what, const std::string& file, LoadSettings settings);
  FileSection(const FileSection&) = delete;
  FileSection& operator=(const FileSection&) = delete;

  OptionRows& rows() { return rows_; }
  LoadSettings& settings() { return settings_; }
  // Keys that no option has.
  void key(std::string_view name, OptionSetter set);
  void flag(std::string_view name, bool& target);
  // One that somebody else looks at.
  void also(std::string_view name) { others_.push_back(name); }

  // The rows' defaults, then what the table says. Kind usage; texts begin with "FILE:LINE: ".
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
  LoadSettings settings_;
  OptionRows rows_;
  std::vector<std::string_view> others_;
};

}  // namespace mq
