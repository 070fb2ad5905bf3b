#include "shared/program.hpp"

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

std::string_view toolkit_version() { return MQTTKIT_VERSION; }

}  // namespace mq
