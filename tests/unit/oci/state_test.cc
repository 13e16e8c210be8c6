#include "oci/state.h"

#include <doctest/doctest.h>

#include "brig/version.h"
#include "support.h"

using namespace brig;
using namespace brig::oci;

namespace {

StateRecord full_record() {
  return StateRecord{
      .id = "c1",
      .pid = 4711,
      .start_time = 123456789012,
      .bundle = "/b \"q\"",
      .rootfs = "/b/rootfs",
      .created = "2024-05-06T07:08:09.123456789Z",
      .owner = 1000,
      .annotations = {{"a", "b"}},
      .cgroup_path = "/sys/fs/cgroup/c1",
      .systemd_unit = "x.scope",
      .namespaces = {{NamespaceType::kPid, ""}, {NamespaceType::kNetwork, "/run/netns/x"}},
      .process_text = TextRange{100, 200},
      .seccomp_flags = std::uint32_t{2},
      .seccomp_listener = SeccompListener{"/run/agent.sock", "meta"},
      .rdt_group = RdtGroup{"/sys/fs/resctrl/c1", "/sys/fs/resctrl/c1/mon_groups/c1", true},
      .memory_policy = MemoryPolicy{MemoryPolicyMode::kBind, "0-1", 0xc000},
      .poststart = {{.path = "/h", .args = {"h", "1"}, .env = {"E=1"}, .timeout = 5}},
      .poststop = {{.path = "/p", .args = {}, .env = {}, .timeout = std::nullopt}},
      .creating = true,
      .no_new_keyring = true,
  };
}

std::string read_error(std::string_view text) {
  return error_of([&] { static_cast<void>(read_record(text)); });
}

ContainerInfo sample_info() {
  ContainerInfo info;
  info.id = "c1";
  info.pid = 42;
  info.status = Status::kRunning;
  info.bundle = "/b";
  info.rootfs = "/b/rootfs";
  info.created = "2024-05-06T07:08:09.1Z";
  return info;
}

}  // namespace

TEST_CASE("a record survives writing and reading") {
  const StateRecord before = full_record();
  const StateRecord after = read_record(write_record(before));
  CHECK(after.id == before.id);
  CHECK(after.pid == before.pid);
  REQUIRE(after.process_text);
  CHECK(after.process_text->offset == 100);
  CHECK(after.process_text->size == 200);
  CHECK(after.start_time == before.start_time);
  CHECK(after.bundle == before.bundle);
  CHECK(after.rootfs == before.rootfs);
  CHECK(after.created == before.created);
  CHECK(after.owner == before.owner);
  CHECK(after.annotations == before.annotations);
  CHECK(after.cgroup_path == before.cgroup_path);
  CHECK(after.systemd_unit == before.systemd_unit);
  REQUIRE(after.namespaces.size() == 2);
  CHECK(after.namespaces[0].type == NamespaceType::kPid);
  CHECK(after.namespaces[0].path.empty());
  CHECK(after.namespaces[1].type == NamespaceType::kNetwork);
  CHECK(after.namespaces[1].path == "/run/netns/x");
  CHECK(after.seccomp_flags == before.seccomp_flags);
  REQUIRE(after.seccomp_listener);
  CHECK(after.seccomp_listener->path == "/run/agent.sock");
  CHECK(after.seccomp_listener->metadata == "meta");
  REQUIRE(after.rdt_group);
  CHECK(after.rdt_group->clos == "/sys/fs/resctrl/c1");
  CHECK(after.rdt_group->monitoring == "/sys/fs/resctrl/c1/mon_groups/c1");
  CHECK(after.rdt_group->remove_clos);
  REQUIRE(after.memory_policy);
  CHECK(after.memory_policy->mode == MemoryPolicyMode::kBind);
  CHECK(after.memory_policy->nodes == "0-1");
  CHECK(after.memory_policy->flags == 0xc000);
  REQUIRE(after.poststart.size() == 1);
  CHECK(after.poststart[0].path == "/h");
  CHECK(after.poststart[0].args == before.poststart[0].args);
  CHECK(after.poststart[0].env == before.poststart[0].env);
  CHECK(after.poststart[0].timeout == 5);
  REQUIRE(after.poststop.size() == 1);
  CHECK(after.poststop[0].timeout == std::nullopt);
  CHECK(after.creating);
  CHECK(after.no_new_keyring);
  CHECK(write_record(after) == write_record(before));
}

TEST_CASE("a record without seccomp differs from one without flags") {
  StateRecord record;
  CHECK(read_record(write_record(record)).seccomp_flags == std::nullopt);
  record.seccomp_flags.emplace();
  CHECK(read_record(write_record(record)).seccomp_flags == std::uint32_t{0});
}

