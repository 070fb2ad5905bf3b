// A CSV file (RFC 4180) in memory: the names in its first line, and the rows. It owns the bytes that cells
// are views of.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace mq {

class DataTable {
 public:
  // Kind usage or io; texts begin with the path.
  static Result<DataTable> read(const std::string& path);
  // `name` is for errors.
  static Result<DataTable> parse(Bytes text, const std::string& name);

  DataTable(DataTable&&) = default;
  DataTable& operator=(DataTable&&) = default;

  std::span<const std::string_view> names() const { return std::span(cells_).first(columns_); }
  std::size_t rows() const { return columns_ == 0 ? 0 : cells_.size() / columns_ - 1; }
  // Wraps round after the last row.
  std::span<const std::string_view> row(std::uint64_t number) const {
    return std::span(cells_).subspan((1 + number % rows()) * columns_, columns_);
  }

 private:
  DataTable() = default;

  std::vector<char> text_;  // stays where it is when the table is moved
  std::size_t columns_ = 0;
  std::vector<std::string_view> cells_;  // the first row are the names
};

}  // namespace mq
