#include "bridge/plan_file.hpp"

#include <fmt/core.h>

#include <filesystem>
#include <utility>

#include "bridge/endpoint_section.hpp"
#include "bridge/plan_check.hpp"
#include "bridge/route_section.hpp"
#include "net/http_server.hpp"
#include "shared/options_file.hpp"
#include "shared/store.hpp"
#include "shared/toml_section.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

using Kind = TomlNode::Kind;

constexpr ChoiceRow<StoreKind> store_words[] = {
    {"disk", StoreKind::disk}, {"through", StoreKind::through}, {"memory", StoreKind::memory}};

Result<void> store_topic(std::string& target, std::string_view text) {
  if (auto checked = check_topic_name(text); !checked) return checked;
  target = text;
  return {};
}

Result<void> store_address(std::string& target, std::string_view text) {
  if (auto checked = check_listen_address(text); !checked) return checked;
  target = text;
  return {};
}

class PlanReader {
 public:
  PlanReader(const TomlNode& root, const std::string& file) : root_(root), file_(file) {}

  Result<BridgePlan> read(const Environment& environment) {
    for (auto step : {&PlanReader::read_top, &PlanReader::read_endpoints, &PlanReader::read_routes,
                      &PlanReader::finish_endpoints, &PlanReader::check_routes})
      if (auto done = (this->*step)(); !done) return std::unexpected(std::move(done.error()));
    if (plan_.store == StoreKind::disk && plan_.store_path.empty()) {
      auto path = usual_store_path(plan_.name, environment);
      if (!path) return std::unexpected(std::move(path.error()));
      plan_.store_path = *std::move(path);
    }
    return std::move(plan_);
  }

  bool secret() const { return secret_; }

 private:
  Result<void> read_top() {
    TomlSection top("a bridge's file", file_, "mqttkit-bridge.toml(5)");
    top.key("name", one_value(plan_.name, store_name));
    top.key("store", store_choice(plan_.store, store_words));
    top.key("store-path", store_path(plan_.store_path));
    top.flag("standby", plan_.standby);
    constexpr unsigned most_hops = 255;
    top.key("max-hops", store_number<unsigned>(plan_.most_hops, 1, most_hops));
    top.key("status-topic", one_value(plan_.status_topic, store_topic));
    top.key("http", one_value(plan_.http_address, store_address));
    top.also("endpoint");
    top.also("route");
    if (auto read = top.read(root_); !read) return read;
    if (plan_.store != StoreKind::disk && plan_.standby)
      return top.wrong(*root_.member("standby"), "standby is for store = \"disk\" alone");
    if (plan_.store != StoreKind::disk && !plan_.store_path.empty())
      return top.wrong(*root_.member("store-path"), "store-path is for store = \"disk\" alone");
    if (!plan_.name.empty()) return {};
    plan_.name = std::filesystem::path(file_).stem().string();
    if (auto checked = check_name(plan_.name); !checked)
      return usage(
          fmt::format("{}: the bridge needs a name", file_),
          fmt::format("write name = \"...\": the file's own can't be one ({})", checked.error().text));
    return {};
  }

  Result<void> read_endpoints() {
    const TomlNode* tables = root_.member("endpoint");
    if (tables == nullptr || tables->kind != Kind::table || tables->members.empty())
      return usage(fmt::format("{} has no [endpoint.NAME]", file_), "one for each server to connect to");
    for (const auto& [name, table] : tables->members) {
      if (auto checked = check_name(name); !checked)
        return placed(file_, table, "endpoint", std::move(checked.error()));
      EndpointPlan endpoint = new_endpoint(name);
      if (auto read = read_endpoint(table, file_, endpoint, secret_); !read) return read;
      plan_.endpoints.push_back(std::move(endpoint));
    }
    return {};
  }

  Result<void> read_routes() {
    const TomlNode* tables = root_.member("route");
    if (tables == nullptr || tables->kind != Kind::array || tables->items.empty())
      return usage(fmt::format("{} has no [[route]]", file_), "one for each way that messages go");
    for (const TomlNode& table : tables->items) {
      auto route = read_route(table, file_, plan_);
      if (!route) return std::unexpected(std::move(route.error()));
      need_version(plan_, *route);
      plan_.routes.push_back(*std::move(route));
    }
    return {};
  }

  Result<void> finish_endpoints() {
    const TomlNode& tables = *root_.member("endpoint");
    for (EndpointPlan& endpoint : plan_.endpoints)
      if (auto done = finish_endpoint(endpoint, plan_.name); !done)
        return placed(file_, *tables.member(endpoint.name), fmt::format("endpoint {}", endpoint.name),
                      std::move(done.error()));
    if (auto checked = mq::check_endpoints(plan_); !checked)
      return placed(file_, tables.members.back().second, "endpoint", std::move(checked.error()));
    return {};
  }

  Result<void> check_routes() {
    for (std::size_t i = 0; i < plan_.routes.size(); ++i)
      if (auto checked = check_route(plan_, i); !checked)
        return placed(file_, root_.member("route")->items[i], fmt::format("route {}", plan_.routes[i].name),
                      std::move(checked.error()));
    return {};
  }

  const TomlNode& root_;
  const std::string& file_;
  BridgePlan plan_;
  bool secret_ = false;
};

}  // namespace

Result<BridgePlan> make_plan(const TomlNode& root, const std::string& file, const Environment& environment,
                             bool& secret) {
  PlanReader reader(root, file);
  auto plan = reader.read(environment);
  secret = reader.secret();
  return plan;
}

Result<BridgePlan> read_plan(const std::string& file, const Environment& environment) {
  const auto root = read_toml(file, "the configuration");
  if (!root) return std::unexpected(root.error());
  bool secret = false;
  auto plan = make_plan(*root, file, environment, secret);
  if (secret && others_can_read(file))
    return usage(fmt::format("{} holds a password and others can read it", file),
                 fmt::format("chmod 600 {}", file));
  return plan;
}

}  // namespace mq
