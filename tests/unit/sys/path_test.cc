#include "sys/path.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/file.h"

using namespace brig::sys;

namespace {

// A folder with a root file system and a file outside of it that nothing may reach.
struct Tree {
  OwnFd outside;
  OwnFd root;
  std::string path;

  Tree() {
    char name[] = "/tmp/brig-path-XXXXXX";
    path = ::mkdtemp(name);
    outside = open_at(AT_FDCWD, path, O_PATH | O_DIRECTORY).or_throw("open");
    make_directory_at(outside.get(), "root", 0755).or_throw("mkdir");
    make_directory_at(outside.get(), "secret", 0755).or_throw("mkdir");
    root = open_at(outside.get(), "root", O_PATH | O_DIRECTORY).or_throw("open");
  }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  ~Tree() { remove(outside.get(), "root"), remove(outside.get(), "secret"), ::rmdir(path.c_str()); }

  void link(const std::string& target, const std::string& name) const {
    make_symlink_at(target, root.get(), name).or_throw("symlink");
  }
  [[nodiscard]] bool has(const std::string& name) const {
    return static_cast<bool>(stat_at(root.get(), name, AT_SYMLINK_NOFOLLOW));
  }
  [[nodiscard]] bool secret_is_untouched() const {
    auto entries = list_directory(outside.get(), "secret");
    return entries && entries->empty();
  }

  static void remove(int dir, const std::string& name) {
    if (unlink_at(dir, name)) return;
    OwnFd sub = open_at(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW).or_throw("open");
    const auto entries = list_directory(sub.get()).or_throw("list");
    for (const DirectoryEntry& entry : entries) remove(sub.get(), entry.name);
    unlink_at(dir, name, AT_REMOVEDIR).or_throw("rmdir");
  }
};

}  // namespace

TEST_CASE("clean_path is lexical") {
  CHECK(clean_path("") == "/");
  CHECK(clean_path("/") == "/");
  CHECK(clean_path("a//b/./c/") == "/a/b/c");
  CHECK(clean_path("/a/../../b") == "/b");
  CHECK(clean_path("/..") == "/");
}

TEST_CASE("links cannot lead out of the root") {
  Tree tree;
  tree.link("/secret", "absolute");
  tree.link("../secret", "relative");
  tree.link("../../../../../../..", "up");
  CHECK(open_in_root(tree.root.get(), "absolute", O_PATH).error() == ENOENT);
  CHECK(open_in_root(tree.root.get(), "relative", O_PATH).error() == ENOENT);
  const OwnFd up = open_in_root(tree.root.get(), "/up", O_PATH).or_throw("open");
  CHECK(stat_fd(up.get())->st_ino == stat_fd(tree.root.get())->st_ino);
  tree.link("/proc/self/root", "magic");
  CHECK_FALSE(open_in_root(tree.root.get(), "magic", O_PATH));
}

TEST_CASE("directories are made, also through dangling links, and only inside") {
  Tree tree;
  CHECK(make_directories_in_root(tree.root.get(), "/a/b/c", 0755));
  CHECK(make_directories_in_root(tree.root.get(), "/a/b/c", 0755));
  CHECK(tree.has("a/b/c"));
  tree.link("/run", "var-run");
  CHECK(make_directories_in_root(tree.root.get(), "var-run/x", 0755));
  CHECK(tree.has("run/x"));
  tree.link("../../secret/evil", "escape");
  CHECK(make_directories_in_root(tree.root.get(), "/escape/y", 0755));
  CHECK(tree.has("secret/evil/y"));
  CHECK(tree.secret_is_untouched());
  tree.link("loop", "loop");
  CHECK(make_directories_in_root(tree.root.get(), "/loop/x", 0755).error() == ELOOP);
  CHECK(make_directories_in_root(tree.root.get(), "/missing/../x", 0755).error() == ENOENT);
}

TEST_CASE("links can be refused") {
  Tree tree;
  CHECK(make_directories_in_root(tree.root.get(), "/a/b", 0755, Links::kRefuse));
  CHECK(make_directories_in_root(tree.root.get(), "/a/b", 0755, Links::kRefuse));
  CHECK(open_in_root(tree.root.get(), "/a/b", O_PATH, Links::kRefuse));
  tree.link("a", "link");
  tree.link("nowhere", "dangling");
  for (const char* path : {"/link", "/link/b", "/link/new", "/dangling", "/dangling/new"}) {
    CAPTURE(path);
    CHECK(open_in_root(tree.root.get(), path, O_PATH, Links::kRefuse).error() == ELOOP);
    CHECK(make_directories_in_root(tree.root.get(), path, 0755, Links::kRefuse).error() == ELOOP);
  }
  CHECK_FALSE(tree.has("a/new"));
  CHECK_FALSE(tree.has("nowhere"));
}

TEST_CASE("a file on the way is no directory") {
  Tree tree;
  CHECK(make_file_in_root(tree.root.get(), "/file", 0644));
  CHECK(make_directories_in_root(tree.root.get(), "/file/x", 0755).error() == ENOTDIR);
  CHECK(make_directories_in_root(tree.root.get(), "/file", 0755).error() == ENOTDIR);
}

TEST_CASE("files are made, also through dangling links, and existing ones are kept") {
  Tree tree;
  CHECK(make_file_in_root(tree.root.get(), "/etc/hosts", 0644));
  CHECK(S_ISREG(stat_at(tree.root.get(), "etc/hosts")->st_mode));
  tree.link("/../../secret/file", "etc/link");
  CHECK(make_file_in_root(tree.root.get(), "/etc/link", 0644));
  CHECK(tree.has("secret/file"));
  CHECK(tree.secret_is_untouched());
  const OwnFd again = make_file_in_root(tree.root.get(), "/etc/link", 0644).or_throw("open");
  CHECK(stat_fd(again.get())->st_ino == stat_at(tree.root.get(), "secret/file")->st_ino);
  tree.link("self", "self");
  CHECK(make_file_in_root(tree.root.get(), "/self", 0644).error() == ELOOP);
}

TEST_CASE("the parent and the name") {
  Tree tree;
  tree.link("/nowhere", "name");
  const ParentInRoot found = open_parent_in_root(tree.root.get(), "/x/./y/").or_throw("open");
  CHECK(found.name == "y");
  CHECK(stat_fd(found.directory.get())->st_ino == stat_at(tree.root.get(), "x")->st_ino);
  CHECK(open_parent_in_root(tree.root.get(), "/name").or_throw("open").name == "name");
  CHECK(open_parent_in_root(tree.root.get(), "/").error() == EINVAL);
  CHECK(open_parent_in_root(tree.root.get(), "/x/..").error() == EINVAL);
}
