#include "net/srv.hpp"

#include <fmt/core.h>

#include <random>
#include <utility>

#include "base/text.hpp"
#include "net/question.hpp"
#include "net/srv_query.hpp"

namespace mq {

struct SrvLookup::Impl {
  Impl(Loop& l, SrvService s, const std::string& d, Handler h)
      : loop(l),
        service(s == SrvService::mqtt ? "_mqtt._tcp" : "_secure-mqtt._tcp"),
        domain(d),
        handler(std::move(h)),
        turn(l) {}

  void start(SrvResolver resolver) {
    const std::string name = fmt::format("{}.{}", service, domain);
    if (numeric_address(domain, 0) || !is_host_name(domain) || !is_host_name(name))
      return soon(fail(ErrorKind::usage, fmt::format("{} is no domain name", quoted(domain))));
    const auto ask = [resolver = std::move(resolver), name] {
      return resolver ? resolver(name) : query_srv(name);
    };
    auto asked = Question::ask<std::vector<SrvRecord>>(
        loop, name, ask, [this](Result<std::vector<SrvRecord>> records) { answered(std::move(records)); });
    if (!asked) return soon(std::unexpected(std::move(asked.error())));
    question = std::move(*asked);
  }

  void soon(std::unexpected<Error> error) {
    turn.set(loop.now(), [this, failure = std::move(error)]() mutable { finish(std::move(failure)); });
  }

  void answered(Result<std::vector<SrvRecord>> records) {
    if (!records) return finish(std::unexpected(std::move(records.error())));
    if (records->empty()) {
      return finish(fail(ErrorKind::resolve, fmt::format("{} has no SRV record {}", quoted(domain), service),
                         0, "name the broker's host and port"));
    }
    std::vector<Endpoint> endpoints;
    bool not_offered = false;
    for (const SrvRecord& record : in_srv_order(std::move(*records), std::random_device{}())) {
      not_offered = not_offered || record.target.empty();
      if (record.port != 0 && is_host_name(record.target)) endpoints.push_back({record.target, record.port});
    }
    if (!endpoints.empty()) return finish(std::move(endpoints));
    finish(fail(ErrorKind::resolve, not_offered
                                        ? fmt::format("{} says that it offers no {}", quoted(domain), service)
                                        : fmt::format("the SRV records {} of {} name no host and port",
                                                      service, quoted(domain))));
  }

  // Its last deed: the handler may destroy this.
  void finish(Result<std::vector<Endpoint>> outcome) {
    auto to_call = std::exchange(handler, {});
    to_call(std::move(outcome));
  }

  Loop& loop;
  const std::string service;
  const std::string domain;
  Handler handler;
  Timer turn;  // for what fails before anybody is asked
  std::unique_ptr<Question> question;
};

SrvLookup::SrvLookup(Loop& loop, SrvService service, const std::string& domain, SrvResolver resolver,
                     Handler handler)
    : impl_(std::make_unique<Impl>(loop, service, domain, std::move(handler))) {
  impl_->start(std::move(resolver));
}

SrvLookup::~SrvLookup() = default;

}  // namespace mq
