#include "client/ended.hpp"

#include <doctest/doctest.h>

using namespace mq;

TEST_CASE("a refusal is told in the server's words, made safe to show") {
  PropertyList properties;
  REQUIRE(properties.add(PropertyId::reason_string, "go away\x1b[31m"));
  const Error error = error_of(Connack{false, ReasonCode::not_authorized, properties.view()}, Version::v5);
  CHECK(error.kind == ErrorKind::refused);
  CHECK(error.text.starts_with("the server refused the connection: not authorized (0x87): 'go away"));
  CHECK(error.text.find('\x1b') == std::string::npos);
  CHECK_FALSE(error.hint.empty());
}

TEST_CASE("what can pass is tried again, what can't is not") {
  const auto worth = [](ErrorKind kind, ReasonCode reason = ReasonCode::success) {
    return worth_another_try({kind, "", value_of(reason), ""});
  };
  CHECK(worth(ErrorKind::connect));
  CHECK(worth(ErrorKind::timeout));
  CHECK(worth(ErrorKind::lost));
  CHECK(worth(ErrorKind::lost, ReasonCode::server_shutting_down));
  CHECK(worth(ErrorKind::refused, ReasonCode::server_unavailable));
  CHECK_FALSE(worth(ErrorKind::resolve));
  CHECK_FALSE(worth(ErrorKind::usage));
  CHECK_FALSE(worth(ErrorKind::tls));
  CHECK_FALSE(worth(ErrorKind::malformed));
  CHECK_FALSE(worth(ErrorKind::protocol));
  CHECK_FALSE(worth(ErrorKind::lost, ReasonCode::session_taken_over));
  CHECK_FALSE(worth(ErrorKind::refused, ReasonCode::bad_user_name_or_password));
}
