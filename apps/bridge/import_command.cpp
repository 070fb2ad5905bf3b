#include "bridge/import_command.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "bridge/mosquitto_import.hpp"
#include "bridge/options.hpp"
#include "shared/answer.hpp"
#include "shared/client_program.hpp"
#include "shared/exit_code.hpp"
#include "shared/file.hpp"

namespace mq {
namespace {

// mosquitto's bridges are known by it too.
std::string host_name() {
  std::array<char, 256> host{};
  return ::gethostname(host.data(), host.size() - 1) == 0 && host[0] != '\0' ? host.data() : "mosquitto";
}

Result<ImportedBridge> imported(const ImportSettings& settings) {
  auto conf = read_mosquitto_conf(settings.file);
  if (!conf) return std::unexpected(std::move(conf.error()));
  auto made = import_mosquitto(*conf, host_name(), !settings.output.empty());
  if (!made) made.error().text.insert(0, settings.file + ": ");
  return made;
}

}  // namespace

int run_import(int argc, char** argv) {
  auto settings = parse_import(argc, argv, [](const char* name) -> const char* { return std::getenv(name); });
  if (!settings) return Log{.quiet = quiet_asked(arguments_of(argc, argv))}.report(settings.error());
  if (const auto ended = prepare(settings->connection, {argv, static_cast<std::size_t>(argc)})) return *ended;
  const Log& log = settings->connection.log;
  const auto made = imported(*settings);
  if (!made) return log.report(made.error());
  for (const ConfNote& note : made->notes)
    log.warn(note.place.file.empty() ? note.text : fmt::format("{}: {}", note.place.text(), note.text));
  if (settings->output.empty()) return print_answer(made->toml);
  const auto written = write_file_atomically(settings->output, made->toml);
  return written ? static_cast<int>(exit_done) : log.report(written.error());
}

}  // namespace mq
