// A client that says anything to the HTTP server over a real connection, in pieces as long as the first byte
// says. Whatever it is, the server gives whole answers alone, and is done with the client when that has no
// more to say.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "base/text.hpp"
#include "net/http_server.hpp"

namespace {

using namespace mq;

void require(bool right, const char* what) {
  if (right) return;
  std::fprintf(stderr, "error: %s\n", what);
  __builtin_trap();
}

// What this machine does not give says nothing about the server.
void expect(bool right, const char* what) {
  if (right) return;
  std::perror(what);
  std::_Exit(77);
}

class Client {
 public:
  Client(Loop& loop, std::uint16_t port) : loop_(loop) {
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(port);
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    expect(::connect(socket_, reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0, "connect");
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  // Without a trace: a port that waits a minute each time would soon be the last.
  ~Client() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(socket_);
  }

  void say(Bytes bytes) {
    (void)!::send(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    loop_.run_ready();
  }

  // All that the server answers.
  std::string hear() {
    ::shutdown(socket_, SHUT_WR);
    std::string heard;
    Watch watch(loop_, socket_);
    read(watch, heard);
    loop_.run();
    return heard;
  }
  bool reset() const { return reset_; }

 private:
  void read(Watch& watch, std::string& heard) {
    watch.readable([&] {
      char buffer[4096];
      const ssize_t got = ::recv(socket_, buffer, sizeof buffer, MSG_DONTWAIT);
      reset_ = got < 0;
      if (got <= 0) return loop_.stop();
      heard.append(buffer, static_cast<std::size_t>(got));
      read(watch, heard);
    });
  }

  Loop& loop_;
  int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bool reset_ = false;
};

// Takes one answer off the front. HEAD's have the length of a body that is not there.
void take_answer(Bytes& heard) {
  constexpr std::array statuses{"200", "400", "404", "405", "431"};
  constexpr std::string_view first = "HTTP/1.1 ", length_name = "\r\nContent-Length: ";
  require(heard.starts_with(first), "an answer begins otherwise");
  require(std::ranges::find(statuses, heard.substr(first.size(), 3)) != statuses.end(),
          "a status that nobody gives");
  const std::size_t end = heard.find("\r\n\r\n");
  require(end != heard.npos, "an answer without an end");
  const Bytes header = heard.substr(0, end);
  const std::size_t at = header.find(length_name);
  require(at != header.npos, "an answer without its length");
  const Bytes digits = header.substr(at + length_name.size());
  const auto length = parse_number<std::size_t>(digits.substr(0, digits.find('\r')));
  require(length.has_value(), "an answer's length is none");
  heard.remove_prefix(end + 4);
  if (heard.empty() || heard.starts_with(first)) return;
  require(heard.size() >= *length, "a body is cut short");
  heard.remove_prefix(*length);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static Loop loop;
  static const auto server = HttpServer::listen(
      loop, "127.0.0.1:0", {{"/metrics", [] { return HttpContent{"text/plain", "content\n"}; }}});
  expect(server.has_value(), "listen");
  Bytes input(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t piece = data[0] == 0 ? input.size() : data[0];
  Client client(loop, (*server)->port());
  for (std::size_t pieces = 0; !input.empty() && pieces < 1000; ++pieces) {
    const Bytes said = input.substr(0, piece);
    client.say(said);
    input.remove_prefix(said.size());
  }
  const std::string all = client.hear();
  Bytes heard = all;
  while (!heard.empty() && !client.reset()) take_answer(heard);
  return 0;
}
