#include "shared/parse.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "command_lines.hpp"

namespace mq {
namespace {

using test::Arguments;

// What was given as text: "topic=[a,b] debug property=publish|user-property|k|v", then the fault in brackets.
std::string parsed(const Arguments& arguments) {
  PubSettings settings;
  General general;
  const OptionRows rows = pub_options(settings, general);
  const ParsedArguments result = parse_arguments(arguments, rows);
  std::string text;
  for (const GivenOption& one : result.given) {
    if (!text.empty()) text.append(" ");
    text.append(one.row->name);
    for (std::size_t i = 0; i < one.values.size(); ++i) text.append(i == 0 ? "=" : "|").append(one.values[i]);
  }
  if (result.fault) {
    if (!text.empty()) text.append(" ");
    text.append("{").append(result.fault->text).append("}");
    if (!result.fault->hint.empty()) text.append(" ").append(result.fault->hint);
  }
  return text;
}

}  // namespace

TEST_CASE("values reach an option byte for byte") {
  struct Row {
    Arguments arguments;
    const char* expected;
  };
  const std::vector<Row> table{
      {{}, ""},
      {{"-t", "a"}, "topic=a"},
      {{"-ta"}, "topic=a"},
      {{"--topic", "a"}, "topic=a"},
      {{"--topic=a"}, "topic=a"},
      {{"--topic=a=b"}, "topic=a=b"},
      {{"-t=a"}, "topic==a"},
      {{"-t", "[a,b]"}, "topic=[a,b]"},
      {{"-t", "[a,b]", "-t", "[]"}, "topic=[a,b] topic=[]"},
      {{"--topic=[a,b]"}, "topic=[a,b]"},
      {{"-t[a,b]"}, "topic=[a,b]"},
      {{"-t", "a,b;c"}, "topic=a,b;c"},
      {{"-m", ""}, "message="},
      {{"--message="}, "message="},
      {{"--message=", "-d"}, "message= debug"},
      {{"-m", "--message="}, "message=--message="},
      {{"-m", "--x="}, "message=--x="},
      {{"--message==", "-d"}, "message== debug"},
      {{"-m", "-5"}, "message=-5"},
      {{"-m", "-d"}, "message=-d"},
      {{"-m", "--"}, "message=--"},
      {{"-m", "--help"}, "message=--help"},
      {{"--message=-x"}, "message=-x"},
      {{"--message", "-x"}, "message=-x"},
      {{"-m", "{}"}, "message={}"},
      {{"--message={}"}, "message={}"},
      {{"-m", "%%"}, "message=%%"},
      {{"-m", "\"quoted\" 'text'"}, "message=\"quoted\" 'text'"},
      {{"-m", " a\n\tb "}, "message= a\n\tb "},
      {{"-m", "\xFF\xFE"}, "message=\xFF\xFE"},
      {{"-m", "true"}, "message=true"},
      {{"-h", "x"}, "host=x"},
      {{"-h", "-p"}, "host=-p"},
      {{"-p1883"}, "port=1883"},
      {{"-dr"}, "debug retain"},
      {{"-drt", "a"}, "debug retain topic=a"},
      {{"-drta"}, "debug retain topic=a"},
      {{"-q", "1", "-q", "2"}, "qos=1 qos=2"},
      {{"-d", "--"}, "debug"},
      {{"--pw", "x"}, "password=x"},
      {{"--disable-clean-session"}, "no-clean-start"},
  };
  for (const Row& row : table) {
    CAPTURE(row.expected);
    CHECK(parsed(row.arguments) == row.expected);
  }
}

TEST_CASE("-D takes three values, or four for a user property, whatever they look like") {
  struct Row {
    Arguments arguments;
    const char* expected;
  };
  const std::vector<Row> table{
      {{"-D", "publish", "content-type", "x"}, "property=publish|content-type|x"},
      {{"-D", "publish", "content-type", "-d"}, "property=publish|content-type|-d"},
      {{"-D", "publish", "content-type", "", "-d"}, "property=publish|content-type| debug"},
      {{"-D", "publish", "user-property", "k", "-v"}, "property=publish|user-property|k|-v"},
      {{"-D", "publish", "user-property", "-d", "--help", "-d"},
       "property=publish|user-property|-d|--help debug"},
      {{"-D", "publish", "user-property", "", ""}, "property=publish|user-property||"},
      {{"-D", "publish", "user-property", "k=", "--v="}, "property=publish|user-property|k=|--v="},
      {{"-D", "will", "user-property", "will", "user-property", "-d"},
       "property=will|user-property|will|user-property debug"},
      {{"-D", "publish", "user-property", "a", "b", "-D", "will", "user-property", "c", "d"},
       "property=publish|user-property|a|b property=will|user-property|c|d"},
      {{"-Dpublish", "user-property", "k", "-v"}, "property=publish|user-property|k|-v"},
      {{"--property=publish", "user-property", "k", "-v"}, "property=publish|user-property|k|-v"},
      {{"-dD", "publish", "user-property", "k", "-v"}, "debug property=publish|user-property|k|-v"},
      {{"-t", "publish", "-m", "user-property", "-d"}, "topic=publish message=user-property debug"},
      {{"-D", "publish", "user-property", "k"}, "property=publish|user-property|k"},
      {{"-D", "publish", "content-type"}, "{-D/--property: needs COMMAND NAME VALUE}"},
  };
  for (const Row& row : table) {
    CAPTURE(row.expected);
    CHECK(parsed(row.arguments) == row.expected);
  }
}

TEST_CASE("what no option takes is told with the nearest one that does") {
  struct Row {
    Arguments arguments;
    const char* expected;
  };
  const std::vector<Row> table{
      {{"--tpoic", "a"}, "{unknown option '--tpoic'} did you mean --topic?"},
      {{"--mess=a"}, "{unknown option '--mess'} did you mean --message?"},
      {{"--will-rtain"}, "{unknown option '--will-rtain'} did you mean --will-retain?"},
      {{"--nonsense", "x"}, "{unknown option '--nonsense'} --help lists all options"},
      {{"--zzzzzz"}, "{unknown option '--zzzzzz'} --help lists all options"},
      {{"--pasword=sesame"}, "{unknown option '--pasword'} did you mean --password?"},
      {{"-Zsesame"}, "{unknown option '-Z'} --help lists all options"},
      {{"-Z"}, "{unknown option '-Z'} --help lists all options"},
      {{"-dZ"}, "debug {unknown option '-Z'} --help lists all options"},
      {{"--=x"}, "{unknown option '--'} --help lists all options"},
      {{"a/b"}, "{unexpected argument 'a/b'} did you mean -t 'a/b'?"},
      {{"broker.example"}, "{unexpected argument 'broker.example'} did you mean -h 'broker.example'?"},
      {{"mqtts://a/b"}, "{unexpected argument 'mqtts://a/b'} did you mean -L 'mqtts://a/b'?"},
      {{"mqtt://me:secret@a/b"}, "{unexpected argument 'mqtt://***@a/b'} did you mean -L 'mqtt://***@a/b'?"},
      {{"a/b.toml"}, "{unexpected argument 'a/b.toml'} did you mean -t 'a/b.toml'?"},
      {{"-t", "a", "hello"}, "topic=a {unexpected argument 'hello'} did you mean -m 'hello'?"},
      {{"-t", "a", "-m", "b", "c"},
       "topic=a message=b {unexpected argument 'c'} every value stands behind the option that it belongs to"},
      {{"-t", "a", "--", "-d"}, "topic=a {unexpected argument '-d'} did you mean -m '-d'?"},
      {{"-"}, "{unexpected argument '-'} did you mean -t '-'?"},
      {{"---"}, "{unknown option '---'} --help lists all options"},
      {{"-5"}, "{unknown option '-5'} --help lists all options"},
      {{""}, "{unexpected argument ''} did you mean -t ''?"},
      {{"-m"}, "{-m/--message: needs TEXT}"},
      {{"-d", "--topic"}, "debug {-t/--topic: needs TOPIC}"},
      {{"--pw"}, "{-P/--password: needs PASSWORD}"},
      {{"--debug=1"}, "{-d/--debug: takes no value}"},
      {{"--debug="}, "{-d/--debug: takes no value}"},
  };
  for (const Row& row : table) {
    CAPTURE(row.expected);
    CHECK(parsed(row.arguments) == row.expected);
  }
}

TEST_CASE("what belongs to no option, where that is allowed") {
  PubSettings settings;
  General general;
  const OptionRows rows = pub_options(settings, general);
  const Arguments arguments{"one", "-t", "a", "-", "two", "--retain", "three", "--", "--four"};
  const ParsedArguments taken = parse_arguments(arguments, rows, true);
  CHECK_FALSE(taken.fault);
  CHECK(taken.operands == std::vector<std::string>{"one", "-", "two", "three", "--four"});
  CHECK(taken.given.size() == 2);
  CHECK(parse_arguments(Arguments{"one", "--toopic", "a"}, rows, true).fault);
}

TEST_CASE("a command line of many options keeps their order") {
  std::vector<std::string> texts;
  for (int i = 0; i < 2000; ++i) texts.push_back(std::to_string(i));
  Arguments arguments;
  std::string expected;
  for (const std::string& text : texts) {
    arguments.insert(arguments.end(), {"-t", text.c_str()});
    expected.append(expected.empty() ? "" : " ").append("topic=").append(text);
  }
  CHECK(parsed(arguments) == expected);
}

}  // namespace mq
