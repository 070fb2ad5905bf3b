// payload/jq.hpp made with libjq.
#pragma once

#include <memory>
#include <string>

#include "payload/jq.hpp"

namespace mq {

Result<std::unique_ptr<Jq>> make_jq_program(const std::string& program,
                                            JqOutOfMemory* out_of_memory = nullptr);

}  // namespace mq
