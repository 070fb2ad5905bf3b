// A server that answers the WebSocket handshake rightly and then says arbitrary bytes. The first byte is how
// many of them one read hands over. Whatever they are, reading comes to an end, with no more bytes than came,
// and what is written meanwhile leaves in masked frames or not at all.
#include <algorithm>
#include <boost/beast/websocket/detail/hybi13.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "net/memory_transport.hpp"
#include "net/web_socket.hpp"

namespace {

using namespace mq;

class Talk {
 public:
  Talk(Loop& loop, Bytes said, std::size_t piece) : loop_(loop), said_(said) {
    auto ends = MemoryTransport::pair(loop, {.read_at_most = piece});
    server_ = std::move(ends.second);
    hear();
    handshake_ = begin_web_socket(loop, std::move(ends.first), {}, "host:80",
                                  [this](Result<std::unique_ptr<Transport>> opened) {
                                    if (!opened) __builtin_trap();
                                    client_ = std::move(*opened);
                                    client_->write("ping", [](const Result<void>&) {});
                                    read();
                                  });
  }

  bool ended() const { return ended_; }

 private:
  // The server's side: the request, which is answered, then whatever the client has to say.
  void hear() {
    server_->read_some([this](const Result<Bytes>& bytes) {
      if (!bytes || bytes->empty()) return;
      heard_ += *bytes;
      if (answer_.empty() && heard_.contains("\r\n\r\n")) answer();
      hear();
    });
  }

  void answer() {
    constexpr std::string_view name = "Sec-WebSocket-Key: ";
    const std::size_t at = heard_.find(name) + name.size();
    boost::beast::websocket::detail::sec_ws_accept_type accept;
    boost::beast::websocket::detail::make_sec_ws_accept(accept,
                                                        heard_.substr(at, heard_.find('\r', at) - at));
    answer_ =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Accept: " +
        std::string(accept.data(), accept.size()) + "\r\n\r\n";
    answer_ += said_;
    server_->write(answer_, [this](const Result<void>&) { server_->shut_down(); });
  }

  void read() {
    client_->read_some([this](const Result<Bytes>& bytes) {
      if (!bytes && bytes.error().kind != ErrorKind::lost) __builtin_trap();
      if (bytes) got_ += bytes->size();
      if (got_ > said_.size()) __builtin_trap();
      ended_ = !bytes || bytes->empty();
      if (!ended_) return read();
      loop_.stop();
    });
  }

  Loop& loop_;
  Bytes said_;
  std::unique_ptr<MemoryTransport> server_;
  std::unique_ptr<Handshake> handshake_;
  std::unique_ptr<Transport> client_;
  Buffer heard_, answer_;
  std::size_t got_ = 0;
  bool ended_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Loop loop;
  Talk talk(loop, {reinterpret_cast<const char*>(data + 1), size - 1},
            data[0] == 0 ? MemoryFaults::never : data[0]);
  loop.run();
  if (!talk.ended()) __builtin_trap();
  return 0;
}
