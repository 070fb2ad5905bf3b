// How a program ends, in one table: what scripts may rely on. Help and every man page show it.
#pragma once

#include <span>
#include <string_view>

#include "base/error.hpp"

namespace mq {

struct ExitRow {
  int code;
  std::string_view name;     // one word or two, for --help
  std::string_view meaning;  // a sentence without its full stop, for the man page
};

enum ExitCode : int {
  exit_done = 0,
  exit_failure = 1,
  exit_usage = 2,
  exit_connect = 3,
  exit_refused = 4,
  exit_timeout = 5,
  exit_lost = 6,
  exit_payload = 7,
  exit_denied = 8,
  exit_threshold = 9,
  exit_interrupt = 130,
  exit_terminate = 143,
};

std::span<const ExitRow> exit_rows();

int exit_code(ErrorKind kind);

}  // namespace mq
