#include "net/crypto.hpp"

#include <doctest/doctest.h>

#include <set>

#include "base/text.hpp"

using namespace mq;

namespace {

std::string hex(const Result<Buffer>& bytes) { return bytes ? to_hex(*bytes) : bytes.error().text; }

}  // namespace

TEST_CASE("crypto: digests (FIPS 180-4)") {
  CHECK(hex(digest(Hash::sha256, "")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex(digest(Hash::sha256, "abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex(digest(Hash::sha512, "abc")) ==
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST_CASE("crypto: HMAC (RFC 4231)") {
  const std::string key(20, '\x0b');
  CHECK(hex(hmac(Hash::sha256, key, "Hi There")) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hex(hmac(Hash::sha512, key, "Hi There")) ==
        "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
        "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854");
  CHECK(hex(hmac(Hash::sha256, "Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hex(hmac(Hash::sha256, std::string(131, '\xaa'),
                 "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  CHECK(hex(hmac(Hash::sha256, "", "")) ==
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("crypto: PBKDF2 (RFC 7914, 11, and the exchange of RFC 7677, 3)") {
  CHECK(hex(pbkdf2(Hash::sha256, "passwd", "salt", 1)) ==
        "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
  CHECK(hex(pbkdf2(Hash::sha256, "Password", "NaCl", 80000)) ==
        "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56");
  CHECK(pbkdf2(Hash::sha512, "password", "salt", 2)->size() == 64);

  // SCRAM-SHA-256 of user "user" with password "pencil".
  const Buffer salted =
      pbkdf2(Hash::sha256, "pencil", from_base64("W22ZaJ0SNY7soEsUEjb6gQ==").value(), 4096).value();
  const Buffer stored = digest(Hash::sha256, hmac(Hash::sha256, salted, "Client Key").value()).value();
  const std::string nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  const std::string message =
      "n=user,r=rOprNGfwEbeRWgbNEkqO,r=" + nonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=" + nonce;
  Buffer proof = hmac(Hash::sha256, stored, message).value();
  const Buffer client_key = hmac(Hash::sha256, salted, "Client Key").value();
  for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ client_key[i]);
  CHECK(to_base64(proof) == "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
}

TEST_CASE("crypto: PBKDF2 of no iterations is refused") {
  const auto refused = pbkdf2(Hash::sha256, "a", "b", 0);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == ErrorKind::tls);
  CHECK_FALSE(pbkdf2(Hash::sha256, "a", "b", 0xFFFFFFFFU).has_value());
}

TEST_CASE("crypto: random bytes are as many as asked for, and others each time") {
  CHECK(secret_random_bytes(0)->empty());
  std::set<Buffer> seen;
  for (int i = 0; i < 100; ++i) seen.insert(secret_random_bytes(18).value());
  CHECK(seen.size() == 100);
  CHECK(seen.begin()->size() == 18);
}

TEST_CASE("crypto: equal in constant time") {
  CHECK(equal_in_constant_time("", ""));
  CHECK(equal_in_constant_time("abc", "abc"));
  CHECK_FALSE(equal_in_constant_time("abc", "abd"));
  CHECK_FALSE(equal_in_constant_time("xbc", "abc"));
  CHECK_FALSE(equal_in_constant_time("ab", "abc"));
}
