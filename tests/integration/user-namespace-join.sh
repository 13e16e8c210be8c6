#!/bin/bash
# A container in a joined user namespace has its ids, and new namespaces that belong to it.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle owner "$(shell_command 'exec sleep 1000')"
edit_config '.linux.namespaces += [{type: "user"}] |
  .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
chown -hR 100000:100000 "$BUNDLE/rootfs"
start_container owner
owner=$(container_pid owner)

make_bundle guest "$(shell_command 'exec sleep 1000')"
edit_config 'del(.hostname) | .linux.namespaces |= map(if .type == "network" then .path = "/proc/\($pid)/ns/net" else . end) |
  .linux.namespaces += [{type: "user", path: "/proc/\($pid)/ns/user"}]' --arg pid "$owner"
chown -hR 100000:100000 "$BUNDLE/rootfs"
start_container guest
guest=$(container_pid guest)
for name in user net; do
  assert_eq "joined $name namespace" "$(readlink "/proc/$owner/ns/$name")" "$(readlink "/proc/$guest/ns/$name")"
done
for name in pid mnt ipc uts; do
  [ "$(readlink "/proc/$owner/ns/$name")" != "$(readlink "/proc/$guest/ns/$name")" ] || fail "the $name namespace is shared"
done
assert_eq "uid outside" 100000 "$(awk '/^Uid:/ { print $2 }' "/proc/$guest/status")"
assert_eq "pid inside" 1 "$(awk '/^NSpid:/ { print $NF }' "/proc/$guest/status")"
succeed brig exec --cap CAP_SYS_ADMIN guest sh -c 'id -u; touch /made && hostname inner && hostname'
assert_eq "root inside" $'0\ninner' "$stdout"
succeed brig delete --force guest

# Mappings beside a path must be those of the namespace (containerd sends them).
edit_config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
succeed brig create --bundle "$BUNDLE" guest
succeed brig delete --force guest
edit_config '.linux.uidMappings[0].hostID = 7'
refuse linux.uidMappings brig create --bundle "$BUNDLE" guest
succeed brig delete --force owner
