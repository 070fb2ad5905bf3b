// How a line of input is a message: '%t %p' and the like, compiled once; then each line is taken apart into
// views of it, without copying.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "wire/version.hpp"

namespace mq {

// What a line says; empty what its format does not ask for.
struct LineParts {
  std::optional<std::string_view> topic;
  std::optional<QoS> qos;
  std::optional<bool> retain;
  Bytes payload;
};

class LineFormat {
 public:
  // %t topic, %p payload, %q QoS, %r retain (0 or 1), %% a percent sign; \t and \\ as they are used to be;
  // all else stands for itself. A topic or payload goes up to the next occurrence of the text behind it, or
  // to the end. Kind usage.
  static Result<LineFormat> compile(std::string_view format);

  bool gives_topic() const { return gives_topic_; }

  // Kind payload when the line does not fit.
  Result<LineParts> parse(Bytes line) const;

 private:
  struct Piece {
    char token = '\0';  // t, p, q, r; NUL: text
    std::string text{};
  };
  Result<void> take(const Piece& piece, const std::string* until, Bytes& rest, LineParts& parts) const;
  void add_text(char c);

  std::vector<Piece> pieces_;
  bool gives_topic_ = false;
};

}  // namespace mq
