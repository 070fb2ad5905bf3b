#include "shared/bash_line.hpp"

#include "base/bytes.hpp"

namespace mq {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

// What needs no backslash anywhere in a word.
bool is_plain(char c) {
  constexpr std::string_view plain = "_-+./:=@%,";
  return octet(c) >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         plain.contains(c);
}

// The word that is being read.
struct Word {
  std::string text;
  std::size_t kept = 0;
  char quote = '\0';
  bool begun = false;  // a word may be empty: ''
};

// Within quotes; returns how many characters it took.
std::size_t take_quoted(Word& word, std::string_view rest) {
  if (rest[0] == word.quote) {
    word.quote = '\0';
    return 1;
  }
  constexpr std::string_view escaped = "$`\"\\";
  if (word.quote == '"' && rest[0] == '\\' && rest.size() > 1 && escaped.contains(rest[1])) {
    word.text.push_back(rest[1]);
    return 2;
  }
  word.text.push_back(rest[0]);
  return 1;
}

}  // namespace

BashLine read_bash_line(std::string_view line, std::string_view word_breaks) {
  BashLine result;
  Word word;
  std::size_t quoted_from = 0;
  for (std::size_t at = 0; at < line.size();) {
    const char c = line[at];
    if (word.quote != '\0') {
      at += take_quoted(word, line.substr(at));
      continue;
    }
    ++at;
    if (is_blank(c)) {
      if (word.begun) result.words.push_back(std::move(word.text));
      word = {};
      continue;
    }
    word.begun = true;
    if (c == '\'' || c == '"') {
      word.quote = c;
      quoted_from = word.text.size();
    } else if (c == '\\') {
      if (at < line.size()) word.text.push_back(line[at++]);
    } else {
      word.text.push_back(c);
      if (word_breaks.contains(c)) word.kept = word.text.size();
    }
  }
  result.quote = word.quote;
  result.kept = word.quote == '\0' ? word.kept : quoted_from;
  result.words.push_back(std::move(word.text));
  return result;
}

std::string bash_quoted(std::string_view text, char quote) {
  std::string out;
  for (const char c : text) {
    if (quote == '\'') {
      out.append(c == '\'' ? std::string_view("'\\''") : std::string_view(&c, 1));
    } else if (quote == '"') {
      // History is looked into within these quotes too, and a backslash would stay.
      if (c == '!') {
        out.append("\"\\!\"");
        continue;
      }
      if (c == '$' || c == '`' || c == '"' || c == '\\') out.push_back('\\');
      out.push_back(c);
    } else {
      if (!is_plain(c)) out.push_back('\\');
      out.push_back(c);
    }
  }
  return out;
}

}  // namespace mq
