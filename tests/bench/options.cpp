#include "bench/options.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace mq::bench {

namespace {

std::uint64_t number(char letter, const char* text, std::uint64_t lowest, std::uint64_t highest) {
  char* end = nullptr;
  const std::uint64_t value = std::strtoull(text, &end, 10);
  if (*text == '\0' || *end != '\0' || value < lowest || value > highest) {
    std::fprintf(stderr, "-%c: not a number from %ju to %ju: %s\n", letter,
                 static_cast<std::uintmax_t>(lowest), static_cast<std::uintmax_t>(highest), text);
    std::exit(2);
  }
  return value;
}

}  // namespace

Options parse_options(int argc, char** argv) {
  Options options;
  for (int letter = 0; (letter = ::getopt(argc, argv, "p:t:q:M:C:s:w:JSkc:d:r:P:")) != -1;) {
    const auto value = [letter](std::uint64_t lowest, std::uint64_t highest) {
      return number(static_cast<char>(letter), optarg, lowest, highest);
    };
    switch (letter) {
      case 'p':
        options.port = static_cast<std::uint16_t>(value(1, 65535));
        break;
      case 't':
        options.topic = optarg;
        break;
      case 'q':
        options.qos = static_cast<unsigned>(value(0, 2));
        break;
      case 'M':
        options.window = static_cast<unsigned>(value(1, 60000));
        break;
      case 'C':
        options.count = value(1, 99'999'999);
        break;
      case 's':
        options.size = value(8, 1'000'000);
        break;
      case 'w':
        options.stall_ms = static_cast<unsigned>(value(0, 60'000));
        break;
      case 'J':
        options.json = true;
        options.size = json_size;
        break;
      case 'c':
        options.connections = static_cast<unsigned>(value(1, 60'000));
        break;
      case 'd':
        options.seconds = static_cast<unsigned>(value(1, 3600));
        break;
      case 'r':
        options.rate = static_cast<unsigned>(value(1, 1'000'000));
        break;
      case 'P':
        if (std::sscanf(optarg, "%u/%u", &options.slice, &options.slices) != 2 || options.slice == 0 ||
            options.slice-- > options.slices)
          std::exit(2);
        break;
      case 'k':
        options.kernel_ports = true;
        break;
      case 'S':
        options.from_source = true;
        break;
      default:
        std::exit(2);
    }
  }
  return options;
}

}  // namespace mq::bench
