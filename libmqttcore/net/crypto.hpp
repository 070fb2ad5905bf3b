// Hashes, keyed hashes and random bytes, by OpenSSL 3, which is loaded at the first call. Results are the
// caller's own. An error is of kind tls: OpenSSL is missing or refuses to compute (PBKDF2 of no iterations).
#pragma once

#include <cstddef>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace mq {

enum class Hash { sha256, sha512 };

Result<Buffer> digest(Hash hash, Bytes data);
Result<Buffer> hmac(Hash hash, Bytes key, Bytes data);
// RFC 8018, 5.2, with HMAC; as many bytes as the hash has. It takes as long as `iterations` says: who has
// them from a peer bounds them first.
Result<Buffer> pbkdf2(Hash hash, Bytes password, Bytes salt, unsigned iterations);

// Fit for keys and nonces.
Result<Buffer> secret_random_bytes(std::size_t count);

// Takes the same time wherever they differ; different lengths show at once. Needs no OpenSSL.
bool equal_in_constant_time(Bytes left, Bytes right);

}  // namespace mq
