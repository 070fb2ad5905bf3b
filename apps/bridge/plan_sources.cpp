#include "bridge/plan_sources.hpp"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string_view>

#include "base/system_error.hpp"
#include "base/text.hpp"
#include "bridge/treatment.hpp"
#include "net/tls.hpp"
#include "session/config.hpp"
#include "shared/secrets.hpp"

namespace mq {
namespace {

Error at(const EndpointPlan& endpoint, Error error) {
  error.text = fmt::format("endpoint {}: {}", endpoint.name, error.text);
  return error;
}

Result<void> read_endpoint_secrets(const EndpointPlan& endpoint, ConnectionSettings& connection) {
  auto done = read_secrets(connection);
  if (done) done = check(connection.client.session);
  if (!done) return std::unexpected(at(endpoint, std::move(done.error())));
  return {};
}

Result<void> try_file(const std::string& path, std::string_view what) {
  // A token's is none; nothing is asked for.
  if (path.empty() || path.starts_with("pkcs11:") || ::access(path.c_str(), R_OK) == 0) return {};
  return fail(ErrorKind::usage, fmt::format("{} {}: {}", what, mq::quoted(path), system_error(errno)));
}

Result<void> try_endpoint(const EndpointPlan& endpoint) {
  ConnectionSettings connection = endpoint.connection;
  if (!connection.secrets.password_command.empty()) {
    connection.secrets.password_command.clear();
    connection.client.session.password = "not known";
  }
  const TlsOptions& tls = connection.client.tls;
  for (const auto& [path, what] : {std::pair(&tls.ca_file, "cafile"),
                                   {&tls.ca_path, "capath"},
                                   {&tls.revocations, "crlfile"},
                                   {&tls.certificate, "cert"},
                                   {&tls.key, "key"}})
    if (auto tried = try_file(*path, what); !tried)
      return std::unexpected(at(endpoint, std::move(tried.error())));
  if (auto read = read_endpoint_secrets(endpoint, connection); !read) return read;
  const auto is_token = [](const std::string& name) { return name.starts_with("pkcs11:"); };
  if (std::ranges::none_of(connection.client.endpoints, &Endpoint::tls) || is_token(tls.certificate) ||
      is_token(tls.key))
    return {};
  if (auto made = TlsContext::make(connection.client.tls); !made)
    return std::unexpected(at(endpoint, std::move(made.error())));
  return {};
}

}  // namespace

Result<void> read_plan_secrets(BridgePlan& plan) {
  for (EndpointPlan& endpoint : plan.endpoints)
    if (auto read = read_endpoint_secrets(endpoint, endpoint.connection); !read) return read;
  return {};
}

Result<void> try_sources(const BridgePlan& plan) {
  for (const EndpointPlan& endpoint : plan.endpoints)
    if (auto tried = try_endpoint(endpoint); !tried) return tried;
  for (const RoutePlan& route : plan.routes)
    if (auto made = Treatment::make(route); !made) return std::unexpected(std::move(made.error()));
  return {};
}

Result<void> make_store_folder(const BridgePlan& plan, const std::string& usual_path) {
  if (plan.store != StoreKind::disk || plan.store_path != usual_path) return {};
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::path(usual_path).parent_path();
  if (std::filesystem::create_directories(folder, error))
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  if (!error) return {};
  return fail(ErrorKind::io,
              fmt::format("{} can't be made: {}", mq::quoted(folder.string()), error.message()), 0,
              "say where the store is to be with store-path");
}

}  // namespace mq
