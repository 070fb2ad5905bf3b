#include "shared/report.hpp"

#include <cstdio>
#include <string>

#include "shared/exit_code.hpp"

namespace mq {

int report(const Error& error, bool quiet) {
  if (!quiet) {
    std::string text = "error: ";
    text.append(error.text).append("\n");
    if (!error.hint.empty()) text.append("hint: ").append(error.hint).append("\n");
    std::fwrite(text.data(), 1, text.size(), stderr);
  }
  return exit_code(error.kind);
}

}  // namespace mq
