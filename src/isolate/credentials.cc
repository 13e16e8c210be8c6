#include "isolate/credentials.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <charconv>

#include "base/concat.h"
#include "brig/error.h"
#include "sys/cred.h"
#include "sys/file.h"

namespace brig::isolate {

namespace {

constexpr mode_t kDefaultUmask = 0022;

// The next field of a line of /etc/passwd; `line` becomes what follows its colon.
std::string_view next_field(std::string_view& line) {
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  line.remove_prefix(colon == std::string_view::npos ? line.size() : colon + 1);
  return field;
}

bool is_number(std::string_view text, std::uint32_t wanted) {
  std::uint32_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc() && end == text.data() + text.size() && number == wanted;
}

struct Account {
  std::string name;
  std::string home;
};

// The entry of `uid` in the text of an /etc/passwd.
Account find_account(std::string_view passwd, std::uint32_t uid) {
  while (!passwd.empty()) {
    std::string_view line = passwd.substr(0, passwd.find('\n'));
    passwd.remove_prefix(std::min(passwd.size(), line.size() + 1));
    const std::string_view name = next_field(line);
    next_field(line);  // password
    const bool found = is_number(next_field(line), uid);
    next_field(line);  // gid
    next_field(line);  // full name
    if (found) return {.name = std::string(name), .home = std::string(next_field(line))};
  }
  return {};
}

bool is_dev_null(const struct stat& info) {
  return S_ISCHR(info.st_mode) && info.st_rdev == makedev(1, 3);
}

void check_id(const sys::Result<void>& result, const char* what, std::uint32_t id) {
  if (result.error() == EINVAL)
    throw Error(concat("process.user.", what, ": ", id,
                       " is not mapped in the user namespace; add it to linux.", what, "Mappings"),
                EINVAL);
  result.or_throw("process.user.", what, ": become ", id);
}

void set_groups(const User& user, Groups groups) {
  const sys::Result<void> done = sys::set_groups(user.additional_gids);
  // A user namespace whose /proc/self/setgroups says "deny" answers EPERM to everybody; no group
  // could be dropped or added there by other means either.
  if (done.error() == EPERM && groups == Groups::kSetIfAllowed) return;
  if (done.error() == EPERM)
    throw Error("process.user.additionalGids: set the groups", EPERM,
                "a user namespace in which an unprivileged user has mapped his own group only "
                "denies it: leave them out, map more groups in linux.gidMappings, or keep the "
                "caller's groups with the annotation run.oci.keep_original_groups=1");
  if (done.error() == EINVAL)
    throw Error(
        "process.user.additionalGids: one is not mapped in the user namespace (add it to "
        "linux.gidMappings), or there are more than 65536",
        EINVAL);
  done.or_throw("process.user.additionalGids: set the groups");
}

}  // namespace

void set_user(const User& user, Groups groups) {
  if (groups != Groups::kKeep) set_groups(user, groups);
  check_id(sys::set_gid(user.gid), "gid", user.gid);
  check_id(sys::set_uid(user.uid), "uid", user.uid);
}

void set_umask(const User& user) { ::umask(user.umask ? *user.umask & 0777U : kDefaultUmask); }

void give_standard_streams(std::uint32_t uid) {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    const sys::Result<struct stat> info = sys::stat_fd(fd);
    if (!info) continue;  // closed by the caller
    const struct stat& found = *info;
    if (found.st_uid == uid || is_dev_null(found)) continue;
    sys::change_owner(fd, uid, static_cast<gid_t>(-1))
        .ignore("the stream works; only opening it again by name may not");
  }
}

void set_no_new_privileges() {
  sys::set_no_new_privileges().or_throw("process.noNewPrivileges: set no_new_privs");
}

void set_not_dumpable() { sys::set_dumpable(false).or_throw("make the process not dumpable"); }

std::string find_home(std::string_view passwd, std::uint32_t uid) {
  return find_account(passwd, uid).home;
}

std::string find_user_name(std::string_view passwd, std::uint32_t uid) {
  return find_account(passwd, uid).name;
}

}  // namespace brig::isolate
