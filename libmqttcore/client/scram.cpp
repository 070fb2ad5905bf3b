#include <fmt/core.h>

#include <utility>

#include "base/text.hpp"
#include "base/wipe.hpp"
#include "client/scram.hpp"

namespace mq {
namespace {

// No channel binding: MQTT has no name for it.
constexpr std::string_view gs2_header = "n,,";
// A server that asks for more would keep us busy for a second.
constexpr unsigned most_iterations = 1'000'000;
constexpr unsigned least_iterations = 4096;  // RFC 7677, section 4

std::unexpected<Error> refuse(std::string text) { return fail(ErrorKind::refused, std::move(text)); }

// RFC 5802, 5.1: names can't hold ',' and '=' themselves.
std::string escaped(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == ',')
      out += "=2C";
    else if (c == '=')
      out += "=3D";
    else
      out += c;
  }
  return out;
}

// The value of the attribute that `text` begins with, which is taken off together with the comma behind it.
std::optional<std::string_view> take(std::string_view& text, char name) {
  if (text.size() < 2 || text[0] != name || text[1] != '=') return std::nullopt;
  const std::size_t end = std::min(text.find(','), text.size());
  const std::string_view value = text.substr(2, end - 2);
  text.remove_prefix(std::min(end + 1, text.size()));
  return value;
}

Buffer exclusive_or(Bytes left, Bytes right) {
  Buffer out(left);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<char>(octet(out[i]) ^ octet(right[i]));
  return out;
}

}  // namespace

Scram::Scram(Hash hash, std::string user_name, std::string password, std::string nonce)
    : hash_(hash),
      user_name_(std::move(user_name)),
      password_(std::move(password)),
      given_nonce_(std::move(nonce)) {}

Result<Buffer> Scram::begin() {
  nonce_ = given_nonce_;
  if (nonce_.empty()) {
    auto random = secret_random_bytes(24);
    if (!random) return random;
    nonce_ = to_base64(*random);
  }
  first_ = fmt::format("n={},r={}", escaped(user_name_), nonce_);
  signature_.clear();
  return std::string(gs2_header).append(first_);
}

Result<Buffer> Scram::answer(Bytes challenge) {
  if (!signature_.empty()) return refuse("the server began the SCRAM exchange anew");
  std::string_view rest = challenge;
  const auto nonce = take(rest, 'r');
  const auto salt_text = take(rest, 's');
  const auto count = take(rest, 'i');
  const auto salt = salt_text ? from_base64(*salt_text) : std::nullopt;
  const auto iterations = count ? parse_number<unsigned>(*count) : std::nullopt;
  if (!nonce || !salt || salt->empty() || !iterations)
    return refuse("the server's SCRAM challenge makes no sense");
  if (nonce->size() <= nonce_.size() || !nonce->starts_with(nonce_))
    return refuse("the server's SCRAM challenge answers somebody else");
  if (*iterations < least_iterations || *iterations > most_iterations)
    return refuse(fmt::format("the server asks for {} SCRAM iterations; {} to {} are right", *iterations,
                              least_iterations, most_iterations));
  return prove(challenge, *nonce, *salt, *iterations);
}

// RFC 5802, section 3.
Result<Buffer> Scram::prove(Bytes challenge, std::string_view nonce, Bytes salt, unsigned iterations) {
  auto salted = pbkdf2(hash_, password_, salt, iterations);
  if (!salted) return salted;
  auto client_key = hmac(hash_, *salted, "Client Key");
  const auto server_key = hmac(hash_, *salted, "Server Key");
  wipe(*salted);  // as good as the password
  if (!client_key) return client_key;
  if (!server_key) return server_key;
  const auto stored_key = digest(hash_, *client_key);
  if (!stored_key) return stored_key;
  const std::string last = fmt::format("c={},r={}", to_base64(gs2_header), nonce);
  const std::string message = fmt::format("{},{},{}", first_, challenge, last);
  const auto client_signature = hmac(hash_, *stored_key, message);
  auto server_signature = hmac(hash_, *server_key, message);
  if (!client_signature) return client_signature;
  if (!server_signature) return server_signature;
  signature_ = std::move(*server_signature);
  const Buffer proof = exclusive_or(*client_key, *client_signature);
  wipe(*client_key);
  return fmt::format("{},p={}", last, to_base64(proof));
}

Result<void> Scram::finish(Bytes data) {
  std::string_view rest = data;
  if (const auto error = take(rest, 'e'))
    return refuse(fmt::format("the server refused the SCRAM exchange: {}", quoted(*error, 100)));
  const auto text = take(rest, 'v');
  const auto signature = text ? from_base64(*text) : std::nullopt;
  // Who can't sign doesn't know the password: it is not our server.
  if (signature_.empty() || !signature || !equal_in_constant_time(*signature, std::exchange(signature_, {})))
    return refuse("the server could not prove that it knows the password");
  return {};
}

std::unique_ptr<Authentication> scram(const std::string& method, std::string user_name,
                                      std::string password) {
  if (method == "SCRAM-SHA-256")
    return std::make_unique<Scram>(Hash::sha256, std::move(user_name), std::move(password));
  if (method == "SCRAM-SHA-512")
    return std::make_unique<Scram>(Hash::sha512, std::move(user_name), std::move(password));
  return nullptr;
}

}  // namespace mq
