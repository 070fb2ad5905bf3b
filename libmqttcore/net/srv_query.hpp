// What a look-up of SRV records is made of: the question to a name server, its answer, and the order of the
// records. For net/ alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "net/address.hpp"
#include "net/srv.hpp"

namespace mq {

// Asks the name servers of /etc/resolv.conf, or only `server`, an IPv4 address with its port. May wait for
// long.
Result<std::vector<SrvRecord>> query_srv(const std::string& name,
                                         const std::optional<Address>& server = std::nullopt);

// The SRV records of a DNS message (RFC 1035, section 4), no more than 256; nullopt when it is malformed.
std::optional<std::vector<SrvRecord>> parse_srv_answer(Bytes message);

// By priority, and within one by chance as their weights say (RFC 2782).
std::vector<SrvRecord> in_srv_order(std::vector<SrvRecord> records, std::uint32_t seed);

// Whether it can be a host's name, in the letters that DNS has for one.
bool is_host_name(const std::string& name);

}  // namespace mq
