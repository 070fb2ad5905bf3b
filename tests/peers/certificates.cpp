#include "peers/certificates.hpp"

#include "peers/process.hpp"
#include "peers/temp_dir.hpp"

namespace mq {

std::string made(const std::string& name) {
  static const TempDir dir;
  static const Outcome outcome =
      run({.command = {MQTTKIT_SOURCE_DIR "/tests/peers/make_certificates", dir.path()}});
  if (outcome.code != 0) throw PeerFailure("make_certificates failed; is openssl installed? " + outcome.err);
  return dir.file(name);
}

std::string tls_lines(const std::string& certificate) {
  return "cafile " + made("root.pem") + "\ncertfile " + made(certificate) + "\nkeyfile " + made("leaf.key") +
         "\n";
}

}  // namespace mq
