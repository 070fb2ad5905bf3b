#include "bench/scenario_file.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "bench/file_section.hpp"
#include "bench/populations.hpp"
#include "bench/quantities.hpp"
#include "bench/rows.hpp"
#include "bench/sessions.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

using Kind = TomlNode::Kind;

OptionSetter store_factor(std::optional<double>& target) {
  return [&target](OptionValues values) -> Result<void> {
    constexpr double most = 1e6;
    target = parse_number<double>(values[0]);
    if (target && *target >= 0 && *target <= most) return {};
    return usage(fmt::format("{} is no factor from 0", mq::quoted(values[0])));
  };
}

class ScenarioReader {
 public:
  ScenarioReader(const std::string& file, LoadSettings& settings) : file_(file), settings_(settings) {}

  Result<void> read(const TomlNode& root) {
    FileSection top("a scenario file", file_, bare());
    for (const std::string_view name : {"scenario", "stage", "population"}) top.also(name);
    if (auto read = top.read(root); !read) return read;
    if (auto read = read_scenario(root); !read) return read;
    for (const std::string_view name : {"stage", "population"})
      if (const TomlNode* node = root.member(name); node != nullptr && node->kind != Kind::array)
        return usage(fmt::format("{}:{}: {} stands in double brackets", file_, node->line, name),
                     fmt::format("write [[{}]]: there may be several", name));
    if (auto read = read_stages(root); !read) return read;
    const TomlNode* populations = root.member("population");
    if (populations == nullptr || populations->items.empty())
      return usage(fmt::format("{} has no [[population]]", file_), "one for each kind of clients");
    for (const TomlNode& table : populations->items)
      if (auto read = read_population(table); !read) return read;
    for (std::size_t i = 0; i < populations->items.size(); ++i)
      if (auto read = read_references(populations->items[i], i); !read) return read;
    for (std::size_t i = 0; i < populations->items.size(); ++i)
      if (waits_for_itself(i))
        return usage(fmt::format("{}:{}: {} waits for itself", file_, populations->items[i].line,
                                 mq::quoted(settings_.bench.scenario.populations[i].name)),
                     "look at after and after-end-of of those that it waits for");
    return check_ends();
  }

 private:
  // Options of a section of its own, with the sessions of the run.
  LoadSettings bare() const {
    LoadSettings made;
    made.bench.connection = settings_.bench.connection;
    return made;
  }

  Result<void> read_scenario(const TomlNode& root) {
    Scenario& scenario = settings_.bench.scenario;
    scenario.name = std::filesystem::path(file_).stem().string();
    FileSection section("[scenario]", file_, bare());
    duration_rows(section.rows(), section.settings(), {}, {});
    section.key("name", store_text(scenario.name));
    std::uint64_t seed = scenario.seed;
    section.key("seed", store_number<std::uint64_t>(seed));
    if (auto read = section.read(table_of(root, "scenario")); !read) return read;
    scenario.duration = section.settings().duration;
    settings_.warm_up = section.settings().warm_up;
    scenario.drain = section.settings().drain;
    if (!settings_.has("seed")) scenario.seed = seed;
    return {};
  }

  Result<void> read_stages(const TomlNode& root) {
    const TomlNode* stages = root.member("stage");
    if (stages == nullptr) return {};
    Scenario& scenario = settings_.bench.scenario;
    for (const TomlNode& table : stages->items) {
      FileSection section("[[stage]]", file_, bare());
      std::optional<Duration> length;
      std::optional<double> factor, from, to;
      section.key("length", [&length](OptionValues values) -> Result<void> {
        auto parsed = parse_length(values[0]);
        if (!parsed) return std::unexpected(std::move(parsed.error()));
        length = *parsed;
        return {};
      });
      section.key("factor", store_factor(factor));
      section.key("from", store_factor(from));
      section.key("to", store_factor(to));
      if (auto read = section.read(table); !read) return read;
      if (!length || *length <= Duration::zero()) return section.wrong(table, "a stage needs a length");
      if (factor && (from || to))
        return section.wrong(table, "a stage has a factor, or goes from one to another");
      const double before = scenario.stages.empty() ? 0 : scenario.stages.back().to;
      Stage stage{.length = *length, .from = factor.value_or(from.value_or(before))};
      stage.to = factor.value_or(to.value_or(stage.from));
      if (!factor && !from && !to) stage.from = stage.to = scenario.stages.empty() ? 1 : before;
      scenario.stages.push_back(stage);
    }
    if (!scenario.stages.empty() && scenario.duration)
      return usage(fmt::format("{}: a duration does not go with stages", file_),
                   "the stages say how long it takes");
    return {};
  }

