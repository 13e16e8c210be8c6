#include "container/rootless.h"

#include <doctest/doctest.h>

#include <cerrno>

using namespace brig;
using sys::Caller;

namespace {
const Caller kRoot = {};
const Caller kUser = {.uid = 1000, .gid = 1001, .may_mount = false};
const Caller kRootOfUserNamespace = {.initial_user_namespace = false};
const isolate::SubordinateIds kIds = {.uids = {{100000, 65536}}, .gids = {{200000, 65536}}};
}  // namespace

TEST_CASE("only an unprivileged caller gets a user namespace that he did not ask for") {
  Config config;
  CHECK(container::needs_user_namespace(config, kUser));
  CHECK_FALSE(container::needs_user_namespace(config, kRoot));
  CHECK_FALSE(container::needs_user_namespace(config, kRootOfUserNamespace));
  config.linux.namespaces.push_back({.type = NamespaceType::kUser, .path = "/proc/1/ns/user"});
  CHECK_FALSE(container::needs_user_namespace(config, kUser));
}

TEST_CASE("the user namespace of a rootless container has the caller's subordinate ids") {
  Config config;
  container::add_user_namespace(config, kUser, kIds);
  REQUIRE(config.find_namespace(NamespaceType::kUser) != nullptr);
  CHECK(isolate::id_map_text(config.linux.uid_mappings) == "0 1000 1\n1 100000 65536\n");
  CHECK(isolate::id_map_text(config.linux.gid_mappings) == "0 1001 1\n1 200000 65536\n");
}

TEST_CASE("the only id of a rootless container is the one that its process has") {
  Config config;
  config.process.emplace();
  config.process->user = {.uid = 33, .gid = 34, .umask = {}, .additional_gids = {}};
  container::add_user_namespace(config, kUser, {});
  CHECK(isolate::id_map_text(config.linux.uid_mappings) == "33 1000 1\n");
  CHECK(isolate::id_map_text(config.linux.gid_mappings) == "34 1001 1\n");
}

TEST_CASE("mappings that the configuration has stay") {
  Config config;
  config.linux.uid_mappings = {{7, 1000, 1}};
  container::add_user_namespace(config, kUser, kIds);
  CHECK(isolate::id_map_text(config.linux.uid_mappings) == "7 1000 1\n");
}

TEST_CASE("--rootless decides who may go without a cgroup, by default root may not") {
  for (const std::optional<bool> said : {std::optional<bool>(), {true}, {false}}) {
    const RuntimeOptions options = {.root = {}, .rootless = said};
    CHECK(container::tolerates_no_cgroup(options, kRoot) == said.value_or(false));
    CHECK(container::tolerates_no_cgroup(options, kUser) == said.value_or(true));
    CHECK(container::tolerates_no_cgroup(options, kRootOfUserNamespace) == said.value_or(true));
  }
}

TEST_CASE("who calls") {
  CHECK(kRoot.is_host_root());
  CHECK_FALSE(kUser.is_host_root());
  CHECK_FALSE(kRootOfUserNamespace.is_host_root());
  CHECK_FALSE(container::unprivileged_ids(kRootOfUserNamespace).has_value());
  REQUIRE(container::unprivileged_ids(kUser).has_value());
  CHECK(container::unprivileged_ids(kUser)->gid == 1001);
  for (const int forbidden : {EACCES, EPERM, EROFS}) CHECK(container::is_forbidden(forbidden));
  CHECK_FALSE(container::is_forbidden(ENOENT));
}
