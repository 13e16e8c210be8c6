// What there is while no worker is at work: of the runtime's that must be gone, and of the kernel's
// that must not grow.
#pragma once

#include <string>

namespace soak {

// Where it looks.
struct Places {
  std::string root;    // the runtime's --root
  std::string folder;  // of the test: what is in it in the beginning stays
  std::string cgroup;  // the parent of all containers' cgroups, a path of the host
};

struct Sample {
  unsigned lifecycles = 0;
  // Must be 0.
  long processes = 0;
  long cgroups = 0;
  // Must be as in the first sample.
  long mounts = 0;
  long descriptors = 0;  // of the process that looks
  long files = 0;        // below root and folder, without compiled filters
  // Must stay bounded.
  long filters = 0;
  long dying_cgroups = 0;
  // Of the machine, on which others may be at work: only shown.
  long open_files = 0;
  long slab_kb = 0;
  long net_namespaces = -1;  // -1: not readable
};

Sample look(const Places& places, unsigned lifecycles);

// What is there that ought not to be: "process 12 (sleep); file ...". At most some of it.
std::string name_leftovers(const Places& places);

// The head of a table, and a line of it.
void print_head();
void print_sample(const Sample& sample);
// False when something was left, or is more than in the first; says what.
bool is_flat(const Sample& first, const Sample& sample);

}  // namespace soak
