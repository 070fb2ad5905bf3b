// The beginning of an HTTP answer (RFC 9112): as much of it as tells whether the connection becomes something
// else and, if not, why. At most 8 KiB of header and the first line of the body. Owns its bytes. For net/
// alone.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace mq {

class HttpAnswer {
 public:
  enum class State {
    header,    // is not complete yet
    body,      // the header is, the first line of the body is not
    complete,  // nothing more is needed
  };

  HttpAnswer();
  ~HttpAnswer();

  // What came next. Errors are of kind connect: no HTTP, or more than 8 KiB of header. Interim answers (100,
  // 103) are passed over.
  Result<State> put(Bytes bytes);

  // When the header is complete: the status, the header itself, what follows it in the same bytes (status
  // 101 alone), and a field's value; several of one name are joined as one list.
  unsigned status() const;
  Bytes header() const;
  Bytes rest() const;
  std::string field(std::string_view name) const;

  // "HTTP 403 Forbidden: 'no such path'", "HTTP 301 Moved Permanently to 'https://...'"
  std::string text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mq
