// What stands in the braces of a population's templates: everything that templates know everywhere, {client}
// (number over all populations), {number} (within its own), {seq} (the message's number, from 0), {run}
// (eight hexadecimal digits), {file PATH}, and the columns of its CSV file. Random values depend on seed,
// client and message alone. One thread's.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "load/data_table.hpp"
#include "load/scenario.hpp"
#include "shared/template.hpp"

namespace mq {

// The process's own variables.
inline const char* process_variable(const char* name) { return std::getenv(name); }

class ClientFields {
 public:
  // Reads the CSV file. A population that goes on with another's sessions has that one's numbers. Kind usage
  // or io.
  static Result<std::unique_ptr<ClientFields>> make(const Scenario& scenario, const Population& population,
                                                    Environment environment);

  // Kind usage or io; reads what {file PATH} names.
  Result<Template> compile(std::string_view text);

  // How often a text changes.
  bool by_client(const Template& text) const;
  bool by_message(const Template& text) const;
  // It holds what may be anything: time, or columns of the file.
  bool is_free(const Template& text) const { return uses_columns(text) || text.uses_time(); }

  // Whom and what the next appends are about; `now` in nanoseconds since 1970.
  void set(std::uint64_t number, std::uint64_t message = 0, std::int64_t now = 0);
  void append(const Template& text, Buffer& out) { text.append(values_, out); }

  // All in one, for texts that change with the client alone.
  std::string text_of(const Template& text, std::uint64_t number);

 private:
  enum Own : std::uint8_t { client, number, seq, run, columns };
  static constexpr std::size_t digits = 20;

  ClientFields(const Scenario& scenario, const Population& population, Environment environment);
  bool uses_columns(const Template& text) const;
  void set_number(Own own, std::uint64_t value);

  Environment environment_;
  std::uint64_t seed_, first_client_;
  std::string run_;
  bool rows_by_message_;
  std::optional<DataTable> table_;
  std::vector<std::string_view> names_;  // of what is below
  std::vector<std::string_view> own_;
  std::array<std::array<char, digits>, columns> numbers_{};
  // Whether any template needs it, so that the others need not wait for it.
  std::array<bool, columns> uses_{};
  bool uses_columns_ = false, uses_time_ = false, uses_message_ = false;
  TemplateValues values_;
};

}  // namespace mq
