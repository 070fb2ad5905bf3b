#include "client/servers.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.hpp"

namespace mq {

bool Servers::next() {
  referred_.reset();
  index_ = (index_ + 1) % list_.size();
  return index_ != first_;
}

Result<void> Servers::refer(std::string_view reference, bool for_good, bool with_credentials) {
  const Endpoint& from = current();
  const auto named = parse_reference(reference, from.port);
  if (!named) {
    return fail(ErrorKind::refused,
                fmt::format("the server refers to {}, which names no server", quoted(reference, 200)));
  }
  Endpoint to = from;
  to.host = named->host;
  to.port = named->port;
  to.unix_path.clear();
  to.srv = false;
  if (with_credentials && !to.tls && to.host != from.host && !is_loopback(to)) {
    return fail(ErrorKind::refused,
                fmt::format("the server refers to {}: without TLS user name and password are not taken there",
                            to.text()),
                0, "name that server yourself, or use TLS");
  }
  if (for_good) list_[index_] = to;
  referred_ = std::move(to);
  return {};
}

std::optional<Endpoint> parse_reference(std::string_view reference, std::uint16_t port) {
  std::string_view one = reference.substr(0, reference.find(' '));
  std::string_view host = one;
  std::string_view number;
  if (one.starts_with('[')) {
    const std::size_t end = one.find(']');
    if (end == one.npos) return std::nullopt;
    host = one.substr(1, end - 1);
    number = one.substr(end + 1);
  } else if (const std::size_t colon = one.find(':');
             colon != one.npos && one.find(':', colon + 1) == one.npos) {
    host = one.substr(0, colon);
    number = one.substr(colon);
  }
  const auto is_alien = [](char c) { return octet(c) <= ' ' || octet(c) >= 0x7F || c == '/' || c == '@'; };
  if (host.empty() || host.size() > 255 || std::ranges::any_of(host, is_alien)) return std::nullopt;
  if (!number.empty()) {
    const auto given = parse_number<std::uint16_t>(number.substr(1));
    if (number[0] != ':' || !given || *given == 0) return std::nullopt;
    port = *given;
  }
  return Endpoint{.host = std::string(host), .port = port};
}

bool is_loopback(const Endpoint& endpoint) {
  if (!endpoint.unix_path.empty()) return true;
  const std::string& host = endpoint.host;
  return host == "localhost" || host.ends_with(".localhost") || host == "::1" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos);
}

}  // namespace mq
