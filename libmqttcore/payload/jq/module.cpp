#include "payload/jq/jq_program.hpp"

extern "C" void mqttkit_jq(const std::string& program, mq::JqOutOfMemory* out_of_memory,
                           mq::Result<std::unique_ptr<mq::Jq>>& compiled) {
  compiled = mq::make_jq_program(program, out_of_memory);
}
