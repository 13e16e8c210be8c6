#include "cli/globals.h"

#include <doctest/doctest.h>

#include "parsed.h"

using namespace brig::cli;
using brig::CgroupManager;
namespace log = brig::log;

TEST_CASE("the default root follows XDG_RUNTIME_DIR only for rootless callers") {
  const brig::sys::Caller root = {};
  const brig::sys::Caller user = {.uid = 1000};
  const brig::sys::Caller root_there = {.initial_user_namespace = false};
  CHECK(default_root(root, {"/run/user/0", std::nullopt}) == "/run/brig");
  CHECK(default_root(root, {"", std::nullopt}) == "/run/brig");
  CHECK(default_root(user, {"/run/user/1000", "me"}) == "/run/user/1000/brig");
  CHECK(default_root(user, {"", "me"}).empty());
  CHECK(default_root(root_there, {"/run/user/1000", "me"}) == "/run/user/1000/brig");
  CHECK(default_root(root_there, {"/run/user/1000", std::nullopt}) == "/run/user/1000/brig");
  CHECK(default_root(root_there, {"/run/user/1000", "root"}) == "/run/brig");
}

TEST_CASE("paths are cleaned by their text") {
  CHECK(clean_path("/a/b", "/x") == "/a/b");
  CHECK(clean_path("a", "/x") == "/x/a");
  CHECK(clean_path("a", "/") == "/a");
  CHECK(clean_path("./a//b/../c/.", "/x/y") == "/x/y/a/c");
  CHECK(clean_path("../../..", "/x") == "/");
  CHECK(clean_path("/", "/x") == "/");
  CHECK(clean_path("/../..a", "/x") == "/..a");
  CHECK(clean_path(".", "/x") == "/x");
}

TEST_CASE("--root is absolute and never the root folder") {
  CHECK(runtime_options(parsed({"--root", "/a/../b/", "list"})).root == "/b");
  CHECK(runtime_options(parsed({"list", "--root=/a"})).root == "/a");
  const std::string relative = runtime_options(parsed({"--root", "a", "list"})).root;
  CHECK(relative.starts_with('/'));
  CHECK(relative.ends_with("/a"));
  for (const char* root : {"", "/", "/a/..", "//."})
    CHECK(usage_error([&] {
            runtime_options(parsed({"--root", root, "list"}));
          }) ==
          "--root must be a folder of its own, such as /run/brig, and not / (see brig --help)");
}

TEST_CASE("the cgroup manager has two spellings") {
  const auto manager = [](const std::vector<std::string>& words) {
    return runtime_options(parsed(words)).cgroup_manager;
  };
  CHECK(manager({"list"}) == CgroupManager::kCgroupfs);
  CHECK(manager({"--systemd-cgroup", "list"}) == CgroupManager::kSystemd);
  CHECK(manager({"--systemd-cgroup=false", "list"}) == CgroupManager::kCgroupfs);
  CHECK(manager({"--cgroup-manager", "systemd", "list"}) == CgroupManager::kSystemd);
  CHECK(manager({"--cgroup-manager=disabled", "list"}) == CgroupManager::kDisabled);
  CHECK(manager({"--systemd-cgroup", "--cgroup-manager=cgroupfs", "list"}) ==
        CgroupManager::kCgroupfs);
  CHECK(usage_error([&] {
          manager({"--cgroup-manager=x", "list"});
        }) ==
        "unknown --cgroup-manager \"x\": it is cgroupfs, systemd or disabled (see brig --help)");
}

TEST_CASE("--rootless takes what runc takes") {
  for (const char* word : {"true", "false", "auto", "1"})
    CHECK(usage_error([&] {
            runtime_options(parsed({"--rootless", word, "list"}));
          }) == "(accepted)");
  CHECK(usage_error([&] {
          runtime_options(parsed({"--rootless=x", "list"}));
        }) == "invalid --rootless \"x\": it is true, false or auto (see brig --help)");
  runtime_options(parsed({"spec", "--rootless"}));
}

TEST_CASE("log settings") {
  const auto settings = [](std::vector<std::string> words) {
    words.emplace_back("list");
    return log_settings(parsed(words));
  };
  CHECK(settings({}).file.empty());
  CHECK(settings({}).format == log::Format::kText);
  CHECK(settings({}).level == log::Level::kWarning);
  CHECK(settings({"--log", "/l"}).file == "/l");
  CHECK(settings({"--log", "file:/l"}).file == "/l");
  CHECK(settings({"--log", "/l:x"}).file == "/l:x");
  CHECK(settings({"--log", "/l"}).level == log::Level::kWarning);
  CHECK(settings({"--log-format=json"}).format == log::Format::kJson);
  CHECK(settings({"--log-format=json"}).level == log::Level::kWarning);
  CHECK(settings({"--debug"}).level == log::Level::kDebug);
  CHECK(settings({"--log-level", "info"}).level == log::Level::kInfo);
  CHECK(settings({"--log-level", "warn"}).level == log::Level::kWarning);
  CHECK(settings({"--log-level=error"}).level == log::Level::kError);
}

TEST_CASE("a JSON log file holds one object unless the caller asks for more") {
  CHECK(log_settings(parsed({"--log=/l", "--log-format=json", "list"})).level ==
        log::Level::kError);
  CHECK(log_settings(parsed({"--log=/l", "--log-format=json", "--log-level=warning", "list"}))
            .level == log::Level::kWarning);
  CHECK(log_settings(parsed({"--log=/l", "--log-format=json", "--debug", "list"})).level ==
        log::Level::kDebug);
}

TEST_CASE("log settings that cannot be are refused") {
  const auto refusal = [](const char* word) {
    return usage_error([&] { log_settings(parsed({word, "list"})); });
  };
  CHECK(refusal("--log-format=xml") ==
        "invalid log-format: xml: it is text or json (see brig --help)");
  CHECK(refusal("--log-level=loud") ==
        "unknown --log-level \"loud\": it is error, warning, info or debug (see brig --help)");
  CHECK(refusal("--log=journald:x") ==
        "--log journald:x is not supported: name a file (see brig --help)");
  CHECK(refusal("--log=syslog:x") ==
        "--log syslog:x is not supported: name a file (see brig --help)");
}
