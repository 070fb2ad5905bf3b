#include <csignal>
#include <cstdlib>

#include "bench/commands.hpp"
#include "shared/client_program.hpp"
#include "shared/out_of_memory.hpp"

namespace mq {
namespace {

int run(int argc, char** argv) {
  // Who reads the report or the progress may be gone: a run goes on, and its files are written.
  std::signal(SIGPIPE, SIG_IGN);
  if (const Program* command = command_of(bench_program(), arguments_of(argc, argv)))
    return command->run(argc - 1, argv + 1);
  auto settings = parse_bench(argc, argv, [](const char* name) -> const char* { return std::getenv(name); });
  if (!settings) return Log{}.report(settings.error());
  return prepare(*settings, {argv, static_cast<std::size_t>(argc)}).value_or(exit_done);
}

}  // namespace
}  // namespace mq

int main(int argc, char** argv) {
  mq::end_when_out_of_memory();
  return mq::run(argc, argv);
}
