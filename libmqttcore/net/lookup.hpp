// Addresses of a host name, asked of the system's resolver in a thread of its own. getaddrinfo can't be
// called off: who loses interest destroys the Lookup, and the thread's answer goes nowhere. For net/ alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/descriptor.hpp"
#include "net/dial.hpp"

namespace mq {

// Without asking anybody: numeric addresses, and what RFC 6761 says of "localhost". nullopt for other names.
std::optional<std::vector<std::string>> known_addresses(const std::string& host);

class Lookup {
 public:
  using Handler = std::move_only_function<void(Result<std::vector<std::string>>)>;

  // `resolver` empty: the system's.
  static Result<std::unique_ptr<Lookup>> start(Loop& loop, Resolver resolver, const std::string& host,
                                               Handler handler);

  struct Answer;
  Lookup(Descriptor answered, std::shared_ptr<Answer> answer, Handler handler);

 private:
  Handler handler_;
  std::shared_ptr<Answer> answer_;
  Descriptor answered_;
};

}  // namespace mq
