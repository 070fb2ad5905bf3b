// One table of a scenario file being read, with the settings that its keys store into.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "bench/load_settings.hpp"
#include "bench/rows.hpp"
#include "shared/toml_section.hpp"

namespace mq {

class FileSection : public TomlSection {
 public:
  FileSection(std::string_view what, const std::string& file, LoadSettings settings)
      : TomlSection(what, file, "mqtt-bench-run(1)"), settings_(std::move(settings)) {}

  LoadSettings& settings() { return settings_; }

  // The rows' defaults, then what the table says.
  Result<void> read(const TomlNode& table) {
    store_defaults(rows(), settings_);
    return TomlSection::read(table);
  }

 private:
  LoadSettings settings_;
};

}  // namespace mq
