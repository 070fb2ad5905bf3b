#include "peers/nginx.hpp"

#include "peers/file_handle.hpp"

namespace mq {
namespace {

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

// One process in the foreground that writes nowhere but below `dir`.
std::string configuration(const std::string& dir, std::string blocks) {
  std::string text =
      "load_module /usr/lib/nginx/modules/ngx_stream_module.so;\n"
      "daemon off;\nmaster_process off;\nerror_log stderr notice;\nevents {}\n";
  text += "pid " + dir + "/pid;\n";
  std::string temporary;
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    temporary.append(kind).append("_temp_path ").append(dir).append("/").append(kind).append(";\n");
  replace_all(blocks, "http {", "http {\naccess_log off;\n" + temporary);
  return text + blocks;
}

}  // namespace

Nginx::Nginx(const std::string& blocks) {
  for (int attempt = 0; attempt < 20; ++attempt) {
    port_ = free_port();
    std::string text = configuration(dir_.path(), blocks);
    replace_all(text, "{port}", std::to_string(port_));
    process_.emplace(Launch{
        .command = {"nginx", "-p", dir_.path(), "-e", "stderr", "-c", dir_.write("nginx.conf", text)}});
    try {
      process_->await_err("getrlimit(RLIMIT_NOFILE)");
      return;
    } catch (const PeerFailure&) {
      if (process_->err().find("Address already in use") == std::string::npos) throw;
    }
  }
  throw PeerFailure("nginx found no free port");
}

}  // namespace mq
