#include "shared/printing_program.hpp"

#include <unistd.h>

#include <chrono>
#include <optional>

namespace mq {

PrintingProgram::PrintingProgram(const ConnectionSettings& settings)
    : ClientProgram(settings), output_(STDOUT_FILENO), writable_(loop(), output_.descriptor()) {}

void PrintingProgram::flush() {
  if (blocked_ || closed()) return;
  const auto state = output_.flush();
  if (!state) {
    failed_ = true;
    return break_off(state.error());  // with acknowledgements of what was to be written
  }
  switch (*state) {
    case Output::State::drained:
      return;
    case Output::State::closed:
      reader_gone_ = true;
      return end_unread();
    case Output::State::blocked:
      break;
  }
  blocked_ = true;
  client().pause();
  writable_.writable([this] {
    blocked_ = false;
    client().go_on();
    flush();
    if (!blocked_) on_unblocked();
  });
}

void PrintingProgram::end_with_reader() {
  writable_.over([this] {
    if (closed()) return;
    reader_gone_ = true;
    end_unread();
  });
}

void PrintingProgram::finish_output() {
  if (closed()) return;
  constexpr std::chrono::milliseconds moment(200);
  if (auto written = output_.finish(hurried() ? std::optional(moment) : std::nullopt); !written)
    fail_with(written.error());
}

}  // namespace mq
