#include "shared/answer.hpp"

#include <unistd.h>

#include <csignal>

#include "shared/exit_code.hpp"
#include "shared/log.hpp"
#include "shared/output.hpp"

namespace mq {

int print_answer(std::string_view text) {
  std::signal(SIGPIPE, SIG_IGN);
  Output output(STDOUT_FILENO);
  output.buffer().append(text);
  const auto state = output.finish();
  return state ? static_cast<int>(exit_done) : Log().report(state.error());
}

}  // namespace mq
