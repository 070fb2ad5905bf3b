// The examples of a manual page, and what it takes to run one as a reader would: in a shell, with the
// programs in PATH, in a home of its own, with a server behind whatever host it names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "e2e/programs.hpp"
#include "peers/mosquitto.hpp"
#include "peers/temp_dir.hpp"

namespace mq {

// Everything between .EX and .EE of man/NAME, as a reader sees it, from its section EXAMPLES alone or from
// the whole page.
std::vector<std::string> examples_of(const std::string& page);

// The blocks of FILE (Markdown) that are fenced as sh, each behind a comment with the heading that it stands
// under.
std::vector<std::string> blocks_of(const std::string& file);

// Every line of FILE that begins with `start`, without what of that is blank or '#'.
std::vector<std::string> lines_of(const std::string& file, std::string_view start);

class ReadersShell {
 public:
  // The programs in its PATH connect to that server whatever they are told. mqtt-NAME takes the script
  // `more-NAME` in the home folder first, which may change its arguments.
  explicit ReadersShell(const Mosquitto& server) : ReadersShell(server.port()) {}
  explicit ReadersShell(std::uint16_t port);  // of 127.0.0.1

  // But who names that host is connected to that port.
  void put(const std::string& host, std::uint16_t port) const;

  // sh -c SCRIPT in the home folder.
  Launch launch(const std::string& script) const;
  // The same, with the last program that it began within reach of interrupt().
  Launch launch_interruptible(const std::string& script) const;
  void interrupt() const;  // as Ctrl-C does
  // The same, to its end, which must be good: what it wrote.
  std::string run(const std::string& script) const;
  const TempDir& home() const { return home_; }

 private:
  std::string script_for(const std::string& name, const std::string& rest) const;

  TempDir home_;
  std::uint16_t port_;
};

}  // namespace mq
