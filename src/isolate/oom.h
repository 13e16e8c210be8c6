// process.oomScoreAdj.
#pragma once

#include <cstdint>

namespace brig::isolate {

// Host side, for the process behind `process_dir` (sys::open_process_directory()): lowering the
// value needs CAP_SYS_RESOURCE in the initial user namespace, which a container's own root does not
// have. Out of reach is an error, as in runc.
void set_oom_score_adj(int process_dir, std::int32_t value);

}  // namespace brig::isolate
