#include "load/client_fields.hpp"

#include <doctest/doctest.h>

#include <string>

#include "load/client_random.hpp"
#include "peers/temp_dir.hpp"

namespace mq {
namespace {

const char* no_variable(const char*) { return nullptr; }

struct Fields {
  explicit Fields(Population population, std::vector<Population> before = {}) {
    scenario.run = 0xBEEF;
    scenario.populations = std::move(before);
    scenario.populations.push_back(std::move(population));
    auto made = ClientFields::make(scenario, scenario.populations.back(), no_variable);
    REQUIRE(made);
    fields = std::move(*made);
  }

  std::string operator()(std::string_view text, std::uint64_t number) {
    const auto compiled = fields->compile(text);
    REQUIRE(compiled);
    return fields->text_of(*compiled, number);
  }

  Scenario scenario;
  std::unique_ptr<ClientFields> fields;
};

TEST_CASE("numbers of the client, and the name of the run") {
  Population population;
  population.first_client = 1000;
  Fields fields(population);
  CHECK(fields("{client} {number} {seq} {count} {run}", 7) == "1007 7 0 1 0000beef");
  CHECK(fields("{number}", 18'446'744'073'709'551'615U) == "18446744073709551615");
}

TEST_CASE("who goes on with sessions has the numbers of those who left them") {
  Population absent, returning;
  absent.first_client = 5;
  returning.first_client = 50;
  returning.resumes = 0;
  Fields fields(returning, {absent});
  CHECK(fields("c-{client}", 2) == "c-7");
}

TEST_CASE("columns, and how often a text changes") {
  const TempDir folder;
  Population population;
  population.data.path = folder.write("d.csv", "site,unit2\nnorth,a\nsouth,b\n");
  Fields fields(population);
  CHECK(fields("{site}/{unit2}", 1) == "south/b");
  CHECK(fields("{site}", 4) == "north");
  const auto is = [&fields](std::string_view text) {
    const Template compiled = *fields.fields->compile(text);
    std::string kinds;
    if (fields.fields->by_client(compiled)) kinds += 'c';
    if (fields.fields->by_message(compiled)) kinds += 'm';
    if (fields.fields->is_free(compiled)) kinds += 'f';
    return kinds;
  };
  CHECK(is("a/{run}") == "");
  CHECK(is("a/{client}") == "c");
  CHECK(is("a/{number}") == "c");
  CHECK(is("{site}") == "cf");
  CHECK(is("{seq}") == "m");
  CHECK(is("{random 1 2}") == "m");
  CHECK(is("{time}") == "mf");
  population.data.by_message = true;
  Fields by_message(population);
  CHECK(by_message.fields->by_message(*by_message.fields->compile("{site}")));
  CHECK_FALSE(by_message.fields->by_client(*by_message.fields->compile("{site}")));
}

TEST_CASE("random numbers belong to client, message and use") {
  const auto first = [](RandomUse use, std::uint64_t client, std::uint64_t message) {
    return client_random(1, use, client, message).next();
  };
  CHECK(first(RandomUse::message, 1, 2) == first(RandomUse::message, 1, 2));
  CHECK(first(RandomUse::message, 1, 2) != first(RandomUse::message, 2, 1));
  CHECK(first(RandomUse::message, 1, 2) != first(RandomUse::size, 1, 2));
  CHECK(first(RandomUse::message, 0, 0) != client_random(2, RandomUse::message, 0).next());
}

}  // namespace
}  // namespace mq
