#include "bridge/traffic.hpp"

namespace mq {

std::span<const FateRow> fate_rows() {
  static constexpr std::array<FateRow, fates> rows{{
      {"delivered", "delivered"},
      {"looped", "stopped as loops"},
      {"unmapped", "without a topic to go to"},
      {"expired", "expired"},
      {"overflow", "dropped, the queue being full"},
      {"unsent", "at QoS 0 not sent, the destination being away or slow"},
      {"refused", "refused by the destination"},
  }};
  return rows;
}

}  // namespace mq
