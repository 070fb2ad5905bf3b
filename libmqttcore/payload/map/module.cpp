#include "payload/map/map_file.hpp"

extern "C" void mqttkit_map(const std::string& file, mq::Result<std::vector<mq::PayloadRule>>& loaded) {
  loaded = mq::read_map_file(file);
}
