#include "net/name_server.hpp"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "net/srv_query.hpp"

namespace mq::testing {
namespace {

constexpr std::size_t header_size = 12;

}  // namespace

std::string in_16_bits(std::size_t number) {
  return {static_cast<char>(number >> 8U & 0xFFU), static_cast<char>(number & 0xFFU)};
}

std::string dns_name(const std::string& dotted) {
  std::string encoded;
  for (std::size_t at = 0; at < dotted.size();) {
    const std::size_t end = std::min(dotted.find('.', at), dotted.size());
    encoded += static_cast<char>(end - at);
    encoded += dotted.substr(at, end - at);
    at = end + 1;
  }
  return encoded + '\0';
}

std::string dns_record(const std::string& owner, std::uint16_t type, const std::string& data) {
  return owner + in_16_bits(type) + in_16_bits(1) + std::string(4, '\0') + in_16_bits(data.size()) + data;
}

std::string srv_data(const SrvRecord& record) {
  return in_16_bits(record.priority) + in_16_bits(record.weight) + in_16_bits(record.port) +
         dns_name(record.target);
}

std::string dns_answer(const std::string& query, const std::vector<std::string>& records,
                       std::uint16_t flags) {
  const std::size_t end = query.find('\0', header_size) + 1 + 4;
  std::string message = query.substr(0, 2) + in_16_bits(flags) + in_16_bits(1) + in_16_bits(records.size()) +
                        std::string(4, '\0') + query.substr(header_size, end - header_size);
  for (const std::string& record : records) message += record;
  return message;
}

std::string srv_query_message(const std::string& name) {
  return in_16_bits(7) + in_16_bits(0x0100) + in_16_bits(1) + std::string(6, '\0') + dns_name(name) +
         in_16_bits(srv_type) + in_16_bits(1);
}

DnsQuestion question_of(const std::string& query) {
  DnsQuestion question;
  std::size_t at = header_size;
  while (query.at(at) != '\0') {
    const auto size = static_cast<unsigned char>(query[at]);
    question.name += (question.name.empty() ? "" : ".") + query.substr(at + 1, size);
    at += 1 + size;
  }
  question.type = static_cast<std::uint16_t>(static_cast<unsigned char>(query.at(at + 1)) << 8U |
                                             static_cast<unsigned char>(query.at(at + 2)));
  return question;
}

NameServer::NameServer(Answer answer, std::uint16_t port)
    : answer_(std::move(answer)), stop_(::eventfd(0, EFD_CLOEXEC)) {
  // The same port for both; of UDP's another program may have it.
  for (int attempt = 0; attempt < 20; ++attempt) {
    tcp_ = bind_loopback(port);
    port_ = port_of(tcp_);
    udp_ = FileHandle(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const Address to = address();
    if (::bind(udp_.get(), to.get(), to.size) == 0) break;
    udp_.close();
  }
  REQUIRE(static_cast<bool>(udp_));
  REQUIRE(::listen(tcp_.get(), 8) == 0);
  thread_ = std::thread([this] { serve(); });
}

NameServer::~NameServer() {
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
}

Address NameServer::address() const { return numeric_address("127.0.0.1", port_).value(); }

SrvResolver NameServer::resolver() const {
  return [server = address()](const std::string& name) { return query_srv(name, server); };
}

void NameServer::serve() const {
  std::array<pollfd, 3> watched{
      pollfd{stop_.get(), POLLIN, 0}, {udp_.get(), POLLIN, 0}, {tcp_.get(), POLLIN, 0}};
  std::array<char, 2048> query{};
  while (::poll(watched.data(), watched.size(), -1) >= 0 && watched[0].revents == 0) {
    if (watched[1].revents != 0) {
      Address from;
      from.size = sizeof from.storage;
      const ssize_t size = ::recvfrom(udp_.get(), query.data(), query.size(), 0,
                                      reinterpret_cast<sockaddr*>(&from.storage), &from.size);
      if (size <= 0) continue;
      const std::string answer = answer_({query.data(), static_cast<std::size_t>(size)}, false);
      if (!answer.empty()) ::sendto(udp_.get(), answer.data(), answer.size(), 0, from.get(), from.size);
    }
    if (watched[2].revents != 0) {
      const FileHandle caller(::accept4(tcp_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      // A query is smaller than what a loopback socket hands over at once; two bytes of length stand first.
      if (::recv(caller.get(), query.data(), 2, MSG_WAITALL) != 2) continue;
      const ssize_t size = ::recv(caller.get(), query.data(), query.size(), 0);
      if (size <= 0) continue;
      const std::string answer = answer_({query.data(), static_cast<std::size_t>(size)}, true);
      const std::string framed = in_16_bits(answer.size()) + answer;
      ::send(caller.get(), framed.data(), framed.size(), MSG_NOSIGNAL);
    }
  }
}

}  // namespace mq::testing
