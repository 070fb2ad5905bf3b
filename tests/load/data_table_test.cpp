#include "load/data_table.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace mq {
namespace {

using Cells = std::vector<std::string_view>;

Cells cells(std::span<const std::string_view> row) { return {row.begin(), row.end()}; }

DataTable parsed(std::string_view text) {
  auto table = DataTable::parse(text, "d.csv");
  if (!table) FAIL(table.error().text);
  return std::move(*table);
}

TEST_CASE("names, rows, and round again") {
  const DataTable table = parsed("id,name\n1,hall\n2,attic\n");
  CHECK(cells(table.names()) == Cells{"id", "name"});
  REQUIRE(table.rows() == 2);
  CHECK(cells(table.row(0)) == Cells{"1", "hall"});
  CHECK(cells(table.row(1)) == Cells{"2", "attic"});
  CHECK(cells(table.row(1'000'001)) == Cells{"2", "attic"});
}

TEST_CASE("what RFC 4180 allows") {
  const DataTable table =
      parsed("\xEF\xBB\xBF\"a\",b,\"c d\"\r\n\"x, \"\"y\"\"\",,\"two\r\nlines\"\r\n\r\n1,2,3");
  CHECK(cells(table.names()) == Cells{"a", "b", "c d"});
  REQUIRE(table.rows() == 2);
  CHECK(cells(table.row(0)) == Cells{"x, \"y\"", "", "two\r\nlines"});
  CHECK(cells(table.row(1)) == Cells{"1", "2", "3"});
  const DataTable moved = parsed("a\nshort\n");
  CHECK(cells(moved.row(0)) == Cells{"short"});
  CHECK(parsed("a\nx\n\ny\n").rows() == 3);  // of one column: an empty value
  CHECK(parsed("a,b\nx,\n").row(0)[1].empty());
}

TEST_CASE("what is wrong is told with its line") {
  struct Row {
    std::string_view text, error;
  };
  const Row table[] = {
      {"", "d.csv holds no rows"},
      {"a,b\n", "d.csv holds no rows"},
      {"a,b\n1,2\n3\n", "d.csv:3: 1 value, but 2 names in the first line"},
      {"a\n1,2\n", "d.csv:2: 2 values, but 1 name in the first line"},
      {"a,b\n\"x\ny\",2\n\"3,4\n", "d.csv:4: a quote that does not end"},
      {"a,b\n1,x\"y\n", "d.csv:2: a quote in the middle of a value"},
      {"a,b\n\"1\"x,2\n", "d.csv:2: text behind a quoted value"},
      {"a,time\n1,2\n", "d.csv: {time} is something else in a template already"},
      {"a,b,a\n1,2,3\n", "d.csv: two columns are called 'a'"},
  };
  for (const Row& row : table) {
    CAPTURE(row.text);
    const auto made = DataTable::parse(row.text, "d.csv");
    REQUIRE_FALSE(made);
    CHECK(made.error().kind == ErrorKind::usage);
    CHECK(made.error().text == row.error);
  }
}

}  // namespace
}  // namespace mq
