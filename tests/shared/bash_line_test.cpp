#include "shared/bash_line.hpp"

#include <doctest/doctest.h>

#include "peers/process.hpp"

namespace mq {
namespace {

constexpr std::string_view breaks = " \t\n\"'@><=;|&(:";

BashLine read(std::string_view line) { return read_bash_line(line, breaks); }

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("words are those that bash makes") {
  CHECK(read("a b").words == Words{"a", "b"});
  CHECK(read("a ").words == Words{"a", ""});
  CHECK(read("a  b\tc").words == Words{"a", "b", "c"});
  CHECK(read(R"(a 'b c' "d \"e\\\x $f" g\ h '')").words == Words{"a", "b c", R"(d "e\\x $f)", "g h", ""});
  CHECK(read("a 'b c").words == Words{"a", "b c"});
  CHECK(read("a b\\").words == Words{"a", "b"});
  CHECK(read("").words == Words{""});
}

TEST_CASE("what readline leaves alone") {
  CHECK(read("a b").kept == 0);
  CHECK(read("a x:y=z").kept == 4);
  CHECK(read("a x\\:y").kept == 0);
  CHECK(read("a 'x:y").kept == 0);
  CHECK(read("a 'x:y").quote == '\'');
  CHECK(read("a x:'y z").kept == 2);
  CHECK(read("a \"x").quote == '"');
  CHECK(read("a 'x'y").kept == 0);
  CHECK(read("a 'x'y").quote == '\0');
}

TEST_CASE("what is offered is what bash makes of it again, and nothing of it is run") {
  for (const std::string text : {"plain/a:b=c", "two words", "$(echo x)`echo y`", "a'b\"c\\d", "~/x", "!1 #x",
                                 "{a,b}*?[x]", "küche", "&|;<>()", "-t"}) {
    CAPTURE(text);
    for (const char quote : {'\0', '\'', '"'}) {
      CAPTURE(quote);
      const std::string word =
          quote == '\0' ? bash_quoted(text, quote) : std::string(1, quote) + bash_quoted(text, quote) + quote;
      CHECK(run({.command = {"bash", "--norc", "-c", "printf %s " + word}}).out == text);
      CHECK(read("x " + word).words == Words{"x", text});
    }
  }
}

}  // namespace mq
