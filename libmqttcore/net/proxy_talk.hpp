// What is said to a proxy, without I/O: told what came, it says what to send. One implementation for each
// kind of proxy; begin_proxy() carries the bytes. For net/ alone.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "net/proxy.hpp"

namespace mq {

struct ProxyRequest {
  ProxyOptions proxy;
  std::string host;  // no control characters, no spaces; numeric IPv6 without brackets
  std::uint16_t port = 0;
};

class ProxyTalk {
 public:
  struct Step {
    std::size_t taken = 0;  // bytes of the input that are done with; 0: more must come
    Buffer answer{};        // to be sent; empty: nothing
    bool agreed = false;    // what follows is the peer's
  };

  explicit ProxyTalk(ProxyRequest request) : request_(std::move(request)) {}
  virtual ~ProxyTalk() = default;

  virtual Buffer opening() = 0;
  // `input`: all that came and was not taken yet, never empty.
  virtual Result<Step> received(Bytes input) = 0;

 protected:
  const ProxyRequest& request() const { return request_; }

  // "the proxy socks5://127.0.0.1:1080 WHAT"
  std::unexpected<Error> failed(const std::string& what, bool permanent = false, std::string hint = {}) const;
  // "... refused to connect to broker:1883: WHY"
  std::unexpected<Error> refused(const std::string& why, bool permanent = false, std::string hint = {}) const;
  // By what we offered.
  std::unexpected<Error> wants_credentials() const;

 private:
  ProxyRequest request_;
};

// Whether its language can express the credentials. Kind usage.
Result<void> check_credentials(const ProxyOptions& proxy);

std::unique_ptr<ProxyTalk> talk_socks5(ProxyRequest request);
std::unique_ptr<ProxyTalk> talk_http_connect(ProxyRequest request);

}  // namespace mq
