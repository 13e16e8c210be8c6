#include "isolate/keyring.h"

#include "base/concat.h"
#include "base/scope_exit.h"
#include "brig/error.h"
#include "sys/keyring.h"
#include "sys/procfs.h"

namespace brig::isolate {

namespace {

constexpr const char* kKeyLabelFile = "self/attr/keycreate";

// Permissions of a key ring, keyctl_setperm(3): everything for its possessor, view, read and link
// for its user, which is what the kernel gives a new session key ring, and on top search for its
// user, without which exec would not find it by name but make another. In a user namespace search
// is for all, as runc has it: names are looked up within one user namespace only.
constexpr std::uint32_t kPossessorAll = 0x3f000000;
constexpr std::uint32_t kUserViewReadLink = 0x00130000;
constexpr std::uint32_t kUserSearch = 0x00080000;
constexpr std::uint32_t kOtherSearch = 0x00000008;

void join(const KeyringOptions& options) {
  const std::string name = concat("_ses.", options.container_id);
  const sys::Result<std::int32_t> key = sys::join_session_keyring(name);
  if (key.error() == ENOSYS) return;  // a kernel without key rings has none to share
  if (key.error() == EDQUOT)
    throw Error(concat("join the session key ring ", name,
                       ": the user's quota of keys is used up; raise /proc/sys/kernel/keys/maxkeys "
                       "(root_maxkeys for root) or use --no-new-keyring"),
                EDQUOT);
  if (!key) throw Error(concat("join the session key ring ", name), key.error());
  if (!options.set_permissions) return;
  const std::uint32_t search = kUserSearch | (options.user_namespace ? kOtherSearch : 0U);
  sys::set_key_permissions(*key, kPossessorAll | kUserViewReadLink | search)
      .or_throw("set the permissions of the session key ring ", name);
}

}  // namespace

void join_session_keyring(int proc, const KeyringOptions& options) {
  if (options.selinux_label.empty()) return join(options);
  sys::write_proc_file(proc, kKeyLabelFile, options.selinux_label)
      .or_throw("process.selinuxLabel: write \"", options.selinux_label, "\" to `/proc/",
                kKeyLabelFile, "`");
  const ScopeExit reset([proc] {
    sys::write_proc_file(proc, kKeyLabelFile, "").ignore("only later keys would get the label");
  });
  join(options);
}

}  // namespace brig::isolate
