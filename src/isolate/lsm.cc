#include "isolate/lsm.h"

#include <fcntl.h>
#include <linux/magic.h>

#include "base/concat.h"
#include "brig/error.h"
#include "sys/file.h"
#include "sys/procfs.h"

// Where the cause is known its errno is not repeated: engines take "no such file or directory" for
// a missing program.

namespace brig::isolate {

namespace {

constexpr const char* kApparmorSwitch = "/sys/module/apparmor/parameters/enabled";
constexpr const char* kSelinuxDirectory = "/sys/fs/selinux";
constexpr const char* kApparmorExec = "self/attr/apparmor/exec";
// SELinux has no folder of its own below attr, as AppArmor has since Linux 5.8.
constexpr const char* kSelinuxExec = "self/attr/exec";

[[noreturn]] void throw_apparmor_disabled(const std::string& profile) {
  throw Error(concat("process.apparmorProfile: apparmor is not enabled on this host, so profile \"",
                     profile, "\" cannot be applied; boot with it enabled or remove the property"));
}

[[noreturn]] void throw_selinux_disabled(const std::string& label) {
  throw Error(concat("process.selinuxLabel: selinux is not enabled on this host, so label \"",
                     label, "\" cannot be applied; boot with it enabled or remove the property"));
}

}  // namespace

bool apparmor_enabled() {
  const sys::Result<std::string> enabled = sys::read_file_at(AT_FDCWD, kApparmorSwitch);
  return enabled && (*enabled).starts_with('Y');
}

bool selinux_enabled() {
  const sys::Result<sys::OwnFd> directory =
      sys::open_at(AT_FDCWD, kSelinuxDirectory, O_PATH | O_DIRECTORY);
  if (!directory) return false;
  const sys::Result<std::uint64_t> type = sys::file_system_type((*directory).get());
  return type && *type == SELINUX_MAGIC;
}

void check_lsm(const Process& process) {
  if (!process.apparmor_profile.empty() && !apparmor_enabled())
    throw_apparmor_disabled(process.apparmor_profile);
  if (!process.selinux_label.empty() && !selinux_enabled())
    throw_selinux_disabled(process.selinux_label);
}

void set_apparmor_profile(int proc, const std::string& profile) {
  const sys::Result<sys::OwnFd> file = sys::open_proc_file(proc, kApparmorExec, O_WRONLY);
  if (file.error() == ENOENT) throw_apparmor_disabled(profile);
  if (!file)
    throw Error(concat("process.apparmorProfile: open `/proc/", kApparmorExec, "`"), file.error());
  const sys::Result<void> written = sys::write_all((*file).get(), concat("exec ", profile));
  if (written.error() == ENOENT)
    throw Error(concat("process.apparmorProfile: profile \"", profile,
                       "\" is not loaded: write to `/proc/", kApparmorExec, "`"));
  written.or_throw("process.apparmorProfile: apply \"", profile, "\": write to `/proc/",
                   kApparmorExec, "`");
}

void set_selinux_label(int proc, const std::string& label) {
  const sys::Result<void> written = sys::write_proc_file(proc, kSelinuxExec, label);
  if (written.error() == EINVAL)
    throw Error(concat("process.selinuxLabel: \"", label,
                       "\" is not a label of the loaded policy, or selinux is not enabled: write "
                       "to `/proc/",
                       kSelinuxExec, "`"),
                EINVAL);
  written.or_throw("process.selinuxLabel: apply \"", label, "\": write to `/proc/", kSelinuxExec,
                   "`");
}

}  // namespace brig::isolate
