// Certificates and keys, good and bad, made by the openssl command once for each test program: their names
// are in make_certificates.
#pragma once

#include <string>

namespace mq {

// The path of one of the files: "root.pem".
std::string made(const std::string& name);

// Lines by which a listener of mosquitto shows one of the certificates, and trusts those of root.pem.
std::string tls_lines(const std::string& certificate = "server.pem");

}  // namespace mq
