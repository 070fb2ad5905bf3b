// The exchange of RFC 7677, section 3, what a wrong server does, and SCRAM-SHA-512 against itself.
#include "client/scram.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"

namespace mq {
namespace {

constexpr std::string_view challenge =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

Scram of_the_rfc() { return {Hash::sha256, "user", "pencil", "rOprNGfwEbeRWgbNEkqO"}; }

std::string answer_to(std::string_view text) {
  Scram scram = of_the_rfc();
  REQUIRE(scram.begin());
  const auto answer = scram.answer(text);
  if (answer) return *answer;
  CHECK(answer.error().kind == ErrorKind::refused);
  return answer.error().text;
}

}  // namespace

TEST_CASE("SCRAM-SHA-256: the example of RFC 7677") {
  Scram scram = of_the_rfc();
  CHECK(scram.begin().value() == "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  CHECK(scram.answer(challenge).value() ==
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  CHECK(scram.finish("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
  // It counts once.
  CHECK_FALSE(scram.finish("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
}

TEST_CASE("SCRAM-SHA-512: figures made with Python's hashlib and hmac") {
  Scram scram(Hash::sha512, "user", "pencil", "rOprNGfwEbeRWgbNEkqO");
  REQUIRE(scram.begin());
  CHECK(
      scram
          .answer(
              "r=rOprNGfwEbeRWgbNEkqO02431b08-2f0c-4bad-a4c7-9a6b2d5d5b1c,s=c2FsdCBvZiBzaXh0ZWVuIQ==,i=4096")
          .value() ==
      "c=biws,r=rOprNGfwEbeRWgbNEkqO02431b08-2f0c-4bad-a4c7-9a6b2d5d5b1c,"
      "p=h/5YZGGS7o3dBq4TZCaReelxG8ou/W+2ZeqBXOYLpWL7sq5fflHkDynAfi6QkWIb0wfVYecxd6i7yExlX//o5w==");
  CHECK(scram.finish(
      "v=mS6wlgOwX6kW/qfcYY9X4smyc/dcb+P3i5vANdaUoOl1yQtLTOX/ddonx8AaJljWBtflviQyOX1JH118ZCAPsg=="));
}

TEST_CASE("SCRAM: a server that doesn't know the password is found out") {
  for (const char* last : {"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G8=", "v=", "", "x", "v=!!"}) {
    Scram scram = of_the_rfc();
    REQUIRE(scram.begin());
    REQUIRE(scram.answer(challenge));
    const auto finished = scram.finish(last);
    REQUIRE_FALSE(finished);
    CHECK(finished.error().text == "the server could not prove that it knows the password");
  }
  Scram early = of_the_rfc();
  REQUIRE(early.begin());
  CHECK_FALSE(early.finish("v="));
  Scram told = of_the_rfc();
  REQUIRE(told.begin());
  REQUIRE(told.answer(challenge));
  CHECK(told.finish("e=invalid-proof").error().text ==
        "the server refused the SCRAM exchange: 'invalid-proof'");
}

TEST_CASE("SCRAM: challenges that are wrong or too much") {
  const std::string nonsense = "the server's SCRAM challenge makes no sense";
  const std::string alien = "the server's SCRAM challenge answers somebody else";
  CHECK(answer_to("") == nonsense);
  CHECK(answer_to("r=") == nonsense);
  CHECK(answer_to("m=ext,r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=4096") == nonsense);
  CHECK(answer_to("r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096") == nonsense);
  CHECK(answer_to("r=rOprNGfwEbeRWgbNEkqOx,s=!,i=4096") == nonsense);
  CHECK(answer_to("r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=x") == nonsense);
  CHECK(answer_to("r=rOprNGfwEbeRWgbNEkqO,s=AAAA,i=4096") == alien);
  CHECK(answer_to("r=xOprNGfwEbeRWgbNEkqOx,s=AAAA,i=4096") == alien);
  CHECK(answer_to("r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=4095") ==
        "the server asks for 4095 SCRAM iterations; 4096 to 1000000 are right");
  CHECK(answer_to("r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=4000000000") ==
        "the server asks for 4000000000 SCRAM iterations; 4096 to 1000000 are right");
  Scram twice = of_the_rfc();
  REQUIRE(twice.begin());
  REQUIRE(twice.answer(challenge));
  CHECK_FALSE(twice.answer(challenge));
}

TEST_CASE("SCRAM: names are escaped, nonces are new each time, methods have names") {
  Scram escaped(Hash::sha256, "a=b,c", "p", "n");
  CHECK(escaped.begin().value() == "n,,n=a=3Db=2Cc,r=n");
  Scram random(Hash::sha256, "u", "p");
  const auto first = random.begin();
  REQUIRE(first);
  CHECK(first->size() > 30);
  CHECK(*first != random.begin().value());
  CHECK(scram("SCRAM-SHA-256", "u", "p") != nullptr);
  CHECK(scram("SCRAM-SHA-512", "u", "p") != nullptr);
  CHECK(scram("SCRAM-SHA-1", "u", "p") == nullptr);
}

}  // namespace mq
