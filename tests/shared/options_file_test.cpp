#include "shared/options_file.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "command_lines.hpp"

namespace mq {
namespace {

// As "name=value|value ..." in the file's order, or the error's text.
std::string read(std::string_view text) {
  PubSettings settings;
  General general;
  const OptionRows rows = pub_options(settings, general);
  const auto options = parse_options_file(text, "F", rows);
  if (!options) return options.error().text;
  std::string out;
  for (const FileOption& one : *options) {
    if (!out.empty()) out.append(" ");
    out.append(std::to_string(one.line)).append(":").append(one.option.row->name);
    for (std::size_t i = 0; i < one.option.values.size(); ++i) {
      out.append(i == 0 ? "=" : "|").append(one.option.values[i]);
    }
  }
  return out;
}

class Directory {
 public:
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "mqttkit-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  std::string put(const std::string& name, std::string_view text) const {
    const auto path = path_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("a line of an options file is an option in one of several spellings") {
  struct Row {
    const char* text;
    const char* expected;
  };
  const Row table[] = {
      {"", ""},
      {"\n\n  \n\t\n", ""},
      {"# comment\n  # another\n", ""},
      {"host a", "1:host=a"},
      {"host a\n", "1:host=a"},
      {"--host a\r\n", "1:host=a"},
      {"-h a", "1:host=a"},
      {"host=a", "1:host=a"},
      {"--host=a", "1:host=a"},
      {"-h=a", "1:host=a"},
      {"  host \t a  ", "1:host=a"},
      {"pw x", "1:password=x"},
      {"message a # no comment", "1:message=a # no comment"},
      {"message= a ", "1:message= a "},
      {"message=", "1:message="},
      {"message==", "1:message=="},
      {"topic [a,b]", "1:topic=[a,b]"},
      {"debug\nretain\n\nqos 1", "1:debug 2:retain 4:qos=1"},
      {"-d", "1:debug"},
      {"property publish content-type text/plain; charset=utf-8",
       "1:property=publish|content-type|text/plain; charset=utf-8"},
      {"-D publish  user-property  a key of words", "1:property=publish|user-property|a|key of words"},
      {"\xEF\xBB\xBFhost a", "1:host=a"},
      {"topic 温/度", "1:topic=温/度"},
  };
  for (const Row& row : table) {
    CAPTURE(row.text);
    CHECK(read(row.text) == row.expected);
  }
}

TEST_CASE("a line has no limit of length") {
  const std::string value(100000, 'x');
  CHECK(read("message " + value) == "1:message=" + value);
}

TEST_CASE("errors of an options file name file and line") {
  struct Row {
    const char* text;
    const char* expected;
  };
  const Row table[] = {
      {"host a\n\nhots b", "F:3: unknown option 'hots'"},
      {"-Z", "F:1: unknown option '-Z'"},
      {"=a", "F:1: unknown option ''"},
      {"host", "F:1: -h/--host: needs HOST"},
      {"host   ", "F:1: -h/--host: needs HOST"},
      {"debug 1", "F:1: -d/--debug: takes no value"},
      {"debug=1", "F:1: -d/--debug: takes no value"},
      {"-D publish content-type", "F:1: -D/--property: needs COMMAND NAME VALUE"},
      {"-D publish user-property k", "F:1: -D/--property: needs COMMAND NAME VALUE"},
      {"help", "F:1: --help: has no place in an options file"},
      {"-o x", "F:1: -o/--options-file: has no place in an options file"},
      {"message \xFF", "F:1: not valid UTF-8"},
  };
  for (const Row& row : table) {
    CAPTURE(row.text);
    CHECK(read(row.text) == row.expected);
  }
}

TEST_CASE("the default options file is found and may be missing") {
  const Directory directory;
  directory.put("mqtt-pub", "host from-xdg\n");
  directory.put(".config/mqtt-pub", "host from-home\n");
  directory.put("mqtt-sub", "host for-sub\n");
  const std::string path = directory.path();

  auto settings = test::pub_with({}, {{"XDG_CONFIG_HOME", path}, {"HOME", path}});
  REQUIRE(settings);
  CHECK(settings->connection.client.endpoints[0].host == "from-xdg");
  settings = test::pub_with({}, {{"HOME", path}});
  REQUIRE(settings);
  CHECK(settings->connection.client.endpoints[0].host == "from-home");
  settings = test::pub_with({}, {{"XDG_CONFIG_HOME", path + "/none"}});
  REQUIRE(settings);
  CHECK(settings->connection.client.endpoints[0].host == "localhost");
  const auto subscriber = test::sub_with({}, {{"XDG_CONFIG_HOME", path}});
  REQUIRE(subscriber);
  CHECK(subscriber->connection.client.endpoints[0].host == "for-sub");
}

TEST_CASE("-o names another options file, which must be there") {
  const Directory directory;
  directory.put("mqtt-pub", "host default\nport 1\n");
  const std::string own = directory.put("own", "host own\n");
  const std::string path = directory.path();

  const auto settings = test::pub_with({"-o", own.c_str()}, {{"XDG_CONFIG_HOME", path}});
  REQUIRE(settings);
  CHECK(settings->connection.client.endpoints[0].host == "own");
  CHECK(settings->connection.client.endpoints[0].port == 1883);

  const std::string missing = path + "/missing";
  const auto refused = test::pub_with({"-o", missing.c_str()});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::usage);
  CHECK(refused.error().text == "options file: cannot read '" + missing + "': no such file or directory");
  CHECK(test::error_of(test::pub_with({"-o", path.c_str()})) ==
        "options file: cannot read '" + path + "': it is a directory");
}

TEST_CASE("default < options file < environment < command line") {
  const Directory directory;
  const std::string file =
      directory.put("options", "host file\nport 10\nid file\nusername file\ntopic from/file\n");
  const test::Variables variables{
      {"MQTTKIT_PORT", "20"}, {"MQTTKIT_ID", "environment"}, {"MQTTKIT_USERNAME", ""}};
  const auto settings = test::pub_with({"-o", file.c_str(), "-i", "line"}, variables);
  REQUIRE(settings);
  const ClientConfig& client = settings->connection.client;
  CHECK(client.endpoints[0].host == "file");
  CHECK(client.endpoints[0].port == 20);
  CHECK(client.session.client_id == "line");
  CHECK(client.session.user_name == "file");
  CHECK(client.session.keep_alive == 60);
  CHECK(settings->topics == std::vector<std::string>{"from/file", "a"});
}

TEST_CASE("errors tell where the value came from") {
  const Directory directory;
  const std::string file = directory.put("options", "# ours\nport x\n");
  CHECK(test::error_of(test::pub_with({"-o", file.c_str()})) ==
        file + ":2: -p/--port: 'x' is not a whole number from 1 to 65535");
  CHECK(test::error_of(test::pub_with({}, {{"MQTTKIT_PORT", "0"}})) ==
        "MQTTKIT_PORT: -p/--port: '0' is not a whole number from 1 to 65535");
}

TEST_CASE("what only MQTT 5 has counts from an options file too") {
  const Directory directory;
  const std::string file = directory.put("options", "session-expiry 10\n");
  const auto settings = test::pub_with({"-o", file.c_str()});
  REQUIRE(settings);
  CHECK_FALSE(settings->connection.client.fall_back_to_v311);
  CHECK(test::error_of(test::pub_with({"-o", file.c_str(), "-V", "311"})) ==
        "-x/--session-expiry needs MQTT 5.0, but -V asks for MQTT 3.1.1");
}

}  // namespace mq
