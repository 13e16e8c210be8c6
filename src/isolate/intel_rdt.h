// linux.intelRdt: the container's share of caches and memory bandwidth, and their monitoring, by
// groups of the resctrl file system. Host side.
//
// A class of service (CLOS) is a directory of that file system, a monitoring group one below its
// mon_groups; the kernel puts files into both: `schemata` sets the shares, `tasks` takes threads.
// `root` is the mount point everywhere, so that tests can use a plain directory instead.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "brig/config.h"
#include "oci/state.h"

namespace brig::isolate {

// The mount point of resctrl; an Error when it is not mounted.
std::string find_resctrl();

// What must be done for a container.
struct RdtPlan {
  oci::RdtGroup group;
  bool make_clos = false;
  std::vector<std::string> schemata;  // lines to write, in this order
};

// Applies the rules of the specification about closID and the schemas, with a look at what exists.
RdtPlan plan_intel_rdt(const IntelRdt& config, const std::string& id, const std::string& root);

// The groups that make_rdt_groups() made itself: what an undo must remove.
struct RdtMade {
  bool clos = false;
  bool monitoring = false;
};

// Makes the groups and writes the schemata. `made` is right also when it throws.
void make_rdt_groups(const RdtPlan& plan, const std::string& root, RdtMade& made);
void unmake_rdt_groups(const RdtPlan& plan, const RdtMade& made);

// Writes schemata to the group, one line at a time.
void write_schemata(const oci::RdtGroup& group, const std::vector<std::string>& lines,
                    const std::string& root);

// Puts one thread into the group and its monitoring group; what it starts later follows.
void join_rdt_group(const oci::RdtGroup& group, pid_t thread);

// When the container is deleted: its monitoring group and, if brig made it for this container
// alone, its class of service.
void remove_rdt_group(const oci::RdtGroup& group);

// True when the lines of a `schemata` file say what `schema` says about each cache it names.
[[nodiscard]] bool matches_schemata(std::string_view schema, std::string_view schemata);

}  // namespace brig::isolate