TEST_CASE("the container process state is what a seccomp agent reads") {
  StateRecord record;
  record.id = "c1";
  record.bundle = "/b";
  record.rootfs = "/b/r";
  record.annotations = {{"a", "b"}};
  const std::string state = concat(R"("state":{"ociVersion":")", kSpecVersion,
                                   R"(","id":"c1","status":"running","pid":7,"bundle":"/b",)",
                                   R"("root":"/b/r","annotations":{"a":"b"}}})");
  const std::string start =
      concat(R"({"ociVersion":")", kSpecVersion, R"(","fds":["seccompFd"],"pid":9,)");
  CHECK(container_process_state_json(record, Status::kRunning, 7, 9) == concat(start, state));
  record.seccomp_listener = {"/s", "m"};
  CHECK(container_process_state_json(record, Status::kRunning, 7, 9) ==
        concat(start, R"("metadata":"m",)", state));
}

TEST_CASE("a damaged record says what is wrong") {
  const std::string text = write_record(full_record());
  CHECK(read_error("") == "the record of the container is damaged: it is empty");
  CHECK(read_error(std::string(100, '\0')) ==
        "the record of the container is damaged: it holds NUL bytes instead of text (a crash of "
        "the machine?)");
  for (std::size_t length = 1; length < text.size(); ++length) {
    CAPTURE(length);
    CHECK(
        read_error(text.substr(0, length)).find("the record of the container is damaged: line 1") ==
        0);
  }
  CHECK(read_error(R"({"version":1})") ==
        "the record of the container is damaged: id: required property is missing");
  CHECK(read_error(R"({"version":0})").find("format version 0") != std::string::npos);
}

TEST_CASE("a record of a newer brig is refused") {
  CHECK(read_error(R"({"version":2,"id":5})") ==
        "the record of the container has format version 2, but this brig reads only version 1: use "
        "the brig that created the container");
}

TEST_CASE("state is printed as runc does") {
  ContainerInfo info = sample_info();
  const std::string head =
      concat("{\n  \"ociVersion\": \"", kSpecVersion, "\",\n  \"id\": \"c1\",\n  \"pid\": ");
  const std::string tail =
      "  \"bundle\": \"/b\",\n  \"rootfs\": \"/b/rootfs\",\n"
      "  \"created\": \"2024-05-06T07:08:09.1Z\",\n";
  CHECK(state_json(info) ==
        concat(head, "42,\n  \"status\": \"running\",\n", tail, "  \"owner\": \"\"\n}"));
  info.status = Status::kStopped;
  info.annotations = {{"k", "v"}};
  CHECK(state_json(info) ==
        concat(head, "0,\n  \"status\": \"stopped\",\n", tail,
               "  \"annotations\": {\n    \"k\": \"v\"\n  },\n  \"owner\": \"\"\n}"));
}

TEST_CASE("each status has its word") {
  CHECK(std::string_view(status_word(Status::kCreating)) == "creating");
  CHECK(std::string_view(status_word(Status::kCreated)) == "created");
  CHECK(std::string_view(status_word(Status::kRunning)) == "running");
  CHECK(std::string_view(status_word(Status::kPaused)) == "paused");
  CHECK(std::string_view(status_word(Status::kStopped)) == "stopped");
}

TEST_CASE("hooks read the state on one line") {
  StateRecord record;
  record.id = "c1";
  record.bundle = "/b";
  record.rootfs = "/b/rootfs";
  CHECK(hook_state_json(record, Status::kCreating, 7) ==
        concat(R"({"ociVersion":")", kSpecVersion,
               R"(","id":"c1","status":"creating","pid":7,"bundle":"/b","root":"/b/rootfs"})"));
  record.annotations["a"] = "b";
  CHECK(hook_state_json(record, Status::kStopped, 0) ==
        concat(R"({"ociVersion":")", kSpecVersion,
               R"(","id":"c1","status":"stopped","bundle":"/b","root":"/b/rootfs",)"
               R"("annotations":{"a":"b"}})"));
}

TEST_CASE("list as a table and as JSON") {
  CHECK(list_json({}) == "null\n");
  CHECK(list_table({}) == "ID          PID         STATUS      BUNDLE      CREATED     OWNER\n");
  ListEntry entry{.info = sample_info(), .owner = "root"};
  entry.info.id = "a-rather-long-name";
  CHECK(list_table({entry}) ==
        "ID                   PID         STATUS      BUNDLE      CREATED                  OWNER\n"
        "a-rather-long-name   42          running     /b          2024-05-06T07:08:09.1Z   root\n");
  CHECK(list_json({entry, entry}).find("},{\"ociVersion\"") != std::string::npos);
  CHECK(list_json({entry}) ==
        concat(R"([{"ociVersion":")", kSpecVersion,
               R"(","id":"a-rather-long-name","pid":42,"status":"running","bundle":"/b",)"
               R"("rootfs":"/b/rootfs","created":"2024-05-06T07:08:09.1Z","owner":"root"}])",
               "\n"));
}
