// A plugin that teaches mosquitto SCRAM-SHA-256 by Debian's libgsasl: an independent other side for enhanced
// authentication. One user, "ann", with the password "sesame".
#include <gsasl.h>
#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>

#include <cstdint>
#include <cstring>
#include <map>
#include <utility>

namespace {

struct Plugin {
  Gsasl* gsasl = nullptr;
  std::map<mosquitto*, Gsasl_session*> sessions;
};

int supply(Gsasl*, Gsasl_session* session, Gsasl_property property) {
  const char* user = gsasl_property_fast(session, GSASL_AUTHID);
  if (property == GSASL_PASSWORD && user != nullptr && std::strcmp(user, "ann") == 0) {
    gsasl_property_set(session, GSASL_PASSWORD, "sesame");
    return GSASL_OK;
  }
  return GSASL_NO_CALLBACK;
}

int step(Plugin& plugin, mosquitto_evt_extended_auth& event) {
  Gsasl_session* session = plugin.sessions[event.client];
  char* out = nullptr;
  std::size_t size = 0;
  const int result =
      gsasl_step(session, static_cast<const char*>(event.data_in), event.data_in_len, &out, &size);
  if (result == GSASL_OK || result == GSASL_NEEDS_MORE) {
    event.data_out = mosquitto_malloc(size);
    std::memcpy(event.data_out, out, size);
    event.data_out_len = static_cast<std::uint16_t>(size);
    gsasl_free(out);
  }
  if (result == GSASL_NEEDS_MORE) return MOSQ_ERR_AUTH_CONTINUE;
  gsasl_finish(session);
  plugin.sessions.erase(event.client);
  return result == GSASL_OK ? MOSQ_ERR_SUCCESS : MOSQ_ERR_AUTH;
}

int on_start(int, void* data, void* user) {
  auto& plugin = *static_cast<Plugin*>(user);
  auto& event = *static_cast<mosquitto_evt_extended_auth*>(data);
  if (std::strcmp(event.auth_method, "SCRAM-SHA-256") != 0) return MOSQ_ERR_NOT_SUPPORTED;
  Gsasl_session* session = nullptr;
  if (gsasl_server_start(plugin.gsasl, "SCRAM-SHA-256", &session) != GSASL_OK) return MOSQ_ERR_AUTH;
  if (Gsasl_session* before = std::exchange(plugin.sessions[event.client], session)) gsasl_finish(before);
  return step(plugin, event);
}

int on_continue(int, void* data, void* user) {
  auto& plugin = *static_cast<Plugin*>(user);
  auto& event = *static_cast<mosquitto_evt_extended_auth*>(data);
  if (!plugin.sessions.contains(event.client)) return MOSQ_ERR_AUTH;
  return step(plugin, event);
}

}  // namespace

extern "C" {

int mosquitto_plugin_version(int count, const int* versions) {
  for (int i = 0; i < count; ++i)
    if (versions[i] == 5) return 5;
  return -1;
}

int mosquitto_plugin_init(mosquitto_plugin_id_t* id, void** data, mosquitto_opt*, int) {
  auto* plugin = new Plugin;
  gsasl_init(&plugin->gsasl);
  gsasl_callback_set(plugin->gsasl, supply);
  mosquitto_callback_register(id, MOSQ_EVT_EXT_AUTH_START, on_start, nullptr, plugin);
  mosquitto_callback_register(id, MOSQ_EVT_EXT_AUTH_CONTINUE, on_continue, nullptr, plugin);
  *data = plugin;
  return MOSQ_ERR_SUCCESS;
}

int mosquitto_plugin_cleanup(void* data, mosquitto_opt*, int) {
  auto* plugin = static_cast<Plugin*>(data);
  for (auto& [client, session] : plugin->sessions) gsasl_finish(session);
  gsasl_done(plugin->gsasl);
  delete plugin;
  return MOSQ_ERR_SUCCESS;
}
}
