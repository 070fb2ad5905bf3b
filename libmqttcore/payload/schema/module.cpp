#include "payload/schema/loader.hpp"

extern "C" void mqttkit_schema(const std::string& file, const std::vector<std::string>& folders,
                               mq::Result<std::unique_ptr<mq::Schema>>& loaded) {
  loaded = mq::schema_of_file(file, folders);
}
