// The command line that the benchmark programs share; letters as in mosquitto's clients.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace mq::bench {

inline constexpr std::size_t json_size = 120;

struct Options {
  std::uint16_t port = 0;             // -p: connect to this port instead of waiting for a connection
  std::string topic = "bench/lines";  // -t
  unsigned qos = 0;                   // -q
  unsigned window = 1000;             // -M: unacknowledged messages, at most 60000
  std::uint64_t count = 0;            // -C: messages; 0: until the other end stops
  std::size_t size = 64;              // -s: bytes of a payload
  unsigned stall_ms = 0;              // -w: the sink stops reading once for so long, bench_round_trip rests
                                      // so long before each request
  bool json = false;                  // -J: the source's payloads are JSON, of json_size bytes
  bool kernel_ports = false;          // -k: bench_connects leaves its ports to the kernel
  bool from_source = false;           // -S: the sink's messages come from bench_source
  unsigned connections = 10;          // -c: of bench_flood and bench_open_loop
  unsigned seconds = 3;               // -d: how long these two send
  unsigned rate = 100;                // -r: messages a second of each connection of bench_open_loop
  unsigned slice = 0, slices = 1;     // -P I/N: bench_connects has the I-th of N parts of the ports, from 1
};

// Ends the program with a line on stderr when it can't be parsed.
Options parse_options(int argc, char** argv);

}  // namespace mq::bench
