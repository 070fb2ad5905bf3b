// Arbitrary bytes as a CSV file of values. What is read, written with every cell in quotes, is read as the
// same.
#include <algorithm>
#include <cstdint>
#include <string>

#include "load/data_table.hpp"

namespace {

using namespace mq;

void write(std::span<const std::string_view> cells, std::string& out) {
  for (const std::string_view& cell : cells) {
    if (&cell != cells.data()) out += ',';
    out += '"';
    for (const char c : cell) out.append(c == '"' ? 2 : 1, c);
    out += '"';
  }
  out += '\n';
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto table = DataTable::parse({reinterpret_cast<const char*>(data), size}, "data.csv");
  if (!table) {
    if (!table.error().text.starts_with("data.csv")) __builtin_trap();
    return 0;
  }
  if (table->rows() == 0) __builtin_trap();
  std::string text;
  write(table->names(), text);
  for (std::size_t row = 0; row < table->rows(); ++row) write(table->row(row), text);
  const auto again = DataTable::parse(text, "again.csv");
  if (!again || again->rows() != table->rows() || !std::ranges::equal(again->names(), table->names()))
    __builtin_trap();
  for (std::size_t row = 0; row < table->rows(); ++row)
    if (!std::ranges::equal(again->row(row), table->row(row))) __builtin_trap();
  return 0;
}
