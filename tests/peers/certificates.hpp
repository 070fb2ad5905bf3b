// Certificates and keys, good and bad, made by the openssl command once for each test program: their names
// are in make_certificates.
#pragma once

#include <string>

namespace mq {

// The path of one of the files: "root.pem".
std::string made(const std::string& name);

}  // namespace mq
