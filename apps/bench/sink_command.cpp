#include <fmt/core.h>
#include <sys/resource.h>

#include <csignal>

#include "bench/bench.hpp"
#include "net/address.hpp"
#include "net/loop.hpp"
#include "shared/client_program.hpp"
#include "sink/sink.hpp"

namespace mq {

// Until a signal; what it has counted is said at its end.
int run_sink(SinkSettings& settings) {
  const Log& log = settings.connection.log;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  auto sink = Sink::start({.address = settings.address, .port = settings.port, .faults = {}});
  if (!sink) return log.report(sink.error());
  log.notice("listening", fmt::format("listening on {}", host_and_port(settings.address, (*sink)->port())),
             {{"address", settings.address}, {"port", std::to_string((*sink)->port())}});
  Loop loop;
  int number = 0;
  const Signals signals(loop, {SIGINT, SIGTERM}, [&](int signal) {
    number = signal;
    loop.stop();
  });
  loop.run();
  const SinkCounts counts = (*sink)->counts();
  const auto sum = [](const auto& by_qos) { return by_qos[0] + by_qos[1] + by_qos[2]; };
  log.notice("counts", fmt::format("{} connections, {} messages received, {} sent", counts.accepted,
                                   sum(counts.received), sum(counts.sent)));
  return exit_code_of_signal(number);
}

}  // namespace mq
