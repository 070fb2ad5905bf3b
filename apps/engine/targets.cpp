#include "engine/targets.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "net/lookup.hpp"
#include "net/srv.hpp"

namespace mq {
namespace {

class Search {
 public:
  explicit Search(const ClientConfig& config) : config_(config), limit_(loop_) {}

  Result<std::vector<Target>> run() {
    limit_.set(loop_.now() + config_.open.dial.timeout, [this] { loop_.stop(); });
    std::vector<Target> targets;
    for (const Endpoint& endpoint : config_.endpoints) {
      auto found = find(config_.open.connect_to.value_or(endpoint), endpoint);
      if (!found) return std::unexpected(std::move(found.error()));
      targets.push_back(std::move(*found));
    }
    return targets;
  }

 private:
  Result<Target> find(Endpoint to, const Endpoint& called) {
    Target target{.endpoint = called, .address = {}, .proxied = false};
    if (!to.unix_path.empty()) {
      auto address = unix_address(to.unix_path);
      if (!address) return std::unexpected(std::move(address.error()));
      target.address = *address;
      return target;
    }
    if (called.srv && !config_.open.connect_to) {
      auto host = first_of_domain(called);
      if (!host) return std::unexpected(std::move(host.error()));
      to.host = host->host;
      to.port = target.endpoint.port = host->port;
    }
    const auto& proxy = config_.open.proxy;
    target.proxied = proxy && !bypasses_proxy(config_.open.no_proxy, to.host, to.port);
    if (target.proxied) {
      to.host = proxy->host;
      to.port = proxy->port;
    }
    auto address = address_of(to);
    if (!address) return std::unexpected(std::move(address.error()));
    target.address = *address;
    return target;
  }

  Result<Endpoint> first_of_domain(const Endpoint& endpoint) {
    std::optional<Result<std::vector<Endpoint>>> answer;
    const SrvLookup lookup(loop_, endpoint.tls ? SrvService::secure_mqtt : SrvService::mqtt, endpoint.host,
                           config_.open.srv_resolver, [&](Result<std::vector<Endpoint>> found) {
                             answer = std::move(found);
                             loop_.stop();
                           });
    loop_.run();
    if (!answer) return no_answer(endpoint.host);
    if (!*answer) return std::unexpected(std::move(answer->error()));
    return answer->value().front();
  }

  Result<Address> address_of(const Endpoint& to) {
    std::vector<std::string> found;
    if (auto known = known_addresses(to.host)) {
      found = std::move(*known);
    } else {
      std::optional<Result<std::vector<std::string>>> answer;
      const auto question = look_up(loop_, config_.open.dial.resolver, to.host, config_.open.dial.family,
                                    [&](Result<std::vector<std::string>> addresses) {
                                      answer = std::move(addresses);
                                      loop_.stop();
                                    });
      if (!question) return std::unexpected(question.error());
      loop_.run();
      if (!answer) return no_answer(to.host);
      if (!*answer) return std::unexpected(std::move(answer->error()));
      found = std::move(**answer);
    }
    const Family family = config_.open.dial.family;
    std::optional<Address> second;
    for (const std::string& text : found) {
      const auto address = numeric_address(text, to.port);
      if (!address || (family != Family::any && address->family() != address_family(family))) continue;
      // "localhost" is both: servers listen on IPv4 more often than on IPv6 alone.
      if (to.host != "localhost" || address->family() == AF_INET) return *address;
      second = address;
    }
    if (second) return *second;
    return fail(ErrorKind::connect, fmt::format("'{}' has no address of the family asked for", to.host));
  }

  std::unexpected<Error> no_answer(const std::string& name) const {
    return fail(ErrorKind::timeout,
                fmt::format("no answer about '{}' from the name servers within the time limit", name));
  }

  const ClientConfig& config_;
  Loop loop_;
  Timer limit_;
};

}  // namespace

Result<std::vector<Target>> find_targets(const ClientConfig& config) { return Search(config).run(); }

}  // namespace mq
