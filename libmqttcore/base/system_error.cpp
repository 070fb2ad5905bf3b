#include "base/system_error.hpp"

#include <system_error>

namespace mq {

std::string system_error(int number) {
  std::string text = std::generic_category().message(number);
  // "No such file" but "EOF": a capital only falls where a small letter follows.
  if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a' && text[1] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  }
  if (text.starts_with("is a directory")) text = "it is a directory";
  return text;
}

}  // namespace mq
