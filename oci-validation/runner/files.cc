#include "files.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace kit {
namespace {

namespace fs = std::filesystem;

void demand(int result, const std::string& what) {
  if (result != 0) throw KitError(what + ": " + std::strerror(errno));
}

mode_t octal(const Value& mode) {
  return static_cast<mode_t>(std::stoul(mode.as_text(), nullptr, 8));
}

void make_device(const std::string& path, const std::string& text) {
  std::istringstream words(text);
  char type = 'c';
  unsigned major = 0;
  unsigned minor = 0;
  words >> type >> major >> minor;
  const mode_t kind = type == 'b' ? S_IFBLK : S_IFCHR;
  demand(mknod(path.c_str(), kind | 0666, makedev(major, minor)), "mknod " + path);
}

void make_special(const std::string& path, const Value& what, const std::string& probe) {
  if (const Value* target = what.find("link")) {
    demand(symlink(target->text().c_str(), path.c_str()), "symlink " + path);
  } else if (what.find("dir") != nullptr) {
    demand(mkdir(path.c_str(), 0755), "mkdir " + path);
    demand(chmod(path.c_str(), octal(*what.find("dir"))), "chmod " + path);
  } else if (const Value* device = what.find("device")) {
    make_device(path, device->text());
  } else if (const Value* fifo = what.find("fifo")) {
    demand(mkfifo(path.c_str(), octal(*fifo)), "mkfifo " + path);
  } else if (what.find("probe") != nullptr) {
    fs::copy_file(probe, path);
  } else if (what.find("mount") != nullptr || what.find("bind") != nullptr) {
    fs::create_directories(path);
    make_mount(path, what);
  } else if (const Value* content = what.find("content")) {
    write_text(path, content->as_text());
  } else {
    throw KitError("what shall " + path + " be? " + to_json(what));
  }
}

void make_one(const std::string& path, const Value& what, const std::string& probe) {
  fs::create_directories(fs::path(path).parent_path());
  if (what.is_null()) {
    fs::create_directories(path);
    return;
  }
  if (!what.is_object()) return write_text(path, what.as_text());
  make_special(path, what, probe);
  const Value* uid = what.find("uid");
  const Value* gid = what.find("gid");
  if (uid != nullptr || gid != nullptr) {
    const auto id = [](const Value* value) {
      return value != nullptr ? static_cast<uid_t>(value->as_number()) : static_cast<uid_t>(-1);
    };
    demand(lchown(path.c_str(), id(uid), id(gid)), "chown " + path);
  }
  if (const Value* mode = what.find("mode")) demand(chmod(path.c_str(), octal(*mode)), path);
}

unsigned long propagation_flag(const std::string& word) {
  if (word == "shared") return MS_SHARED;
  if (word == "slave") return MS_SLAVE;
  if (word == "unbindable") return MS_UNBINDABLE;
  return MS_PRIVATE;
}

unsigned long mount_flags(const Value* words) {
  unsigned long flags = 0;
  if (words == nullptr) return flags;
  for (const Value& word : words->items()) {
    if (word.text() == "ro") flags |= MS_RDONLY;
    if (word.text() == "nosuid") flags |= MS_NOSUID;
    if (word.text() == "nodev") flags |= MS_NODEV;
    if (word.text() == "noexec") flags |= MS_NOEXEC;
    if (word.text() == "noatime") flags |= MS_NOATIME;
    if (word.text() == "nodiratime") flags |= MS_NODIRATIME;
    if (word.text() == "strictatime") flags |= MS_STRICTATIME;
    if (word.text() == "nosymfollow") flags |= 256;  // MS_NOSYMFOLLOW, Linux 5.10
  }
  return flags;
}

}  // namespace

void make_files(const std::string& folder, const Value& files, const std::string& probe) {
  for (const Member& file : files.members()) {
    make_one((fs::path(folder) / fs::path(file.name).relative_path()).string(), file.value, probe);
  }
}

void make_mount(const std::string& target, const Value& what) {
  if (const Value* source = what.find("bind")) {
    demand(mount(source->text().c_str(), target.c_str(), nullptr, MS_BIND | MS_REC, nullptr),
           "bind " + target);
  } else {
    const Value* data = what.find("options");
    const std::string& type = what.find("mount")->text();
    demand(mount(type.c_str(), target.c_str(), type.c_str(), mount_flags(what.find("flags")),
                 data != nullptr ? data->text().c_str() : nullptr),
           "mount " + target);
  }
  if (const Value* propagation = what.find("propagation")) {
    demand(mount("none", target.c_str(), nullptr, propagation_flag(propagation->text()), nullptr),
           "propagation of " + target);
  }
  if (const Value* files = what.find("files")) make_files(target, *files, "");
}

void give_to(const std::string& folder, uid_t owner) {
  demand(lchown(folder.c_str(), owner, owner), "chown " + folder);
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    // The probe is the same file in all bundles.
    if (entry.path().filename() == "probe") continue;
    demand(lchown(entry.path().c_str(), owner, owner), "chown " + entry.path().string());
  }
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) throw KitError("cannot write " + path + ": " + std::strerror(errno));
}

void remove_folder(const std::string& folder) {
  std::error_code ignored;
  fs::remove_all(folder, ignored);
}

}  // namespace kit
