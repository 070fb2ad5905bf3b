#include "input/line_input.hpp"

namespace mq {

LineInput::State LineInput::wait() {
  if (failed_) return State::failed;
  if (ended_) return State::end;
  if (!asked_) {
    asked_ = true;
    watch_->readable([this] { fill(); });
  }
  return State::waiting;
}

void LineInput::fill() {
  asked_ = false;
  const auto state = lines_.fill();
  if (!state) {
    failed_ = true;
    error_ = state.error();
  } else if (*state == LineReader::State::end) {
    ended_ = true;
  }
  ready_();
}

}  // namespace mq
