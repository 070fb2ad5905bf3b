#include "shared/out_of_memory.hpp"

#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <new>
#include <string_view>

#include "shared/exit_code.hpp"

namespace mq {
namespace {

thread_local bool may_run_out = false;
std::terminate_handler usual_end = nullptr;

[[noreturn]] void end_out_of_memory() {
  constexpr std::string_view text = "error: out of memory\n";
  (void)!::write(STDERR_FILENO, text.data(), text.size());
  ::_exit(exit_failure);
}

void nothing_left() {
  if (may_run_out) throw std::bad_alloc();
  end_out_of_memory();
}

// Asio asks aligned_alloc(), which knows no handler, and throws by itself.
[[noreturn]] void ended_by_exception() {
  if (const std::exception_ptr thrown = std::current_exception()) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::bad_alloc&) {
      end_out_of_memory();
    } catch (...) {  // a fault of ours, which the usual end tells
    }
  }
  if (usual_end != nullptr) usual_end();
  std::abort();
}

}  // namespace

void end_when_out_of_memory() {
  std::set_new_handler(nothing_left);
  usual_end = std::set_terminate(ended_by_exception);
}

MemoryMayRunOut::MemoryMayRunOut() { may_run_out = true; }
MemoryMayRunOut::~MemoryMayRunOut() { may_run_out = false; }

}  // namespace mq
