#include "payload/jq.hpp"

#include "payload/module.hpp"

namespace mq {

Result<std::unique_ptr<Jq>> compile_jq(const std::string& program) {
  const auto compiler = load_module<JqCompiler>("jq");
  if (!compiler) return std::unexpected(compiler.error());
  Result<std::unique_ptr<Jq>> compiled;
  (*compiler)(program, compiled);
  return compiled;
}

}  // namespace mq
