#include "input/record_source.hpp"

#include <fmt/core.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>

#include "base/system_error.hpp"

namespace mq {
namespace {

bool is_blank(Bytes line) { return line.find_first_not_of(" \t\r") == Bytes::npos; }

std::uint64_t size_of(int descriptor) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace

RecordSource::RecordSource(const InputSettings& settings, int descriptor)
    : LinesOfInput(descriptor, settings.delimiter),
      settings_(settings),
      descriptor_(descriptor),
      left_(settings.repeat),
      size_(size_of(descriptor)) {}

RecordSource::~RecordSource() {
  if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
}

RecordSource::Supply RecordSource::next(Draft& draft) {
  while (const auto line = input_.next()) {
    given_ += line->size() + 1;
    if (!is_blank(*line)) return make(*line, draft);
  }
  const Supply supply = wait();
  // What holds no message now won't hold one the next time.
  if (supply != Supply::end || made_ == 0 || --left_ == 0) return supply;
  return begin_again();
}

RecordSource::Supply RecordSource::make(Bytes line, Draft& draft) {
  const bool replay = settings_.source == InputSettings::Source::replay;
  if (auto read = read_record(line, replay ? RecordTime::read : RecordTime::ignored, record_); !read)
    return say(Supply::unreadable, std::move(read.error()));
  if (record_.topic.empty() && settings_.topics.empty())
    return say(Supply::unreadable, {ErrorKind::payload, "there is no topic"});
  add_properties();
  draft.topic = record_.topic;
  draft.qos = settings_.qos_given ? settings_.qos : record_.qos.value_or(settings_.qos);
  draft.retain = settings_.retain || record_.retain.value_or(false);
  draft.properties = record_.properties.view();
  draft.payload = record_.payload;
  if (replay) draft.pause = pause();
  ++made_;
  return Supply::message;
}

// What -D says goes before what the record says; user properties add up.
void RecordSource::add_properties() {
  if (settings_.properties.empty()) return;
  for (const Property& property : settings_.properties.view()) {
    if (property.id != PropertyId::user_property) record_.properties.remove(property.id);
    record_.properties.add(property);
  }
}

// None where time stands still, goes back, or is not told.
Duration RecordSource::pause() {
  if (!record_.time) return {};
  const auto before = std::exchange(last_, record_.time).value_or(*record_.time);
  const double speed = settings_.speed.value_or(1);
  if (speed == 0 || *record_.time <= before) return {};
  constexpr std::chrono::duration<double> longest = std::chrono::days(3650);
  const std::chrono::duration<double> scaled = std::chrono::duration<double>(*record_.time - before) / speed;
  return std::chrono::duration_cast<Duration>(std::min(scaled, longest));
}

RecordSource::Supply RecordSource::begin_again() {
  if (::lseek(descriptor_, 0, SEEK_SET) < 0)
    return say(Supply::failed,
               {ErrorKind::io, fmt::format("cannot read the recording once more: {}", system_error(errno))});
  given_ = 0;
  made_ = 0;
  last_.reset();
  input_.restart();
  return wait();
}

std::optional<double> RecordSource::share() const {
  if (size_ == 0) return std::nullopt;
  const double passes = static_cast<double>(settings_.repeat);
  const double part = std::min(1.0, static_cast<double>(given_) / static_cast<double>(size_));
  return (passes - static_cast<double>(left_) + (left_ > 0 ? part : 0)) / passes;
}

}  // namespace mq
