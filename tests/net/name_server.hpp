// DNS messages made by hand, and a tiny name server on 127.0.0.1 that answers with them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "net/address.hpp"
#include "net/srv.hpp"
#include "peers/file_handle.hpp"

namespace mq::testing {

std::string in_16_bits(std::size_t number);
// "a.b" as length-prefixed labels with the empty one at the end.
std::string dns_name(const std::string& dotted);
// A resource record of class IN; `owner` is a name already encoded.
std::string dns_record(const std::string& owner, std::uint16_t type, const std::string& data);
std::string srv_data(const SrvRecord& record);
// An answer to `query` (which holds one question) with these records, encoded.
std::string dns_answer(const std::string& query, const std::vector<std::string>& records,
                       std::uint16_t flags = 0x8180);
// The question that a resolver asks for the SRV records of a name.
std::string srv_query_message(const std::string& name);

// The name that a query asks for, with dots, and the type of record.
struct DnsQuestion {
  std::string name;
  std::uint16_t type = 0;
};
DnsQuestion question_of(const std::string& query);

constexpr std::uint16_t a_type = 1;
constexpr std::uint16_t srv_type = 33;
inline const std::string same_name = "\xc0\x0c";  // a pointer to the name of the question

class NameServer {
 public:
  // Told a query, and whether it came over TCP; an empty answer is silence. Called in the server's thread.
  using Answer = std::function<std::string(const std::string& query, bool tcp)>;

  // Port 0: any that is free.
  explicit NameServer(Answer answer, std::uint16_t port = 0);
  ~NameServer();
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

  Address address() const;
  SrvResolver resolver() const;  // the system's, asking only here

 private:
  void serve() const;

  Answer answer_;
  FileHandle stop_, udp_, tcp_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace mq::testing
