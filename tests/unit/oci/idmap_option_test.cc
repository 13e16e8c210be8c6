#include "oci/idmap_option.h"

#include "oci/parse.h"
#include "support.h"

using namespace brig;
using namespace brig::oci;

namespace {

// The mount of a configuration that has this option, in a container whose ids 0 and 1 are the
// host's 1000 and 5000 to 5099.
Mount mount_with(std::string_view option, std::string_view members = "") {
  const Config config = parse_config(config_with(concat(
      R"("mounts":[{"destination":"/m","source":"/s","options":["bind",")", option, "\"]", members,
      R"(}],"linux":{"namespaces":[{"type":"mount"},{"type":"user"}],
        "uidMappings":[{"containerID":0,"hostID":1000,"size":1},
          {"containerID":1,"hostID":5000,"size":100}],
        "gidMappings":[{"containerID":0,"hostID":7000,"size":10}]})")));
  return config.mounts.at(0);
}

std::string text_of(const std::vector<IdMapping>& mappings) {
  std::string text;
  for (const IdMapping& entry : mappings)
    append(text, entry.container_id, '-', entry.host_id, '-', entry.size, ' ');
  return text;
}

}  // namespace

TEST_CASE("idmap=: mappings become those of the mount, the option the plain word") {
  const Mount mount = mount_with("idmap=uids=0-5-1#10-100-20;gids=0-6-1");
  CHECK(mount.options == std::vector<std::string>{"bind", "idmap"});
  CHECK(text_of(mount.uid_mappings) == "0-5-1 10-100-20 ");
  CHECK(text_of(mount.gid_mappings) == "0-6-1 ");
  CHECK(mount_with("ridmap=gids=0-6-1;uids=0-5-1").options.at(1) == "ridmap");
}

TEST_CASE("idmap=: a mapping after @ goes through the container's, over as many as it needs") {
  const Mount mount = mount_with("idmap=uids=@20-0-3;gids=@0-4-2");
  CHECK(text_of(mount.uid_mappings) == "20-1000-1 21-5000-2 ");
  CHECK(text_of(mount.gid_mappings) == "0-7004-2 ");
}

TEST_CASE("idmap=: what is wrong is named") {
  const auto error = [](std::string_view option, std::string_view members = "") {
    return error_of([&] { static_cast<void>(mount_with(option, members)); });
  };
  constexpr std::string_view kForm = "expected uids=FILE_ID-HOST_ID-SIZE#...;gids=...";
  CHECK(error("idmap=uids=0-5-1") ==
        concat("mounts[0] (/m): idmap=uids=0-5-1: uids and gids are both needed; ", kForm));
  CHECK(error("idmap=uids=0-x-1;gids=0-6-1").ends_with(concat("\"x\" is no id or size; ", kForm)));
  CHECK(error("idmap=uids=0-5;gids=0-6-1").ends_with(concat("\"\" is no id or size; ", kForm)));
  CHECK(error("idmap=uids=0-5-1-2;gids=0-6-1")
            .ends_with(concat("\"1-2\" is no id or size; ", kForm)));
  CHECK(error("idmap=both=0-5-1").ends_with(concat("\"both\" is neither uids nor gids; ", kForm)));
  CHECK(error("idmap=uids=@0-0-1;gids=@0-9-2")
            .ends_with("id 10 is not mapped in the container's user namespace"));
  CHECK(error("idmap=uids=0-5-1;gids=0-6-1",
              R"(,"uidMappings":[{"containerID":0,"hostID":1,"size":1}])")
            .ends_with("mappings are given twice, here and as uidMappings or gidMappings"));
}
