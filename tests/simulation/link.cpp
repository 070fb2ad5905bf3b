#include "link.hpp"

#include <algorithm>

namespace mq {

void Link::push(Bytes bytes, Time now) {
  size_ += bytes.size();
  while (!bytes.empty()) {
    const std::size_t size = random_.one_in(4) ? std::min<std::size_t>(random_.between(1, 4), bytes.size())
                                               : random_.between(1, bytes.size());
    Time arrives = now + std::chrono::milliseconds(random_.one_in(3) ? random_.below(200) : 0);
    if (!pieces_.empty()) arrives = std::max(arrives, pieces_.back().arrives);
    pieces_.push_back({arrives, Buffer(bytes.substr(0, size))});
    bytes.remove_prefix(size);
  }
}

Buffer Link::take(Time now) {
  Buffer taken;
  while (!pieces_.empty() && pieces_.front().arrives <= now) {
    taken.append(pieces_.front().bytes);
    pieces_.pop_front();
  }
  size_ -= taken.size();
  return taken;
}

Buffer Link::cut() {
  Buffer taken;
  for (const Piece& piece : pieces_) taken.append(piece.bytes);
  taken.resize(random_.one_in(3) ? taken.size() : random_.below(taken.size() + 1));
  pieces_.clear();
  size_ = 0;
  return taken;
}

}  // namespace mq
