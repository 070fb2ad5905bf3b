// Arbitrary bytes as mosquitto's configuration. What is made of it loads.
#include <cstdint>
#include <string>

#include "bridge/mosquitto_import.hpp"
#include "bridge/plan_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mq;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const MosquittoConf conf = parse_mosquitto_conf(text, "m.conf");
  for (const bool secrets : {false, true}) {
    const auto made = import_mosquitto(conf, "host", secrets);
    if (!made) {
      if (made.error().text.empty() || made.error().kind != ErrorKind::usage) __builtin_trap();
      continue;
    }
    const std::string file = "made.toml";
    const auto root = parse_toml(made->toml, file);
    bool secret = false;
    if (!root || !make_plan(*root, file, [](const char*) { return "/"; }, secret)) __builtin_trap();
    if (secret && !secrets) __builtin_trap();
  }
  return 0;
}
