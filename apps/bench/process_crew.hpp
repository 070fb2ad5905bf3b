// A crew that is a process of its own: more connections than one process may have descriptors for. It is
// forked before there are any threads, and so knows the whole plan; its clients are a shard of this process's
// share.
#pragma once

#include <memory>

#include "engine/crew.hpp"
#include "engine/load_plan.hpp"

namespace mq {

// Process `index` of `count`, with `plan.scenario.threads` threads each; called before any thread is started.
// What can't be prepared there is told by its verdict's errors, as is its end before its time: then it is
// lost, and all its clients count as finished. Destroyed, it ends the process.
Result<std::unique_ptr<Crew>> make_process_crew(Poller& poller, const LoadPlan& plan, unsigned index,
                                                unsigned count);

}  // namespace mq
