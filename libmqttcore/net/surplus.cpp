#include "net/surplus.hpp"

#include <optional>
#include <utility>

namespace mq {
namespace {

class SurplusTransport : public Transport {
 public:
  SurplusTransport(Loop& loop, std::unique_ptr<Transport> below, Buffer surplus)
      : loop_(loop), below_(std::move(below)), surplus_(std::move(surplus)) {}

  void read_some(ReadHandler handler) override {
    if (surplus_.empty()) return below_->read_some(std::move(handler));
    on_read_ = std::move(handler);
    turn_.emplace(loop_).set(loop_.now(), [this] { hand_over(); });
  }

  void write(Bytes bytes, WriteHandler handler) override { below_->write(bytes, std::move(handler)); }
  std::size_t undelivered() const override { return below_->undelivered(); }
  void shut_down() override { below_->shut_down(); }

  void close() override {
    turn_.reset();
    on_read_ = {};
    surplus_ = {};
    below_->close();
  }

  std::string peer() const override { return below_->peer(); }

 private:
  void hand_over() {
    turn_.reset();
    const Buffer bytes = std::exchange(surplus_, {});
    ReadHandler handler = std::exchange(on_read_, {});
    handler(Bytes(bytes));
  }

  Loop& loop_;
  std::unique_ptr<Transport> below_;
  Buffer surplus_;
  ReadHandler on_read_;
  std::optional<Timer> turn_;  // while the surplus is on its way to the handler
};

}  // namespace

std::unique_ptr<Transport> with_surplus(Loop& loop, std::unique_ptr<Transport> below, Buffer surplus) {
  if (surplus.empty()) return below;
  return std::make_unique<SurplusTransport>(loop, std::move(below), std::move(surplus));
}

}  // namespace mq
