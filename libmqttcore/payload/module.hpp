// Parts of the toolkit that need a heavy library are modules: shared objects of our own, loaded when they are
// first used, so that no other run pays for them. Each exports one C function, mqttkit_NAME.
#pragma once

#include <string_view>

#include "base/error.hpp"

namespace mq {

// The function that module `name` ("cbor") exports, which stays loaded; kind payload when the module or its
// library is missing. Looked for in the folder that MQTTKIT_MODULES names, or else beside the program: where
// installing puts it, or in the build tree.
Result<void*> module_function(std::string_view name);

// The same as a function of type F, which module and caller agree upon.
template <class F>
Result<F*> load_module(std::string_view name) {
  const Result<void*> found = module_function(name);
  if (!found) return std::unexpected(found.error());
  return reinterpret_cast<F*>(*found);
}

}  // namespace mq
