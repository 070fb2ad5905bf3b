#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "net/address.hpp"
#include "net/proxy_talk.hpp"

namespace mq {
namespace {

constexpr std::size_t longest_head = 8 * 1024;  // all answers together

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "HTTP/1.1 403 Filtered"; nullopt for anything else (RFC 9112, section 4).
struct StatusLine {
  int status = 0;
  std::string_view reason;
};

std::optional<StatusLine> parse_status_line(std::string_view line) {
  constexpr std::string_view pattern = "HTTP/0.0 000";
  if (line.size() < pattern.size()) return std::nullopt;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '0' ? !is_digit(line[i]) : line[i] != pattern[i]) return std::nullopt;
  }
  if (line.size() > pattern.size() && line[pattern.size()] != ' ') return std::nullopt;
  StatusLine parsed;
  parsed.status = parse_number<int>(line.substr(pattern.size() - 3, 3)).value_or(0);
  parsed.reason = line.substr(std::min(pattern.size() + 1, line.size()));
  return parsed;
}

// As it is when it is plain, else made safe to show.
std::string shown(std::string_view reason) {
  const std::string safe = quoted(reason);
  return safe.size() == reason.size() + 2 ? std::string(reason) : safe;
}

// The next line without its end, and where the one behind it begins. A lone LF ends a line, too (RFC 9112,
// section 2.2).
std::optional<std::string_view> line_at(Bytes input, std::size_t& at) {
  const std::size_t end = input.find('\n', at);
  if (end == Bytes::npos) return std::nullopt;
  std::string_view line = input.substr(at, end - at);
  at = end + 1;
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

class HttpConnect : public ProxyTalk {
 public:
  using ProxyTalk::ProxyTalk;

  // RFC 9110, 9.3.6 and 7.2; RFC 7617.
  Buffer opening() override {
    // A zone is of this machine alone.
    const std::string_view host = std::string_view(request().host).substr(0, request().host.find('%'));
    const std::string to = host_and_port(host, request().port);
    Buffer head = fmt::format("CONNECT {} HTTP/1.1\r\nHost: {}\r\n", to, to);
    if (const ProxyOptions& proxy = request().proxy; proxy.user_name) {
      head += fmt::format("Proxy-Authorization: Basic {}\r\n",
                          to_base64(fmt::format("{}:{}", *proxy.user_name, proxy.password.value_or(""))));
    }
    return head.append("\r\n");
  }

  Result<Step> received(Bytes input) override {
    constexpr std::string_view begin = "HTTP/";
    if (!input.starts_with(begin.substr(0, input.size()))) return no_http(input);
    const Bytes looked_at = input.substr(0, longest_head - taken_);
    std::size_t at = 0;
    const auto first = line_at(looked_at, at);
    if (first) {
      const auto line = parse_status_line(*first);
      if (!line) return no_http(input);
      const bool interim = line->status / 100 == 1 && line->status != 101;  // RFC 9110, 15.2
      if (!interim && line->status / 100 != 2) return refusal(*line);
      // Of the fields nothing counts: not even a length, for no content follows (RFC 9110, 9.3.6).
      while (const auto field = line_at(looked_at, at)) {
        if (!field->empty()) continue;
        taken_ += at;
        return Step{.taken = at, .agreed = !interim};
      }
    }
    if (looked_at.size() < longest_head - taken_) return Step{};
    return failed(fmt::format("answers with a head of more than {} bytes", longest_head));
  }

 private:
  std::unexpected<Error> no_http(Bytes input) const {
    const bool socks = octet(input[0]) == 5;
    return failed("is no HTTP proxy", false,
                  socks ? "it answers like a socks5:// proxy" : "is the port right?");
  }

  // The status line says it all, and what follows may be long.
  std::unexpected<Error> refusal(const StatusLine& line) const {
    // 407 by the law; tinyproxy says 401 to a wrong password.
    if (line.status == 407 || line.status == 401) return wants_credentials();
    const std::string why = line.reason.empty() ? fmt::format("HTTP {}", line.status)
                                                : fmt::format("HTTP {} {}", line.status, shown(line.reason));
    const bool no_connect =
        line.status == 400 || line.status == 404 || line.status == 405 || line.status == 501;
    return refused(why, line.status == 403, no_connect ? "is it a proxy, or an ordinary web server?" : "");
  }

  std::size_t taken_ = 0;  // by interim answers
};

}  // namespace

std::unique_ptr<ProxyTalk> talk_http_connect(ProxyRequest request) {
  return std::make_unique<HttpConnect>(std::move(request));
}

}  // namespace mq
