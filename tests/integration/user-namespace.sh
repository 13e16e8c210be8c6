#!/bin/bash
# In a user namespace the ids are those of uidMappings and gidMappings, on both sides.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle userns '.linux.namespaces += [{type: "user"}] |
  .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}, {containerID: 1000, hostID: 300000, size: 10}] |
  .linux.gidMappings = [{containerID: 0, hostID: 200000, size: 2000}] |
  .process.user = {uid: 1001, gid: 7, additionalGids: [8]}'
chown -hR 100000:200000 "$BUNDLE/rootfs"
chmod 711 "$WORK" "$BUNDLE"
edit_config "$(shell_command 'cat /proc/self/uid_map /proc/self/gid_map; id -u; id -g; stat -c %u:%g /bin; touch /tmp/new; exec sleep 1000')"
succeed brig create --bundle "$BUNDLE" userns
capture brig start userns
assert_status 0
pid=$(container_pid userns)
wait_until test -e "$BUNDLE/rootfs/tmp/new"
assert_eq "owner of a new file, outside" 300001:200007 "$(stat -c %u:%g "$BUNDLE/rootfs/tmp/new")"
assert_eq "uid outside" 300001 "$(awk '/^Uid:/ { print $2 }' "/proc/$pid/status")"
assert_eq "gid outside" 200007 "$(awk '/^Gid:/ { print $2 }' "/proc/$pid/status")"
assert_eq "groups outside" 200008 "$(sed -n 's/^Groups:[[:space:]]*//p' "/proc/$pid/status" | xargs)"

succeed brig exec --user 0:0 userns sh -c 'id -u; stat -c %u:%g /bin /tmp/new; cat /proc/self/uid_map'
assert_eq "ids inside" "0 0:0 1001:7 0 100000 1000 1000 300000 10" "$(xargs <<<"$stdout")"
succeed brig exec userns readlink /proc/self/ns/user
assert_eq "user namespace of exec" "$(readlink "/proc/$pid/ns/user")" "$stdout"
capture brig exec --user 5000 userns true
[ $status != 0 ] || fail "an id that is not mapped was accepted"
assert_contains error process.user.uid "$stderr"
succeed brig delete --force userns

edit_config '.process.user.uid = 5000'
refuse process.user.uid brig create --bundle "$BUNDLE" userns
edit_config '.process.user = {uid: 0, gid: 0} | .mounts = [{destination: "/dev/pts", type: "devpts", source: "devpts", options: ["newinstance", "gid=3000"]}]'
refuse gid brig create --bundle "$BUNDLE" userns
edit_config '.process.user.uid = 0 | del(.linux.namespaces[] | select(.type == "user"))'
refuse linux.uidMappings brig create --bundle "$BUNDLE" userns