  Result<void> read_population(const TomlNode& table) {
    FileSection section("[[population]]", file_, bare());
    LoadSettings& own = section.settings();
    std::string name;
    bool clean_start = own.bench.connection.client.session.clean_start, leaves = false;
    SessionConfig& session = own.bench.connection.client.session;
    rows_of_population(section, name, clean_start, leaves);
    if (auto read = section.read(table); !read) return read;
    if (auto read = section.read_properties(table, "connect", session.properties); !read) return read;
    if (name.empty()) return section.wrong(table, "a population needs a name");
    if (!numbers_.emplace(name, settings_.bench.scenario.populations.size()).second)
      return section.wrong(table, fmt::format("there are two populations called {}", mq::quoted(name)));
    session.clean_start = clean_start;
    session.continues_session = !clean_start && !settings_.bench.connection.client.session.clean_start;
    Population made = population(own, name, own.clients);
    made.leaves_when_ready = leaves;
    auto done = read_plans(table, own, made);
    if (done && !made.publish && !made.subscribe && !made.request && !made.respond && leaves)
      return section.wrong(table, "these clients would come and go at once", "see churn");
    settings_.bench.scenario.populations.push_back(std::move(made));
    return done;
  }

  static void rows_of_population(FileSection& section, std::string& name, bool& clean_start, bool& leaves) {
    LoadSettings& own = section.settings();
    OptionRows& rows = section.rows();
    clients_row(rows, own,
                {.name = "clients",
                 .default_text = "1",
                 .summary = {},
                 .detail = {},
                 .target = &LoadSettings::clients});
    connect_rate_row(rows, own, "1000");
    section.key("name", store_text(name));
    section.truth("clean-start", clean_start);
    section.flag("leaves-when-ready", leaves);
    OptionRows kit;
    payload_rows(kit, own);
    session_options(kit, own.bench.connection);
    for (OptionRow& row : kit)
      if (has_word("data data-by id keepalive session-expiry", row.name)) rows.push_back(std::move(row));
    for (const std::string_view other : {"property", "after", "after-end-of", "resumes", "publish",
                                         "subscribe", "request", "respond", "churn"})
      section.also(other);
  }

  static const TomlNode& table_of(const TomlNode& table, std::string_view name) {
    static const TomlNode empty;
    const TomlNode* found = table.member(name);
    return found == nullptr ? empty : *found;
  }

  // What publishes and what asks has the same keys.
  static void publish_keys(FileSection& section) {
    OptionRows& rows = section.rows();
    LoadSettings& own = section.settings();
    rate_rows(rows, own, {}, {});
    count_row(rows, own, {}, {}, {});
    topic_row(rows, own, {});
    qos_row(rows, own, "0", {});
    retain_row(rows, own);
    payload_rows(rows, own);
    std::erase_if(rows, [](const OptionRow& row) { return has_word("data data-by", row.name); });
    section.also("property");
  }

  Result<PublishPlan> plan_of(FileSection& section, const TomlNode& table) {
    LoadSettings& own = section.settings();
    if (auto read = section.read(table); !read) return std::unexpected(std::move(read.error()));
    if (auto read = section.read_properties(table, "publish", own.publish_properties); !read)
      return std::unexpected(std::move(read.error()));
    if (own.topic.empty()) return section.wrong(table, "there is no topic to publish to");
    if (!own.has("rate") && !own.has("total-rate") && !own.flood)
      return section.wrong(table, "there is no rate", "rate, total-rate, or flood = true");
    auto plan = publish_plan(own);
    if (!plan) return section.wrong(table, std::move(plan.error()));
    return plan;
  }

