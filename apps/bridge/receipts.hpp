// Messages of sources that are acknowledged only when all destinations have them (store "through").
#pragma once

#include <cstdint>
#include <vector>

#include "bridge/outlet.hpp"

namespace mq {

class Link;

class Receipts {
 public:
  struct Receipt {
    Link* link = nullptr;
    Ticket ticket = 0;
    std::size_t left = 0;  // destinations that have not answered
  };

  ReceiptId open(Link& link, Ticket ticket, std::size_t left) {
    if (free_.empty()) {
      receipts_.push_back({&link, ticket, left});
      return static_cast<ReceiptId>(receipts_.size());
    }
    const ReceiptId id = free_.back();
    free_.pop_back();
    receipts_[id - 1] = {&link, ticket, left};
    return id;
  }

  // One destination more; the receipt when it was the last.
  std::optional<Receipt> answered(ReceiptId id) {
    Receipt& receipt = receipts_[id - 1];
    if (--receipt.left > 0) return std::nullopt;
    free_.push_back(id);
    return receipt;
  }

  // Its messages can't be acknowledged any more.
  void forget(const Link& link) {
    for (Receipt& receipt : receipts_)
      if (receipt.link == &link) receipt.link = nullptr;
  }

 private:
  std::vector<Receipt> receipts_;
  std::vector<ReceiptId> free_;
};

}  // namespace mq
