#include "payload/jq.hpp"

#include <atomic>
#include <new>

#include "payload/module.hpp"

namespace mq {
namespace {

// A signal's handler can reach nothing but what is static.
std::atomic<Jq*> running = nullptr;
std::atomic<bool> halted = false;

}  // namespace

bool halt_jq() {
  halted = true;
  Jq* const program = running;
  if (program != nullptr) program->halt();
  return program != nullptr;
}

bool jq_is_halted() { return halted; }

Result<void> Jq::run(const Value& input, std::vector<Value>& results, std::size_t most) {
  running = this;
  auto done = halted ? Result<void>() : make(input, results, most);
  running = nullptr;
  if (halted) return fail(ErrorKind::payload, "the program had not ended");
  return done;
}

namespace {

// Nothing may be thrown through libjq, and it can't go on: the process ends as it does wherever else it gets
// no memory, by its new-handler, or by the end that an exception has here.
void out_of_memory(void*) noexcept {
  if (const std::new_handler handler = std::get_new_handler()) handler();
}

}  // namespace

Result<std::unique_ptr<Jq>> compile_jq(const std::string& program) {
  const auto compiler = load_module<JqCompiler>("jq");
  if (!compiler) return std::unexpected(compiler.error());
  Result<std::unique_ptr<Jq>> compiled;
  (*compiler)(program, out_of_memory, compiled);
  return compiled;
}

}  // namespace mq