  Result<void> read_plans(const TomlNode& table, const LoadSettings& of, Population& population) {
    if (const TomlNode* node = table.member("publish")) {
      FileSection section("publish", file_, of);
      publish_keys(section);
      window_row(section.rows(), section.settings(), {}, {}, {});
      auto plan = plan_of(section, *node);
      if (!plan) return std::unexpected(std::move(plan.error()));
      const bool window = section.settings().has("window");
      if (window && plan->qos == QoS::at_most_once)
        return section.wrong(*node, "window is about acknowledgements, which QoS 0 has none of");
      window_of(population.session, *plan, window);
      population.publish = std::move(*plan);
    }
    if (const TomlNode* node = table.member("request")) {
      FileSection section("request", file_, of);
      publish_keys(section);
      window_row(section.rows(), section.settings(), "1", {}, {});
      request_rows(section.rows(), section.settings());
      auto plan = plan_of(section, *node);
      if (!plan) return std::unexpected(std::move(plan.error()));
      window_of(population.session, *plan, true);
      population.request = {.publish = std::move(*plan),
                            .response_topic = section.settings().response_topic,
                            .timeout = section.settings().answer_timeout};
    }
    if (auto read = read_subscriptions(table, of, population); !read) return read;
    if (const TomlNode* node = table.member("churn")) {
      FileSection section("churn", file_, of);
      connect_rate_row(section.rows(), section.settings(), "100");
      stay_row(section.rows(), section.settings());
      count_row(section.rows(), section.settings(), {}, {}, {});
      if (auto read = section.read(*node); !read) return read;
      population.churn = {.stay = section.settings().stay,
                          .rate = connect_rate(section.settings()),
                          .count = section.settings().count};
    }
    return {};
  }

  Result<void> read_subscriptions(const TomlNode& table, const LoadSettings& of, Population& population) {
    for (const std::string_view name : {"subscribe", "respond"}) {
      const TomlNode* node = table.member(name);
      if (node == nullptr) continue;
      FileSection section(name, file_, of);
      LoadSettings& own = section.settings();
      bool no_local = false, replay = false;
      filter_rows(section.rows(), own, {});
      qos_row(section.rows(), own, "0", {});
      if (name == "subscribe") {
        count_row(section.rows(), own, {}, {}, {});
        section.flag("no-local", no_local);
        section.flag("replay", replay);
        section.also("property");
      }
      if (auto read = section.read(*node); !read) return read;
      if (auto read = section.read_properties(*node, "subscribe", own.subscribe_properties); !read)
        return read;
      if (own.filters.empty()) return section.wrong(*node, "there is no filter to subscribe to");
      SubscribePlan plan = subscribe_plan(own, {});
      plan.no_local = no_local;
      plan.replay = replay;
      plan.count = own.count;
      if (name == "respond")
        population.respond = {.filters = std::move(plan.filters), .qos = plan.qos};
      else
        population.subscribe = std::move(plan);
    }
    return {};
  }

  // The names of other populations, which may stand further down.
  Result<void> read_references(const TomlNode& table, std::size_t number) {
    Population& population = settings_.bench.scenario.populations[number];
    for (const std::string_view key : {"after", "after-end-of", "resumes"}) {
      const TomlNode* node = table.member(key);
      if (node == nullptr) continue;
      std::vector<TomlNode> names = node->items;
      if (node->kind != Kind::array) names = {*node};
      for (const TomlNode& name : names) {
        const auto found = numbers_.find(name.text);
        if (found == numbers_.end() || found->second == number)
          return usage(fmt::format("{}:{}: {}: there is no other population {}", file_, name.line, key,
                                   mq::quoted(name.text)));
        if (key == "resumes") {
          population.resumes = found->second;
          population.session.continues_session = true;
        } else {
          population.after.push_back({.population = found->second, .finished = key == "after-end-of"});
        }
      }
    }
    return {};
  }

  bool waits_for_itself(std::size_t one) const {
    const std::vector<Population>& all = settings_.bench.scenario.populations;
    std::vector<bool> seen(all.size());
    std::vector<std::size_t> open{one};
    while (!open.empty()) {
      const Population& next = all[open.back()];
      open.pop_back();
      for (const Population::After& after : next.after) {
        if (after.population == one) return true;
        if (!seen[after.population]) open.push_back(after.population);
        seen[after.population] = true;
      }
    }
    return false;
  }

  Result<void> check_ends() const {
    const Scenario& scenario = settings_.bench.scenario;
    if (scenario.duration || !scenario.stages.empty()) return {};
    const bool ends = std::ranges::all_of(scenario.populations, [](const Population& one) {
      return (!one.publish || one.publish->count > 0) && (!one.request || one.request->publish.count > 0) &&
             (!one.churn || one.churn->count > 0);
    });
    if (ends) return {};
    return usage(fmt::format("nothing ends the scenario of {}", file_),
                 "give it a duration, stages, or a count to whoever publishes");
  }

  const std::string& file_;
  LoadSettings& settings_;
  std::map<std::string, std::size_t> numbers_;
};

}  // namespace

Result<void> take_scenario(const TomlNode& root, const std::string& file, LoadSettings& settings) {
  settings.bench.scenario.populations.clear();
  settings.bench.scenario.stages.clear();
  return ScenarioReader(file, settings).read(root);
}

}  // namespace mq
