#include "rootfs/mount_options.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace brig::rootfs;

namespace {

// The words of the table "Linux mount options" in the runtime-spec's config.md.
constexpr const char* kSpecWords[] = {
    "async",       "atime",        "bind",          "defaults",
    "dev",         "diratime",     "dirsync",       "exec",
    "iversion",    "lazytime",     "loud",          "noatime",
    "nodev",       "nodiratime",   "noexec",        "noiversion",
    "nolazytime",  "norelatime",   "nostrictatime", "nosuid",
    "private",     "rbind",        "relatime",      "remount",
    "ro",          "rprivate",     "rshared",       "rslave",
    "runbindable", "rw",           "shared",        "silent",
    "slave",       "strictatime",  "suid",          "sync",
    "unbindable",  "nosymfollow",  "symfollow",     "ratime",
    "rdev",        "rdiratime",    "rexec",         "rnoatime",
    "rnodiratime", "rnoexec",      "rnorelatime",   "rnostrictatime",
    "rnosuid",     "rnosymfollow", "rrelatime",     "rro",
    "rrw",         "rstrictatime", "rsuid",         "rsymfollow",
    "idmap",       "ridmap",       "mand",          "nomand",
    "tmpcopyup"};

MountOptions parse(const std::vector<std::string>& words) { return parse_mount_options(words); }

}  // namespace

TEST_CASE("every mount option of the spec is known and is no file system data") {
  CHECK(std::size(kSpecWords) == 61);
  for (const char* word : kSpecWords) {
    CAPTURE(word);
    CHECK(std::ranges::count(mount_options(), word, &MountOption::name) == 1);
    CHECK(parse({word}).parameters.empty());
  }
}

TEST_CASE("attributes: a later word wins over an earlier one") {
  const MountOptions readonly = parse({"rw", "ro", "nosuid"});
  CHECK(readonly.readonly());
  CHECK(readonly.set == (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID));
  CHECK(readonly.clear == 0);
  const MountOptions writable = parse({"ro", "rw"});
  CHECK(writable.set == 0);
  CHECK(writable.clear == MOUNT_ATTR_RDONLY);
  CHECK(writable.has_attributes());
  CHECK_FALSE(parse({"rbind", "rprivate"}).has_attributes());
}

TEST_CASE("the access-time settings are one field") {
  CHECK(parse({"noatime"}).set == MOUNT_ATTR_NOATIME);
  CHECK(parse({"noatime"}).clear == MOUNT_ATTR__ATIME);
  CHECK(parse({"noatime", "strictatime"}).set == MOUNT_ATTR_STRICTATIME);
  CHECK(parse({"noatime", "relatime"}).set == 0);
  CHECK(parse({"noatime", "atime"}).set == 0);
  CHECK(parse({"strictatime", "atime"}).set == MOUNT_ATTR_STRICTATIME);
  CHECK(parse({"rnoatime"}).set_recursive == MOUNT_ATTR_NOATIME);
  CHECK(parse({"rnoatime"}).clear_recursive == MOUNT_ATTR__ATIME);
  CHECK(parse({"rrelatime"}).clear_recursive == MOUNT_ATTR__ATIME);
  CHECK(parse({"nodiratime"}).set == MOUNT_ATTR_NODIRATIME);
  CHECK(parse({"nodiratime"}).clear == 0);
}

TEST_CASE("a recursive word speaks of the tree and of the mount itself, the last word counts") {
  const MountOptions options = parse({"noexec", "rro", "rexec", "nodev"});
  CHECK(options.set_recursive == MOUNT_ATTR_RDONLY);
  CHECK(options.clear_recursive == MOUNT_ATTR_NOEXEC);
  CHECK(options.set == (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV));
  CHECK(options.clear == MOUNT_ATTR_NOEXEC);
}

TEST_CASE("bind, idmap, propagation and superblock words") {
  CHECK(parse({"bind"}).bind);
  CHECK_FALSE(parse({"bind"}).recursive);
  CHECK(parse({"rbind"}).recursive);
  CHECK(parse({"idmap"}).idmapping == Idmapping::kTop);
  CHECK(parse({"ridmap"}).idmapping == Idmapping::kRecursive);
  CHECK(parse({"rslave", "shared"}).propagation ==
        std::vector<std::uint64_t>{MS_SLAVE | MS_REC, MS_SHARED});
  CHECK(parse({"sync", "lazytime"}).superblock_flags ==
        std::vector<std::string>{"sync", "lazytime"});
}

TEST_CASE("unknown words become parameters, split at commas outside quotes") {
  const MountOptions options =
      parse({"mode=755,size=64k", "newinstance", "context=\"system_u:object_r:c_t:s0:c1,c2\"",
             "lowerdir=/a\\,b:/c", "", "key="});
  REQUIRE(options.parameters.size() == 6);
  CHECK(options.parameters[0].key == "mode");
  CHECK(options.parameters[0].value == "755");
  CHECK(options.parameters[1].value == "64k");
  CHECK(options.parameters[2].key == "newinstance");
  CHECK_FALSE(options.parameters[2].value.has_value());
  CHECK(options.parameters[3].value == "system_u:object_r:c_t:s0:c1,c2");
  CHECK(options.parameters[4].value == "/a\\,b:/c");
  CHECK(options.parameters[5].value == "");
  CHECK(join_parameters(options.parameters) ==
        "mode=755,size=64k,newinstance,context=\"system_u:object_r:c_t:s0:c1,c2\","
        "lowerdir=/a\\,b:/c,key=");
}
