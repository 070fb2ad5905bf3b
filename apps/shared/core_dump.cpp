#include "shared/core_dump.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

namespace mq {

bool holds_secret(const ConnectionSettings& settings) {
  const ClientConfig& client = settings.client;
  const SecretSources& sources = settings.secrets;
  const bool named = std::ranges::any_of(
      settings.servers, [](const NamedServer& server) { return server.password.has_value(); });
  return named || client.session.password || sources.any_password() || !sources.key_password_file.empty() ||
         !client.tls.key.empty() || !client.tls.certificate.empty() || client.tls.key_password ||
         !client.tls.psk.empty() || settings.auth_data || client.authentication ||
         client.session.properties.view().contains(PropertyId::authentication_data) ||
         (client.open.proxy && client.open.proxy->password) || !client.open.web_socket.headers.empty() ||
         !settings.shown_secrets.empty();
}

void leave_memory_out_of_core_dumps() {
  const int file = ::open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  // Of the bits only "ELF headers", by which a debugger finds the program and its libraries.
  constexpr std::string_view headers_alone = "0x10";
  (void)!::write(file, headers_alone.data(), headers_alone.size());
  ::close(file);
}

}  // namespace mq
