#include "shared/exit_code.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

namespace mq {

TEST_CASE("every kind of error has the exit code that scripts rely on") {
  const std::map<ErrorKind, int> expected{
      {ErrorKind::usage, 2},    {ErrorKind::resolve, 3},  {ErrorKind::connect, 3}, {ErrorKind::tls, 3},
      {ErrorKind::timeout, 5},  {ErrorKind::refused, 4},  {ErrorKind::denied, 8},  {ErrorKind::malformed, 1},
      {ErrorKind::protocol, 1}, {ErrorKind::lost, 6},     {ErrorKind::payload, 7}, {ErrorKind::schema, 7},
      {ErrorKind::io, 1},       {ErrorKind::threshold, 9}};
  for (const auto& [kind, code] : expected) {
    CAPTURE(static_cast<int>(kind));
    CHECK(exit_code(kind) == code);
  }
}

TEST_CASE("the table of exit codes is complete and in order") {
  int last = -1;
  std::set<std::string> names;
  for (const ExitRow& row : exit_rows()) {
    CHECK(row.code > last);
    last = row.code;
    CHECK(names.insert(std::string(row.name)).second);
    CHECK_FALSE(row.meaning.empty());
    CHECK_FALSE(row.meaning.ends_with('.'));
  }
  CHECK(exit_rows().size() == 12);
  CHECK(last == 143);
}

}  // namespace mq
