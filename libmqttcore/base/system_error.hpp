// What the operating system says about an error number, as the end of one of our sentences: "no such file or
// directory".
#pragma once

#include <string>

namespace mq {

std::string system_error(int number);

}  // namespace mq
