#include "oci/default_spec.h"

#include <string_view>
#include <vector>

#include "brig/version.h"
#include "json/writer.h"

namespace brig::oci {

using json::Writer;

namespace {

using Words = std::vector<std::string_view>;

struct ExampleMount {
  std::string_view destination;
  std::string_view type;
  std::string_view source;
  Words options;
};

std::vector<ExampleMount> example_mounts() {
  return {
      {"/proc", "proc", "proc", {}},
      {"/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}},
      {"/dev/pts",
       "devpts",
       "devpts",
       {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}},
      {"/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}},
      {"/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}},
      {"/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}},
      {"/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", "relatime", "ro"}},
  };
}

// An unprivileged user cannot mount a sysfs without a network namespace, and has no group 5.
std::vector<ExampleMount> rootless_mounts() {
  std::vector<ExampleMount> mounts = example_mounts();
  for (ExampleMount& mount : mounts) {
    if (mount.destination == "/sys")
      mount = {"/sys", "none", "/sys", {"rbind", "nosuid", "noexec", "nodev", "ro"}};
    std::erase_if(mount.options, [](std::string_view option) {
      return option.starts_with("uid=") || option.starts_with("gid=");
    });
  }
  return mounts;
}

void write_process(Writer& out) {
  const Words capabilities{"CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"};
  out.object("process", [&] {
    out.member("terminal", true);
    out.object("user", [&] {
      out.member("uid", 0);
      out.member("gid", 0);
    });
    out.member("args", Words{"sh"});
    out.member("env", Words{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                            "TERM=xterm"});
    out.member("cwd", "/");
    out.object("capabilities", [&] {
      out.member("bounding", capabilities);
      out.member("effective", capabilities);
      out.member("permitted", capabilities);
    });
    out.array("rlimits", [&] {
      out.object([&] {
        out.member("type", "RLIMIT_NOFILE");
        out.member("hard", 1024);
        out.member("soft", 1024);
      });
    });
    out.member("noNewPrivileges", true);
  });
}

void write_mounts(Writer& out, const std::vector<ExampleMount>& mounts) {
  out.array("mounts", [&] {
    for (const ExampleMount& mount : mounts)
      out.object([&] {
        out.member("destination", mount.destination);
        out.member("type", mount.type);
        out.member("source", mount.source);
        out.member_unless_empty("options", mount.options);
      });
  });
}

void write_namespaces(Writer& out, const DefaultSpec& options) {
  Words types{"pid"};
  if (!options.rootless) types.emplace_back("network");
  types.insert(types.end(), {"ipc", "uts", "mount"});
  if (options.cgroup_namespace) types.emplace_back("cgroup");
  if (options.rootless) types.emplace_back("user");
  out.array("namespaces", [&] {
    for (const std::string_view type : types) out.object([&] { out.member("type", type); });
  });
}

void write_single_mapping(Writer& out, std::string_view name, std::uint32_t host_id) {
  out.array(name, [&] {
    out.object([&] {
      out.member("containerID", 0);
      out.member("hostID", host_id);
      out.member("size", 1);
    });
  });
}

// Denies every device; the runtime adds the ones each container needs.
void write_resources(Writer& out) {
  out.object("resources", [&] {
    out.array("devices", [&] {
      out.object([&] {
        out.member("allow", false);
        out.member("access", "rwm");
      });
    });
  });
}

void write_linux(Writer& out, const DefaultSpec& options) {
  out.object("linux", [&] {
    if (options.rootless) {
      write_single_mapping(out, "uidMappings", options.uid);
      write_single_mapping(out, "gidMappings", options.gid);
    } else {
      write_resources(out);
    }
    write_namespaces(out, options);
    out.member("maskedPaths", Words{"/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys",
                                    "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
                                    "/proc/sched_debug", "/sys/firmware", "/proc/scsi"});
    out.member("readonlyPaths",
               Words{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"});
  });
}

}  // namespace

std::string default_spec(const DefaultSpec& options) {
  Writer out(json::Indent::kTab);
  out.object([&] {
    out.member("ociVersion", kSpecVersion);
    write_process(out);
    out.object("root", [&] {
      out.member("path", "rootfs");
      out.member("readonly", true);
    });
    out.member("hostname", "runc");
    write_mounts(out, options.rootless ? rootless_mounts() : example_mounts());
    write_linux(out, options);
  });
  return std::move(out).take();
}

}  // namespace brig::oci
