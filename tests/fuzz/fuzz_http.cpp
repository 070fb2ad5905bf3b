// A client that says anything to the HTTP server over a real connection, in pieces as long as the first byte
// says. Whatever it is, the server gives whole answers alone, and is done with the client when that has no
// more to say.
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "base/text.hpp"
#include "fuzz/target.hpp"
#include "net/http_server.hpp"

namespace {

using namespace mq;

class Client {
 public:
  Client(Loop& loop, std::uint16_t port) : loop_(loop) { socket_.connect(port); }

  void say(Bytes bytes) {
    socket_.send(bytes);
    loop_.run_ready();
  }

  // All that the server answers.
  std::string hear() {
    socket_.end();
    std::string heard;
    Watch watch(loop_, socket_.descriptor());
    read(watch, heard);
    loop_.run();
    return heard;
  }
  bool reset() const { return reset_; }

 private:
  void read(Watch& watch, std::string& heard) {
    watch.readable([&] {
      char buffer[4096];
      const ssize_t got = ::recv(socket_.descriptor(), buffer, sizeof buffer, MSG_DONTWAIT);
      reset_ = got < 0;
      if (got <= 0) return loop_.stop();
      heard.append(buffer, static_cast<std::size_t>(got));
      read(watch, heard);
    });
  }

  Loop& loop_;
  ClientSocket socket_;
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
