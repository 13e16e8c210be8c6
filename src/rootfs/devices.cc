#include "rootfs/devices.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <array>
#include <optional>
#include <utility>

#include "base/concat.h"
#include "brig/error.h"
#include "sys/file.h"
#include "sys/mount_api.h"
#include "sys/path.h"

namespace brig::rootfs {

namespace {

mode_t type_bits(const Device& device) {
  if (device.type == 'b') return S_IFBLK;
  if (device.type == 'p') return S_IFIFO;
  return S_IFCHR;
}

dev_t number(const Device& device) {
  if (device.type == 'p') return 0;
  return makedev(static_cast<unsigned>(device.major), static_cast<unsigned>(device.minor));
}

bool matches(const struct stat& info, const Device& device) {
  return (info.st_mode & S_IFMT) == type_bits(device) &&
         (device.type == 'p' || info.st_rdev == number(device));
}

// "character device 1:3"
std::string describe(const Device& device) {
  if (device.type == 'p') return "fifo";
  return concat(device.type == 'b' ? "block" : "character", " device ", device.major, ':',
                device.minor);
}

// Covers directory/name, made when missing, with the node behind `mount`.
void bind_node(int directory, const std::string& name, const sys::OwnFd& mount) {
  sys::Result<sys::OwnFd> target = sys::open_at(directory, name, O_PATH | O_NOFOLLOW);
  if (target.error() == ENOENT)
    target = sys::open_at(directory, name, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0666);
  const sys::OwnFd place = std::move(target).or_throw("create the file to bind on");
  sys::MountAttributes attributes;
  attributes.set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
  attributes.propagation = MS_PRIVATE;
  sys::set_mount_attributes(mount.get(), attributes).or_throw("set mount attributes");
  sys::move_mount(mount.get(), place.get()).or_throw("bind the device");
}

void set_owner(int directory, const std::string& name, const Device& device) {
  const uid_t uid = device.uid.value_or(0);
  const gid_t gid = device.gid.value_or(0);
  if (uid == 0 && gid == 0) return;
  const sys::OwnFd node =
      sys::open_at(directory, name, O_PATH | O_NOFOLLOW).or_throw("open the new device node");
  const struct stat info = sys::stat_fd(node.get()).or_throw("stat the new device node");
  if (!matches(info, device)) throw Error("the new device node was exchanged");
  sys::change_owner(node.get(), uid, gid).or_throw("change the owner to ", uid, ':', gid);
}

// True when the node is there as it must be, false when the host's is to be bound.
bool make_node(int directory, const std::string& name, const DeviceOperation& operation) {
  const Device& device = operation.device;
  const mode_t mode = type_bits(device) | (device.file_mode.value_or(0666) & 07777U);
  const sys::Result<void> made = sys::make_node_at(directory, name, mode, number(device));
  if (made) {
    set_owner(directory, name, device);
    return true;
  }
  if (made.error() == EPERM && device.type != 'p') return false;
  if (made.error() != EEXIST) made.or_throw("make the device node");
  const struct stat info =
      sys::stat_at(directory, name, AT_SYMLINK_NOFOLLOW).or_throw("stat the existing file");
  if (matches(info, device)) return true;
  if (!operation.configured) return false;
  throw Error(concat("a file that is not ", describe(device), " already exists"));
}

void make_device(const DeviceOperation& operation, int root, int dev, sys::OwnFd source) {
  const std::string& path = operation.device.path;
  // All but the strangest devices are directly in /dev, which is open already.
  std::optional<sys::ParentInRoot> parent;
  std::string name = path.substr(path.rfind('/') + 1);
  if (path.rfind('/') != 4 || !path.starts_with("/dev/"))
    parent = sys::open_parent_in_root(root, path).or_throw("create its directory");
  const int directory = parent ? parent->directory.get() : dev;
  if (!operation.bind && make_node(directory, name, operation)) return;
  if (!source) source = clone_host_device(operation.device);
  bind_node(directory, name, source);
}

// `name` in `dev` becomes a link to `target`; `replace` says what happens to a file that is there.
void make_link(int dev, const std::string& target, const std::string& name, bool replace) {
  const sys::Result<void> made = sys::make_symlink_at(target, dev, name);
  if (made) return;
  if (made.error() != EEXIST) made.or_throw("make link /dev/", name);
  if (!replace) return;
  const sys::Result<std::string> existing = sys::read_link_at(dev, name);
  if (existing && *existing == target) return;
  sys::unlink_at(dev, name).or_throw("replace /dev/", name);
  sys::make_symlink_at(target, dev, name).or_throw("make link /dev/", name);
}

void make_links(int dev) {
  static constexpr std::array<std::pair<const char*, const char*>, 4> kLinks = {
      {{"/proc/self/fd", "fd"},
       {"/proc/self/fd/0", "stdin"},
       {"/proc/self/fd/1", "stdout"},
       {"/proc/self/fd/2", "stderr"}}};
  for (const auto& [target, name] : kLinks) make_link(dev, target, name, false);
  if (sys::stat_at(AT_FDCWD, "/proc/kcore")) make_link(dev, "/proc/kcore", "core", false);
  make_link(dev, "pts/ptmx", "ptmx", true);
}

}  // namespace

sys::OwnFd clone_host_device(const Device& device) {
  sys::Result<sys::OwnFd> cloned = sys::clone_mount(AT_FDCWD, device.path);
  if (cloned.error() == ENOENT)
    throw Error(concat("bind the host's ", device.path,
                       " (device nodes cannot be made here, so the host must have one)"),
                ENOENT);
  sys::OwnFd mount = std::move(cloned).or_throw("bind the host's ", device.path);
  const struct stat info = sys::stat_fd(mount.get()).or_throw("stat the host's ", device.path);
  if (!matches(info, device))
    throw Error(concat("bind the host's ", device.path, ": it is not ", describe(device)));
  return mount;
}

void set_up_dev(const RootfsPlan& plan, int root, std::vector<sys::OwnFd>& sources) {
  const sys::OwnFd dev =
      sys::make_directories_in_root(root, "/dev", 0755).or_throw("create /dev in the root");
  for (std::size_t i = 0; i < plan.devices.size(); ++i) {
    const DeviceOperation& operation = plan.devices[i];
    with_context([&] { return operation.name; },
                 [&] { make_device(operation, root, dev.get(), std::move(sources[i])); });
  }
  make_links(dev.get());
}

void bind_console_device(int root, int slave) {
  with_context(
      [] { return "bind the terminal on /dev/console"; },
      [&] {
        const sys::ParentInRoot parent =
            sys::open_parent_in_root(root, "/dev/console").or_throw("open /dev in the root");
        const sys::OwnFd mount =
            sys::clone_mount(slave, "").or_throw("clone the mount of the terminal");
        bind_node(parent.directory.get(), parent.name, mount);
      });
}

}  // namespace brig::rootfs
