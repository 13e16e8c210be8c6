#include "container/plan.h"

#include <doctest/doctest.h>
#include <sched.h>

using namespace brig;
using container::NamespacePlan;
using container::plan_namespaces;

namespace {

Config with(std::vector<Namespace> namespaces) {
  Config config;
  config.linux.namespaces = std::move(namespaces);
  return config;
}

}  // namespace

TEST_CASE("new namespaces are made by clone3, except those that the process must make itself") {
  const NamespacePlan plan = plan_namespaces(with({{NamespaceType::kPid, ""},
                                                   {NamespaceType::kMount, ""},
                                                   {NamespaceType::kCgroup, ""},
                                                   {NamespaceType::kTime, ""}}),
                                             true);
  CHECK(plan.clone_flags == (CLONE_NEWPID | CLONE_NEWNS));
  CHECK(plan.unshare_flags == (CLONE_NEWCGROUP | 0x80));
  CHECK(plan.joined.empty());
  CHECK_FALSE(plan.needs_stage);
  CHECK(plan.creates(NamespaceType::kTime));
  CHECK(plan.has(NamespaceType::kPid));
  CHECK_FALSE(plan.has(NamespaceType::kNetwork));
}

TEST_CASE("the host side makes a network namespace where it may and the container's root owns it") {
  const Config network = with({{NamespaceType::kNetwork, ""}, {NamespaceType::kPid, ""}});
  const NamespacePlan apart = plan_namespaces(network, true);
  CHECK(apart.host_flags == CLONE_NEWNET);
  CHECK(apart.clone_flags == CLONE_NEWPID);
  CHECK(apart.creates(NamespaceType::kNetwork));
  CHECK(plan_namespaces(network, false).clone_flags == (CLONE_NEWNET | CLONE_NEWPID));
  CHECK(plan_namespaces(network, false).host_flags == 0);
  const Config mapped = with({{NamespaceType::kNetwork, ""}, {NamespaceType::kUser, ""}});
  CHECK(plan_namespaces(mapped, true).host_flags == 0);
  CHECK(plan_namespaces(with({{NamespaceType::kNetwork, "/n"}}), true).host_flags == 0);
}

TEST_CASE("a namespace can be left to the new process") {
  NamespacePlan plan =
      plan_namespaces(with({{NamespaceType::kMount, ""}, {NamespaceType::kPid, ""}}), true);
  plan.leave_to_process(NamespaceType::kMount);
  CHECK(plan.clone_flags == CLONE_NEWPID);
  CHECK(plan.creates(NamespaceType::kMount));
  plan.leave_to_process(NamespaceType::kUts);
  CHECK_FALSE(plan.creates(NamespaceType::kUts));
}

TEST_CASE("the user namespace is entered last") {
  const NamespacePlan plan = plan_namespaces(with({{NamespaceType::kUser, "/u"},
                                                   {NamespaceType::kNetwork, "/n"},
                                                   {NamespaceType::kIpc, "/i"}}),
                                             true);
  REQUIRE(plan.joined.size() == 3);
  CHECK(plan.joined[0].path == "/n");
  CHECK(plan.joined[0].index == 1);
  CHECK(plan.joined[1].path == "/i");
  CHECK(plan.joined[2].path == "/u");
  CHECK(plan.joins(NamespaceType::kUser));
  CHECK_FALSE(plan.creates(NamespaceType::kUser));
}

TEST_CASE("a stage is needed exactly where the order of privileges asks for it") {
  struct Case {
    const char* what;
    std::vector<Namespace> namespaces;
    bool needs_stage;
  };
  const Case cases[] = {
      {"nothing joined", {{NamespaceType::kUser, ""}, {NamespaceType::kPid, ""}}, false},
      {"a pod's network", {{NamespaceType::kNetwork, "/n"}, {NamespaceType::kPid, ""}}, false},
      {"a pod's pids", {{NamespaceType::kPid, "/p"}}, false},
      {"a joined user namespace", {{NamespaceType::kUser, "/u"}, {NamespaceType::kPid, ""}}, true},
      {"a new user namespace beside a joined network",
       {{NamespaceType::kUser, ""}, {NamespaceType::kNetwork, "/n"}},
       true},
  };
  for (const Case& entry : cases) {
    CAPTURE(entry.what);
    CHECK(plan_namespaces(with(entry.namespaces), true).needs_stage == entry.needs_stage);
  }
}
