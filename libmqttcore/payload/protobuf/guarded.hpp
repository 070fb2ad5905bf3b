// What libprotobuf throws, or the standard library for want of memory, ends here.
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace mq {

// What `call` returns, a Result; or an error of kind payload that says what `format` could not do.
template <class Call>
auto guarded(std::string_view format, Call call) -> decltype(call()) {
  try {
    return call();
  } catch (const std::exception& error) {
    return fail(ErrorKind::payload, std::string(format) + ": " + error.what());
  }
}

}  // namespace mq
