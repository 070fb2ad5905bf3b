// mqtt-bridge import.
#pragma once

namespace mq {

int run_import(int argc, char** argv);

}  // namespace mq
