#include "net/tls_testing.hpp"

#include "base/text.hpp"
#include "peers/temp_dir.hpp"

namespace mq::testing {
namespace {

class Pieces : public Transport {
 public:
  Pieces(Loop& loop, std::unique_ptr<Transport> below, std::size_t at_most)
      : loop_(loop), below_(std::move(below)), at_most_(at_most) {}

  void read_some(ReadHandler handler) override {
    handler_ = std::move(handler);
    if (at_ < held_.size()) {
      loop_.post([this, alive = std::weak_ptr<int>(alive_)] {
        if (!alive.expired()) deliver();
      });
      return;
    }
    below_->read_some([this](Result<Bytes> bytes) {
      if (!bytes || bytes->empty()) return std::exchange(handler_, {})(bytes);
      held_ = *bytes;
      at_ = 0;
      deliver();
    });
  }
  void write(Bytes bytes, WriteHandler handler) override { below_->write(bytes, std::move(handler)); }
  std::size_t undelivered() const override { return below_->undelivered(); }
  void shut_down() override { below_->shut_down(); }
  void close() override {
    alive_.reset();
    below_->close();
  }
  std::string peer() const override { return below_->peer(); }

 private:
  // As a socket does, through the loop's one buffer.
  void deliver() {
    const Bytes piece = Bytes(held_).substr(at_, at_most_);
    at_ += piece.size();
    const auto buffer = loop_.read_buffer();
    piece.copy(buffer.data(), piece.size());
    std::exchange(handler_, {})(Bytes(buffer.data(), piece.size()));
  }

  Loop& loop_;
  std::unique_ptr<Transport> below_;
  std::size_t at_most_;
  Buffer held_;
  std::size_t at_ = 0;
  ReadHandler handler_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();
};

void append_until(Transport& from, std::string& all, std::size_t count, Loop& loop) {
  from.read_some([&, count](Result<Bytes> bytes) {
    if (bytes) {
      all += *bytes;
    } else {
      all += bytes.error().text;
    }
    if (!bytes || bytes->empty() || all.size() >= count) return loop.stop();
    append_until(from, all, count, loop);
  });
}

}  // namespace

TlsServer::TlsServer(const std::vector<std::string>& options, const Certificate& certificate) {
  std::vector<std::string> command{"openssl", "s_server", "-accept", "127.0.0.1:0"};
  if (!certificate.chain.empty()) {
    const std::string chain = made(certificate.chain);
    command.insert(command.end(), {"-cert", chain, "-key", made(certificate.key), "-cert_chain", chain});
  }
  command.insert(command.end(), options.begin(), options.end());
  process_.emplace(Launch{.command = command, .input = Input::pipe});
  constexpr std::string_view before_port = "ACCEPT 127.0.0.1:";
  process_->await_out(before_port);
  // All of that line, whatever lines came before it.
  const std::size_t begin = process_->out().find(before_port) + before_port.size();
  process_->await_out("\n", begin);
  const std::string text = process_->out().substr(begin);
  port_ = parse_number<std::uint16_t>(text.substr(0, text.find('\n'))).value();
}

TlsOptions trusting() { return {.ca_file = made("root.pem")}; }

std::shared_ptr<TlsContext> context(const TlsOptions& options) {
  auto made_of_it = TlsContext::make(options);
  if (!made_of_it) FAIL(made_of_it.error().text);
  return *made_of_it;
}

Connection connect(GuardedLoop& loop, std::unique_ptr<Transport> below,
                   const std::shared_ptr<TlsContext>& context, const std::string& host) {
  Connection result;
  const auto handshake = begin_tls(loop, std::move(below), context, host, [&](Connection opened) {
    result = std::move(opened);
    loop.stop();
  });
  loop.run();
  return result;
}

Connection connect(GuardedLoop& loop, const TlsServer& server, const std::shared_ptr<TlsContext>& context,
                   const std::string& host) {
  auto below = dial(loop, server.endpoint());
  REQUIRE(below.has_value());
  return connect(loop, std::move(*below), context, host);
}

std::string read_bytes(GuardedLoop& loop, Transport& from, std::size_t count) {
  std::string all;
  append_until(from, all, count, loop);
  loop.run();
  return all;
}

Result<void> write_all(GuardedLoop& loop, Transport& to, Bytes bytes) {
  Result<void> result;
  to.write(bytes, [&](Result<void> outcome) {
    result = std::move(outcome);
    loop.stop();
  });
  loop.run();
  return result;
}

std::unique_ptr<Transport> in_pieces(Loop& loop, std::unique_ptr<Transport> below, std::size_t at_most) {
  return std::make_unique<Pieces>(loop, std::move(below), at_most);
}

}  // namespace mq::testing
