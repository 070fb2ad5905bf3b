#include "shared/program.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "shared/nearest.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

std::string joined(const Program& program, char with) {
  std::string text(program.name);
  if (!program.command.empty()) text.append(1, with).append(program.command);
  return text;
}

}  // namespace

std::string called(const Program& program) { return joined(program, ' '); }
std::string page_of(const Program& program) { return joined(program, '-'); }

const Program* command_of(const Program& program, std::span<const char* const> arguments) {
  if (arguments.empty()) return nullptr;
  const auto found = std::ranges::find(program.commands, std::string_view(arguments[0]),
                                       [](const Program* command) { return command->command; });
  return found == program.commands.end() ? nullptr : *found;
}

std::optional<Error> misplaced_command(const Program& program, std::string_view argument, bool first) {
  std::vector<std::string_view> names;
  for (const Program* command : program.commands) names.push_back(command->command);
  const std::string_view near = nearest(argument, names);
  if (near.empty()) return std::nullopt;
  if (first)
    return usage(fmt::format("unknown command {}", quoted(argument)),
                 fmt::format("did you mean {} {}?", program.name, near))
        .error();
  if (near != argument) return std::nullopt;
  return usage(fmt::format("the command {} does not stand first", quoted(argument)),
               fmt::format("begin with {} {}", program.name, near))
      .error();
}

std::string_view toolkit_version() { return MQTTKIT_VERSION; }

}  // namespace mq
