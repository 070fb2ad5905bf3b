#include "net/proxy_peers.hpp"

#include <utility>
#include <vector>

namespace mq::testing {
namespace {

// Speaks its lines as the bytes that it got allow.
class FakeProxy {
 public:
  FakeProxy(Transport& end, std::vector<Line> lines, bool leaves)
      : end_(end), lines_(std::move(lines)), leaves_(leaves) {
    read();
    speak();
  }
  const Buffer& got() const { return got_; }
  std::function<void()> on_left = [] {};  // the other side has gone

 private:
  void read() {
    end_.read_some([this](Result<Bytes> bytes) {
      if (!bytes || bytes->empty()) return on_left();
      got_.append(*bytes);
      if (!speaking_) speak();
      read();
    });
  }

  void speak() {
    speaking_ = position_ < lines_.size() && got_.size() >= lines_[position_].after;
    if (speaking_) return end_.write(lines_[position_++].bytes, [this](Result<void>) { speak(); });
    if (position_ == lines_.size() && leaves_) end_.shut_down();
  }

  Transport& end_;
  std::vector<Line> lines_;
  bool leaves_;
  std::size_t position_ = 0;
  bool speaking_ = false;
  Buffer got_;
};

ProxyOptions proxy_of(ProxyOptions::Kind kind, std::optional<std::string> user_name,
                      std::optional<std::string> password) {
  return {.kind = kind,
          .host = "proxy.test",
          .port = 1080,
          .user_name = std::move(user_name),
          .password = std::move(password)};
}

std::size_t size_of(const std::vector<Line>& lines) {
  std::size_t size = 0;
  for (const Line& line : lines) size += line.bytes.size();
  return size;
}

}  // namespace

ProxyOptions socks5_proxy(std::optional<std::string> user_name, std::optional<std::string> password) {
  return proxy_of(ProxyOptions::Kind::socks5, std::move(user_name), std::move(password));
}

ProxyOptions http_proxy(std::optional<std::string> user_name, std::optional<std::string> password) {
  return proxy_of(ProxyOptions::Kind::http, std::move(user_name), std::move(password));
}

Agreement agree(const ProxyOptions& proxy, const std::vector<Line>& lines, bool leaves, std::size_t piece,
                const std::string& host, std::uint16_t port) {
  GuardedLoop loop;
  auto [near, far] = MemoryTransport::pair(loop, {.read_at_most = piece});
  FakeProxy fake(*far, lines, leaves);
  Agreement agreement;
  bool within = true;
  const auto handshake =
      begin_proxy(loop, std::move(near), proxy, host, port, [&](Result<std::unique_ptr<Transport>> outcome) {
        CHECK_FALSE(within);
        agreement.outcome = std::move(outcome);
        loop.stop();
      });
  within = false;
  loop.run();
  if (agreement.outcome && leaves) {
    read_to_end(**agreement.outcome, [&](std::string all) {
      agreement.first_read = std::move(all);
      loop.stop();
    });
    loop.run();
  }
  if (agreement.outcome) agreement.outcome->reset();
  fake.on_left = [&] { loop.stop(); };
  loop.run();
  agreement.sent = fake.got();
  return agreement;
}

Error refusal(const ProxyOptions& proxy, const std::vector<Line>& lines) {
  const Agreement agreement = agree(proxy, lines, false);
  REQUIRE_FALSE(agreement.outcome.has_value());
  return agreement.outcome.error();
}

void check_cancellation(const ProxyOptions& proxy, const std::vector<Line>& lines) {
  bool agreed = false;
  for (int turns = 0; !agreed; ++turns) {
    REQUIRE(turns < 100);
    Loop loop;
    auto [near, far] = MemoryTransport::pair(loop);
    const FakeProxy fake(*far, lines, false);
    bool cancelled = false;
    std::unique_ptr<Handshake> handshake;
    handshake = begin_proxy(loop, std::move(near), proxy, "broker.test", 1883,
                            [&](Result<std::unique_ptr<Transport>> outcome) {
                              CHECK_FALSE(cancelled);
                              CHECK(outcome.has_value());
                              agreed = true;
                              handshake.reset();
                            });
    std::function<void(int)> after = [&](int left) {
      if (left > 0) return loop.post([&after, left] { after(left - 1); });
      cancelled = true;
      handshake.reset();
    };
    after(turns);
    loop.run();  // to its end: nothing is left that could call
    CHECK(handshake == nullptr);
  }
}

void check_every_split(const ProxyOptions& proxy, const std::vector<Line>& lines) {
  std::vector<Line> with_surplus = lines;
  with_surplus.back().bytes += "surplus";
  for (std::size_t piece = 1; piece < size_of(with_surplus); ++piece) {
    CAPTURE(piece);
    const Agreement agreement = agree(proxy, with_surplus, true, piece);
    REQUIRE(agreement.outcome.has_value());
    CHECK(agreement.first_read == "surplus");
  }
  for (std::size_t cut = 0; cut < size_of(lines); ++cut) {
    CAPTURE(cut);
    std::vector<Line> some;
    std::size_t left = cut;
    for (const Line& line : lines) {
      const std::size_t count = std::min(left, line.bytes.size());
      if (count > 0) some.push_back({line.after, line.bytes.substr(0, count)});
      left -= count;
    }
    const Agreement agreement = agree(proxy, some);
    REQUIRE_FALSE(agreement.outcome.has_value());
    CHECK(agreement.outcome.error().kind == ErrorKind::lost);
    CHECK(agreement.outcome.error().text ==
          "the proxy " + proxy.text() + " closed the connection before it answered");
  }
}

}  // namespace mq::testing
