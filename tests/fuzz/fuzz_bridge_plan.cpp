// Arbitrary bytes as a bridge's configuration. What loads can be told of, and followed, without end or crash;
// what does not is an error with a text.
#include <cstdint>
#include <string>

#include "bridge/describe.hpp"
#include "bridge/dry_run.hpp"
#include "bridge/plan_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mq;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string file = "file";
  const auto root = parse_toml(text, file);
  bool secret = false;
  const auto plan = root ? make_plan(
                               *root, file, [](const char*) { return "/"; }, secret)
                         : Result<BridgePlan>(std::unexpected(root.error()));
  if (!plan) {
    if (plan.error().text.empty() || plan.error().kind != ErrorKind::usage) __builtin_trap();
    return 0;
  }
  if (described(*plan).empty()) __builtin_trap();
  (void)doubts_about(*plan);
  for (const char* topic : {"a", "a/b", "/", "machine/4/temp", "$SYS/x"})
    if (dry_run(*plan, topic).empty()) __builtin_trap();
  return 0;
}
