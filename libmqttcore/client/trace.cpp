#include "client/trace.hpp"

#include "wire/decode.hpp"
#include "wire/describe.hpp"

namespace mq {

void Trace::feed(Bytes bytes) {
  if (!line_ || ended_) return;
  rest_.append(bytes);
  const std::string_view arrow = sender_ == Sender::client ? "> " : "< ";
  const auto say = [&](std::string_view text) { line_(std::string(arrow).append(text)); };
  const auto broken = [&](const Error& error) {
    say(std::string("no packet: ").append(error.text));
    ended_ = true;
  };
  std::size_t taken = 0;
  while (!ended_) {
    const auto frame = next_frame(Bytes(rest_).substr(taken));
    if (!frame) return broken(frame.error());
    if (!*frame) break;
    taken += (*frame)->size;
    const auto packet = decode(**frame, version_, sender_);
    if (!packet) return broken(packet.error());
    if (!words_)
      say(describe(*packet, version_));
    else if (const std::string text = words_(sender_, *packet); !text.empty())
      line_(text);
  }
  rest_.erase(0, taken);
}

}  // namespace mq
