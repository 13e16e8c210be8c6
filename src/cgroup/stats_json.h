// The statistics of a cgroup in runc's JSON: the `data` object of a "stats" event.
#pragma once

#include "cgroup/stats.h"
#include "json/writer.h"

namespace brig::cgroup {

// Writes `stats` as one JSON value. Members that runc leaves out when they are zero are left out;
// what only cgroup v1 counts is 0, as runc has it.
void write_stats(json::Writer& out, const Stats& stats);

}  // namespace brig::cgroup
