// A question that can't be called off (the system's resolver has no way to), asked in a thread of its own
// that nobody waits for: who loses interest destroys the Question, and the answer goes nowhere. For net/
// alone.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "net/descriptor.hpp"

namespace mq {

// "cannot resolve 'NAME': WHY"
std::unexpected<Error> not_resolved(ErrorKind kind, std::string_view name, std::string_view why,
                                    std::string hint = {});

class Question {
 public:
  // `ask` is called in the thread, and its value handed to `handler` from the loop, by a Question that may be
  // destroyed meanwhile. What `ask` throws becomes an error about `name`.
  template <class Value>
  static Result<std::unique_ptr<Question>> ask(Loop& loop, const std::string& name,
                                               std::function<Result<Value>()> ask,
                                               std::move_only_function<void(Result<Value>)> handler) {
    const auto answer = std::make_shared<Result<Value>>();
    return start(
        loop, name,
        [answer, name, ask = std::move(ask)] {
          try {
            *answer = ask();
          } catch (const std::exception& e) {
            *answer = not_resolved(ErrorKind::connect, name, e.what());
          }
        },
        [answer, handler = std::move(handler)]() mutable { handler(std::move(*answer)); });
  }

  struct Given;  // what the thread and the loop share
  Question(Descriptor answered, std::shared_ptr<Given> given, Loop::Handler handler);

 private:
  static Result<std::unique_ptr<Question>> start(Loop& loop, const std::string& name,
                                                 std::function<void()> work, Loop::Handler handler);

  Loop::Handler handler_;
  std::shared_ptr<Given> given_;
  Descriptor answered_;
};

}  // namespace mq
