// Turns the config's mounts, devices, masked and read-only paths into a list of operations. Pure:
// it makes no system call, so unit tests show every decision without root.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "brig/config.h"
#include "rootfs/mount_options.h"

namespace brig::rootfs {

// What the plan must know beside the config.
struct RootfsContext {
  std::string rootfs;                     // absolute path of root.path on the host
  std::string bundle;                     // absolute; relative bind sources start here
  bool user_namespace = false;            // the container has its own, new or joined
  bool private_cgroup_namespace = false;  // new or joined: cgroup2 shows the container's part only
  // False for a caller that may not clone mounts, as it is neither root on the host nor of a user
  // namespace that owns its mount namespace: the child, which may, opens all sources.
  bool caller_may_mount = true;
  bool private_pid_namespace = false;  // new or joined: /proc shows the container's processes
  bool no_pivot = false;
  bool caller_is_host_root = false;
  std::string cgroup_mount;      // the host's cgroup2 mount point; empty: there is none
  std::string cgroup_directory;  // the container's cgroup as a host path; empty: none
};

enum class MountKind : std::uint8_t {
  kBind,
  kFileSystem,  // a new one, by fsopen(2)
  kRemount,     // `remount`: the mount that is there changes
  kCgroup,      // the container's view of cgroup2
};

// One entry of `mounts`.
struct MountOperation {
  std::string name;  // for messages: "mounts[3] (/proc)"
  MountKind kind = MountKind::kFileSystem;
  std::string destination;  // cleaned: "/dev/pts"
  std::string type;
  std::string source;  // a bind's is absolute
  MountOptions options;
  // Applied once everything is in place, because files are made in the mount before.
  bool late_readonly = false;
  // Bind: the parent opens the source, because the child cannot reach it (user namespace) or may
  // not map its ids.
  bool opened_by_parent = false;
  std::vector<IdMapping> uid_mappings;  // idmapped: its own mappings; empty: the container's
  std::vector<IdMapping> gid_mappings;
};

// One device node to make, or to bind when it cannot be made.
struct DeviceOperation {
  Device device;
  std::string name;         // for messages: "linux.devices[0] (/dev/fuse)"
  bool configured = false;  // from linux.devices: an existing node must match (config-linux.md)
  bool bind = false;        // in a user namespace mknod(2) is refused: bind the host's node
};

struct RootfsPlan {
  RootfsContext context;
  RootfsPropagation propagation;            // default rslave
  std::vector<MountOperation> mounts;       // in the order of the config
  bool set_up_dev = true;                   // false when the config binds a whole /dev
  std::vector<DeviceOperation> devices;     // default devices first; none without set_up_dev
  std::vector<std::string> masked_paths;    // cleaned, no duplicates
  std::vector<std::string> readonly_paths;  // the same
  bool readonly = false;                    // root.readonly
  // The SELinux label of every new mount but proc, sysfs and mqueue, as key="context" (or what
  // annotation run.oci.mount_context_type says) and linux.mountLabel. An empty value: none.
  FileSystemParameter label;
  // Nothing needs the host's mounts once the sources are open: where the kernel can do it, the
  // mount namespace starts with the root file system alone (lone_root.h).
  bool starts_alone = false;
};

// Throws Error naming the JSON path for what cannot be done: no mount namespace, a bind with file
// system data, idmap on something that is no bind or without mappings, private propagation with
// --no-pivot, a NUL byte in a path. `config.root` must be there.
RootfsPlan plan_rootfs(const Config& config, const RootfsContext& context);

// Whether a mount may cover `target`, the real path of its mount point inside the root. Below /proc
// only a few files that container managers emulate may be covered, and /proc itself only by procfs
// (`is_procfs`): everything that trusts /proc would be deceived (CVE-2019-16884, CVE-2019-19921).
bool may_cover(const std::string& target, bool is_procfs);

}  // namespace brig::rootfs
