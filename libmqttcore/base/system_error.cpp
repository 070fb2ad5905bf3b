#include "base/system_error.hpp"

#include <cstring>

namespace mq {

std::string system_error(int number) {
  const char* known = ::strerrordesc_np(number);
  std::string text = known != nullptr ? known : "Unknown error " + std::to_string(number);
  // "No such file" but "EOF": a capital only falls where a small letter follows.
  if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a' && text[1] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  }
  if (text.starts_with("is a directory")) text = "it is a directory";
  return text;
}

}  // namespace mq
