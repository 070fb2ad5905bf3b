// What every row must be like, so that help, man page and completions made from it are sound.
#include <doctest/doctest.h>

#include <cctype>
#include <cstdlib>
#include <set>
#include <string>

#include "command_lines.hpp"
#include "shared/property_option.hpp"

namespace mq {
namespace {

struct Rows {
  PubSettings pub_settings;
  SubSettings sub_settings;
  General general;
  OptionRows pub = pub_options(pub_settings, general);
  OptionRows sub = sub_options(sub_settings, general);
};

bool is_upper_word(std::string_view text) {
  return !text.empty() && text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ[:]_") == text.npos;
}

void check_row(const OptionRow& row) {
  CHECK_FALSE(row.name.empty());
  CHECK(row.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == row.name.npos);
  CHECK((row.letter == '\0' || std::isalnum(static_cast<unsigned char>(row.letter)) != 0));
  CHECK(row.set);

  CHECK_FALSE(row.summary.empty());
  CHECK(row.summary.size() <= 60);
  CHECK_FALSE(row.summary.ends_with('.'));
  CHECK(row.detail.ends_with('.'));
  CHECK(row.detail.find("  ") == row.detail.npos);
  CHECK(row.detail.find('\n') == row.detail.npos);

  for (const std::string_view value : words(row.value)) CHECK(is_upper_word(value));
  for (const std::string_view text : {row.value, row.choices, row.aliases}) {
    CHECK(text.find("  ") == text.npos);
    CHECK_FALSE(text.starts_with(' '));
    CHECK_FALSE(text.ends_with(' '));
  }
  for (const std::string_view choice : words(row.choices)) {
    CHECK(choice.find_first_of("'\"\\$`|&;()<>[]{}*?!#~") == choice.npos);
  }
  if (is_flag(row)) {
    CHECK(row.default_text.empty());
    CHECK(row.choices.empty());
    CHECK(row.environment.empty());
    CHECK(row.completion == Completion::none);
    CHECK_FALSE(row.repeats);
  }
  // Ours first, then what other programs read as well.
  if (const auto variables = words(row.environment); !variables.empty()) {
    constexpr std::string_view shared = "all_proxy ALL_PROXY no_proxy NO_PROXY SSLKEYLOGFILE";
    for (const std::string_view variable : variables)
      CHECK((variable.starts_with("MQTTKIT_") || has_word(shared, variable)));
    CHECK(value_count(row) == 1);
  }
  if (!row.default_text.empty() && !row.choices.empty()) CHECK(has_word(row.choices, row.default_text));
}

void check_rows(const OptionRows& rows) {
  std::set<std::string> names;
  std::set<char> letters;
  for (const OptionRow& row : rows) {
    CAPTURE(std::string(row.name));
    check_row(row);
    CHECK(names.insert(std::string(row.name)).second);
    for (const std::string_view alias : words(row.aliases)) CHECK(names.insert(std::string(alias)).second);
    if (row.letter != '\0') CHECK(letters.insert(row.letter).second);
    CHECK(find_option(rows, row.name) == &row);
    if (row.letter != '\0') CHECK(find_option(rows, row.letter) == &row);
  }
}

}  // namespace

TEST_CASE("rows of mqtt-pub are sound") { check_rows(Rows().pub); }
TEST_CASE("rows of mqtt-sub are sound") { check_rows(Rows().sub); }
TEST_CASE("rows of mqtt-rr and its commands are sound") {
  RrSettings settings;
  General general;
  check_rows(rr_options(settings, general));
  for (const Program* command : rr_program().commands) check_rows(command->rows());
}

TEST_CASE("an option of both programs is the same in both") {
  const Rows rows;
  for (const OptionRow& one : rows.pub) {
    const OptionRow* other = one.letter == '\0' ? nullptr : find_option(rows.sub, one.letter);
    if (other == nullptr) continue;
    CAPTURE(std::string(one.name));
    CHECK(one.name == other->name);
    CHECK(is_flag(one) == is_flag(*other));
  }
}

TEST_CASE("defaults in the text are the ones in force") {
  Rows rows;
  for (const OptionRows* all : {&rows.pub, &rows.sub}) {
    for (const OptionRow& row : *all) {
      if (row.default_text.empty() || row.name == "retain-handling") continue;
      CAPTURE(std::string(row.name));
      const std::string_view value = row.default_text;
      CHECK(row.set(OptionValues(&value, 1)));
    }
  }
  const auto pub = test::pub_with({});
  const auto sub = test::sub_with({});
  REQUIRE(pub);
  REQUIRE(sub);
  const ClientConfig& given = rows.sub_settings.connection.client;
  const ClientConfig& silent = sub->connection.client;
  CHECK(given.endpoints[0].host == silent.endpoints[0].host);
  CHECK(given.endpoints[0].port == silent.endpoints[0].port);
  CHECK(given.open.dial.timeout == silent.open.dial.timeout);
  CHECK(given.retry.least == silent.retry.least);
  CHECK(given.retry.most == silent.retry.most);
  CHECK(given.session.keep_alive == silent.session.keep_alive);
  CHECK(given.session.max_in_flight == silent.session.max_in_flight);
  CHECK(given.session.max_in_flight_bytes == silent.session.max_in_flight_bytes);
  CHECK(rows.sub_settings.qos == sub->qos);
  CHECK(rows.sub_settings.random_filter == doctest::Approx(sub->random_filter));
  CHECK(rows.pub_settings.qos == pub->qos);
  CHECK(rows.pub_settings.repeat == pub->repeat);
  CHECK(rows.pub_settings.repeat_delay == pub->repeat_delay);
}

TEST_CASE("defaults and choices of commands are taken") {
  for (const Program* command : rr_program().commands) {
    for (const OptionRow& row : command->rows()) {
      CAPTURE(std::string(row.name));
      if (!row.default_text.empty() && row.name != "retain-handling")
        CHECK(row.set(OptionValues(&row.default_text, 1)));
      if (row.choices.empty() || row.completion == Completion::property) continue;
      for (const std::string_view choice : words(row.choices)) CHECK(row.set(OptionValues(&choice, 1)));
    }
  }
}

TEST_CASE("every choice is taken, and nothing else is") {
  Rows rows;
  for (const OptionRows* all : {&rows.pub, &rows.sub}) {
    for (const OptionRow& row : *all) {
      if (row.choices.empty() || row.completion == Completion::property) continue;
      CAPTURE(std::string(row.name));
      for (const std::string_view choice : words(row.choices)) CHECK(row.set(OptionValues(&choice, 1)));
      for (const std::string_view wrong : {"", "no such choice", "-1"})
        CHECK_FALSE(row.set(OptionValues(&wrong, 1)));
    }
  }
}

TEST_CASE("mosquitto's letters mean the same here") {
  const std::string_view both =
      "A:bind c:no-clean-start d:debug D:property h:host i:id I:id-prefix k:keepalive L:url "
      "M:max-inflight o:options-file p:port P:password q:qos t:topic u:username "
      "V:protocol-version x:session-expiry W:timeout";
  const std::string_view of_pub = "f:file l:stdin-line m:message n:null-message r:retain s:stdin-file";
  const std::string_view of_sub =
      "C:count E:exit-when-subscribed F:output-format N:no-newline R:no-retained T:filter-out "
      "U:unsubscribe v:verbose";
  const Rows rows;
  const auto check = [](const OptionRows& all, std::string_view list) {
    for (const std::string_view item : words(list)) {
      CAPTURE(std::string(item));
      const OptionRow* row = find_option(all, item[0]);
      REQUIRE(row != nullptr);
      CHECK(row->name == item.substr(2));
    }
  };
  check(rows.pub, both);
  check(rows.sub, both);
  check(rows.pub, of_pub);
  check(rows.sub, of_sub);
  for (const std::string_view name : {"pw", "disable-clean-session", "unix", "nodelay", "quiet", "help",
                                      "version", "will-topic", "will-payload", "will-qos", "will-retain"}) {
    CAPTURE(std::string(name));
    CHECK(find_option(rows.pub, name) != nullptr);
    CHECK(find_option(rows.sub, name) != nullptr);
  }
}

TEST_CASE("the property commands of -D are those that it takes") {
  Rows rows;
  for (const OptionRows* all : {&rows.pub, &rows.sub}) {
    const OptionRow* row = find_option(*all, 'D');
    REQUIRE(row != nullptr);
    for (const std::string_view command : words(row->choices)) {
      CAPTURE(std::string(command));
      CHECK_FALSE(property_names(property_packet(command)).empty());
      const std::string_view values[] = {command, "user-property", "k", "v"};
      CHECK(row->set(values));
    }
  }
}

}  // namespace mq
