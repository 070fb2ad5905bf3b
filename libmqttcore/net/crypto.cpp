#include "net/crypto.hpp"

#include <array>
#include <string>
#include <utility>

#include "net/open_ssl.ipp"

namespace mq {
namespace {

using Digest = std::array<unsigned char, EVP_MAX_MD_SIZE>;

const EVP_MD* method(const OpenSsl& lib, Hash hash) {
  return hash == Hash::sha256 ? lib.EVP_sha256() : lib.EVP_sha512();
}

const unsigned char* unsigned_data(Bytes bytes) {
  // An empty view may have no address, which OpenSSL takes for no argument at all.
  return reinterpret_cast<const unsigned char*>(bytes.empty() ? "" : bytes.data());
}

Buffer first_of(const Digest& digest, std::size_t size) {
  return {reinterpret_cast<const char*>(digest.data()), size};
}

std::unexpected<Error> refused(std::string what) {
  return fail(ErrorKind::tls, "OpenSSL refuses to compute " + std::move(what));
}

}  // namespace

Result<Buffer> digest(Hash hash, Bytes data) {
  const auto lib = load_open_ssl();
  if (!lib) return std::unexpected(lib.error());
  Digest out;
  unsigned size = 0;
  if ((*lib)->EVP_Digest(unsigned_data(data), data.size(), out.data(), &size, method(**lib, hash), nullptr) !=
      1) {
    return refused("a digest");
  }
  return first_of(out, size);
}

Result<Buffer> hmac(Hash hash, Bytes key, Bytes data) {
  const auto lib = load_open_ssl();
  if (!lib) return std::unexpected(lib.error());
  Digest out;
  unsigned size = 0;
  if (!std::in_range<int>(key.size()) ||
      (*lib)->HMAC(method(**lib, hash), unsigned_data(key), static_cast<int>(key.size()), unsigned_data(data),
                   data.size(), out.data(), &size) == nullptr) {
    return refused("an HMAC");
  }
  return first_of(out, size);
}

Result<Buffer> pbkdf2(Hash hash, Bytes password, Bytes salt, unsigned iterations) {
  const auto lib = load_open_ssl();
  if (!lib) return std::unexpected(lib.error());
  Digest out;
  const int size = hash == Hash::sha256 ? 32 : 64;
  if (iterations == 0 || !std::in_range<int>(iterations) || !std::in_range<int>(password.size()) ||
      !std::in_range<int>(salt.size()) ||
      (*lib)->PKCS5_PBKDF2_HMAC(password.empty() ? "" : password.data(), static_cast<int>(password.size()),
                                unsigned_data(salt), static_cast<int>(salt.size()),
                                static_cast<int>(iterations), method(**lib, hash), size, out.data()) != 1) {
    return refused("PBKDF2");
  }
  return first_of(out, static_cast<std::size_t>(size));
}

Result<Buffer> secret_random_bytes(std::size_t count) {
  const auto lib = load_open_ssl();
  if (!lib) return std::unexpected(lib.error());
  Buffer out(count, '\0');
  if (!std::in_range<int>(count) ||
      (*lib)->RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1) {
    return refused("random bytes");
  }
  return out;
}

bool equal_in_constant_time(Bytes left, Bytes right) {
  if (left.size() != right.size()) return false;
  volatile std::uint8_t difference = 0;  // volatile: no compiler may stop at the first one
  for (std::size_t i = 0; i < left.size(); ++i) {
    difference = static_cast<std::uint8_t>(difference | (octet(left[i]) ^ octet(right[i])));
  }
  return difference == 0;
}

}  // namespace mq
