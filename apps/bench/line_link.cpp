#include "bench/line_link.hpp"

#include <utility>

#include "payload/json.hpp"

namespace mq {
namespace {

// The number of messages of each of a million streams is the longest that is said.
constexpr std::size_t most_parts_of_a_line = 20'000'000;

}  // namespace

LineLink::LineLink(Poller& poller, int socket, LineHandler on_line, Loop::Handler on_end)
    : poller_(poller), on_line_(std::move(on_line)), on_end_(std::move(on_end)) {
  transport_ = std::make_unique<EpollTransport>(poller, socket);
  read();
}

void LineLink::say(const Value& value) {
  append_json(value, output_);
  output_ += '\n';
  if (writing_.empty()) write();
}

void LineLink::write() {
  writing_ = std::exchange(output_, {});
  if (writing_.empty()) return;
  // The other side being gone shows when it is read from.
  transport_->write(writing_, [this](const Result<void>& result) {
    writing_.clear();
    if (result) write();
  });
}

void LineLink::read() {
  transport_->read_some([this](Result<Bytes> bytes) {
    if (!bytes || bytes->empty()) return on_end_();
    input_ += *bytes;
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = input_.find('\n', begin)) != Buffer::npos; begin = end + 1)
      if (const auto value = parse_json(Bytes(input_).substr(begin, end - begin), most_parts_of_a_line))
        on_line_(*value);
    input_.erase(0, begin);
    read();
  });
}

}  // namespace mq
