#include <cstdlib>

#include "bridge/bridge.hpp"
#include "bridge/describe.hpp"
#include "bridge/dry_run.hpp"
#include "bridge/options.hpp"
#include "bridge/plan_check.hpp"
#include "bridge/plan_sources.hpp"
#include "shared/answer.hpp"
#include "shared/client_program.hpp"
#include "shared/exit_code.hpp"
#include "shared/out_of_memory.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

const char* variable(const char* name) { return std::getenv(name); }

// Exit code 2 whatever is wrong: nothing was tried.
int check(const BridgePlan& plan) {
  if (auto tried = try_sources(plan); !tried) {
    plan.log.report(tried.error());
    return exit_usage;
  }
  for (const std::string& doubt : doubts_about(plan)) plan.log.warn(doubt);
  return print_answer(described(plan));
}

// The plan of the same command line, whose file may say something else by now.
Result<BridgePlan> plan_again(int argc, char** argv) {
  auto settings = parse_bridge(argc, argv, variable);
  if (!settings) return std::unexpected(std::move(settings.error()));
  if (settings->config.empty())
    return usage("there is no file to read again", "a bridge without -c stays as it was started");
  if (auto tried = try_sources(settings->plan); !tried) return std::unexpected(std::move(tried.error()));
  if (auto read = read_plan_secrets(settings->plan); !read) return std::unexpected(std::move(read.error()));
  return std::move(settings->plan);
}

int carry(BridgePlan& plan, int argc, char** argv) {
  Result<void> ready = read_plan_secrets(plan);
  if (const auto usual = usual_store_path(plan.name, variable); ready && usual)
    ready = make_store_folder(plan, *usual);
  if (!ready) return plan.log.report(ready.error());
  return run_bridge(std::move(plan), [argc, argv] { return plan_again(argc, argv); });
}

int bridge(int argc, char** argv) {
  auto settings = parse_bridge(argc, argv, variable);
  if (!settings) return Log{.quiet = quiet_asked(arguments_of(argc, argv))}.report(settings.error());
  if (const auto ended = prepare(settings->connection, {argv, static_cast<std::size_t>(argc)})) return *ended;
  if (settings->check) return check(settings->plan);
  if (settings->dry_run.empty()) return carry(settings->plan, argc, argv);
  std::string text;
  for (const std::string& topic : settings->dry_run) text += dry_run(settings->plan, topic);
  return print_answer(text);
}

int run(int argc, char** argv) {
  if (const Program* command = command_of(bridge_program(), arguments_of(argc, argv)))
    return command->run(argc - 1, argv + 1);
  return bridge(argc, argv);
}

}  // namespace
}  // namespace mq

int main(int argc, char** argv) {
  mq::end_when_out_of_memory();
  return mq::run(argc, argv);
}
