// bash's command line while somebody types it, for completion: its words as bash would take them, and how
// what is offered has to be spelt to become a word. bash itself would have to be asked with eval, which would
// run what stands there. Variables and commands in the line are left as text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mq {

struct BashLine {
  std::vector<std::string> words;  // without their quotes; the last one is being typed, and may be empty
  char quote = '\0';               // that is open in the last one
  // How much of the last word readline leaves alone when it completes: up to an open quote, or behind the
  // last character that ends words for readline (COMP_WORDBREAKS) though not for bash, such as ':'.
  std::size_t kept = 0;
};

BashLine read_bash_line(std::string_view line, std::string_view word_breaks);

// `text` so that bash takes it for itself where `quote` is open ('\0': none). Without control characters.
std::string bash_quoted(std::string_view text, char quote);

}  // namespace mq
