#include "payload/module.hpp"

#include <dlfcn.h>
#include <fmt/core.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace mq {
namespace {

namespace fs = std::filesystem;

fs::path module_file(std::string_view name) {
  const std::string file = fmt::format("mqttkit-{}.so", name);
  if (const char* folder = std::getenv("MQTTKIT_MODULES"); folder != nullptr && *folder != '\0')
    return fs::path(folder) / file;
  std::error_code ignored;
  const fs::path here = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  fs::path built = here / "modules" / file;
  if (fs::exists(built, ignored)) return built;
  return (here / MQ_MODULES_FROM_PROGRAMS / file).lexically_normal();
}

}  // namespace

Result<void*> module_function(std::string_view name) {
  const fs::path file = module_file(name);
  // Never unloaded: objects with code in it may live until the end.
  void* module = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* function = module != nullptr ? ::dlsym(module, fmt::format("mqttkit_{}", name).c_str()) : nullptr;
  if (function != nullptr) return function;
  const char* why = ::dlerror();
  return fail(ErrorKind::payload,
              fmt::format("the part of mqttkit for {} cannot be loaded: {}", name,
                          why != nullptr ? why : "no reason given"),
              0, "install mqttkit whole, with the libraries that it depends on");
}

}  // namespace mq
