#include "bridge/traffic.hpp"

namespace mq {

std::span<const FateRow> fate_rows() {
  static constexpr std::array<FateRow, fates> rows{{
      {"delivered", "delivered"},
      {"looped", "stopped as loops"},
      {"unmapped", "without a topic to go to"},
      {"expired", "expired"},
      {"overflow", "dropped, the queue being full"},
      {"unsent", "not sent, the destination being away or slow"},
      {"refused", "refused by the destination"},
      {"invalid", "dropped as invalid"},
      {"filtered", "left out by the jq program"},
      {"doubled", "doubles"},
      {"superseded", "superseded by later ones"},
  }};
  return rows;
}

}  // namespace mq
