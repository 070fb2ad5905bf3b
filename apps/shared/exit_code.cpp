#include "shared/exit_code.hpp"

#include <array>

namespace mq {

std::span<const ExitRow> exit_rows() {
  static constexpr std::array<ExitRow, 12> rows{{
      {exit_done, "done", "The work is done"},
      {exit_failure, "other failure",
       "Something else failed: reading or writing broke off, or the server broke the protocol"},
      {exit_usage, "usage",
       "Options, their values or their combination are wrong, or a file that they name cannot be read; "
       "nothing was sent"},
      {exit_connect, "no connection",
       "No connection could be made: the name is unknown, nothing answered at the address, or the "
       "proxy, TLS or the WebSocket failed"},
      {exit_refused, "refused", "The server refused the connection in its CONNACK, for whatever reason"},
      {exit_timeout, "timed out", "A time limit passed before the work was done"},
      {exit_lost, "connection lost", "The connection ended while it was still needed"},
      {exit_payload, "payload", "A payload could not be decoded, or does not fit its schema"},
      {exit_denied, "denied", "The server refused to take a message or a subscription"},
      {exit_threshold, "expectation", "An expectation or a threshold was not met"},
      {exit_interrupt, "SIGINT", "Interrupted from the keyboard"},
      {exit_terminate, "SIGTERM", "Terminated"},
  }};
  return rows;
}

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return exit_usage;
    case ErrorKind::resolve:
    case ErrorKind::connect:
    case ErrorKind::tls:
      return exit_connect;
    case ErrorKind::timeout:
      return exit_timeout;
    case ErrorKind::refused:
      return exit_refused;
    case ErrorKind::denied:
      return exit_denied;
    case ErrorKind::malformed:
    case ErrorKind::protocol:
    case ErrorKind::io:
      return exit_failure;
    case ErrorKind::lost:
      return exit_lost;
    case ErrorKind::payload:
    case ErrorKind::schema:
      return exit_payload;
    case ErrorKind::threshold:
      return exit_threshold;
  }
  return exit_failure;
}

}  // namespace mq
