#include "shared/watchdog.hpp"

#include <fmt/core.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <string>

#include "payload/jq.hpp"
#include "shared/exit_code.hpp"

namespace mq {
namespace {

using namespace std::chrono_literals;

// How long the loop may be busy with something else, and how long a halted jq program may take to end.
constexpr Duration patience = 1s;
constexpr Duration last_patience = 2s;

enum class Stage : int { starting, looping, stuck };

// A handler can reach nothing but what is static.
std::atomic<Stage> stage = Stage::starting;
std::atomic<const std::string*> last_words = nullptr;
std::atomic<void (*)()> clean_up = nullptr;
std::atomic<int> signal_seen = 0;
std::array<std::atomic<void (*)(int)>, NSIG> handlers_before;

struct Limit {
  Duration duration{};
  const Log* log = nullptr;  // nullptr: there is no limit
  std::chrono::system_clock::time_point end{};
  std::array<std::string, 2> texts{};  // one is the handler's
};
Limit limit;

void set_timer(Duration duration) {
  constexpr Duration longest = 1'000'000'000s;
  duration = std::min(duration, longest);
  const auto whole = std::chrono::floor<std::chrono::seconds>(duration);
  const auto rest = std::chrono::ceil<std::chrono::microseconds>(duration - whole);
  itimerval timer{};
  timer.it_value.tv_sec = whole.count();
  timer.it_value.tv_usec = rest.count() < 1'000'000 ? rest.count() : 999'999;
  ::setitimer(ITIMER_REAL, &timer, nullptr);
}

void say_last_words() {
  const std::string* const text = last_words;
  if (text != nullptr) (void)!::write(STDERR_FILENO, text->data(), text->size());
}

extern "C" void timer_rang(int) {
  const int saved = errno;
  switch (stage.load()) {
    case Stage::starting:
      if (void (*clean)() = clean_up; clean != nullptr) clean();
      say_last_words();
      ::_exit(exit_timeout);
    case Stage::looping:
      stage = Stage::stuck;
      (void)halt_jq();
      set_timer(last_patience);
      break;
    case Stage::stuck:
      if (const int number = signal_seen; number != 0)
        ::_exit(number == SIGINT ? exit_interrupt : exit_terminate);
      say_last_words();
      ::_exit(exit_timeout);
  }
  errno = saved;
}

extern "C" void signal_came(int number) {
  const int saved = errno;
  signal_seen = number;
  if (stage == Stage::looping) set_timer(patience);
  if (void (*before)(int) = handlers_before[static_cast<std::size_t>(number)]; before != nullptr)
    before(number);
  errno = saved;
}

void handle(int number, void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigaction(number, &action, nullptr);
}

// In front of the handler that is set; what has none keeps its default.
void take_over(int number) {
  struct sigaction before{};
  if (::sigaction(number, nullptr, &before) != 0 || before.sa_handler == SIG_DFL ||
      before.sa_handler == SIG_IGN || before.sa_handler == signal_came)
    return;
  handlers_before[static_cast<std::size_t>(number)] = before.sa_handler;
  handle(number, signal_came);
}

}  // namespace

void Watchdog::begin(Duration duration, const Log& log) {
  limit.duration = duration;
  limit.log = &log;
  limit.end = std::chrono::system_clock::now() +
              std::chrono::duration_cast<std::chrono::system_clock::duration>(duration);
  waits_for("the program had only begun");
  handle(SIGALRM, timer_rang);
  set_timer(duration);
}

void Watchdog::waits_for(std::string_view what) {
  if (limit.log == nullptr) return;
  std::string& text = limit.texts[last_words == limit.texts.data() ? 1 : 0];
  const double seconds = std::chrono::duration<double>(limit.duration).count();
  text = limit.log->text_of(
      {ErrorKind::timeout, fmt::format("timed out after {:g} s: {}", seconds, what), 0, {}}, limit.end);
  last_words = &text;
}

void Watchdog::before_the_end(void (*clean)()) { clean_up = clean; }

Duration Watchdog::enter_loop() {
  take_over(SIGINT);
  take_over(SIGTERM);
  handle(SIGALRM, timer_rang);
  stage = Stage::looping;
  if (limit.log == nullptr) return Duration::zero();
  waits_for("the program is busy with one message");
  itimerval left{};
  ::getitimer(ITIMER_REAL, &left);
  const Duration rest =
      std::chrono::seconds(left.it_value.tv_sec) + std::chrono::microseconds(left.it_value.tv_usec);
  set_timer(rest + patience);
  return rest;
}

void Watchdog::loop_turned() {
  stage = Stage::looping;
  set_timer(Duration::zero());
}

}  // namespace mq
