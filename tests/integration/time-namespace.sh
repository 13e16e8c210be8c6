#!/bin/bash
# linux.timeOffsets shift the clocks of a new time namespace, also in a user namespace and for exec.
. "$(dirname "$0")/lib.sh"
need_root

uptime_now() { cut -d. -f1 /proc/uptime; }
make_bundle time "$(shell_command 'exec sleep 1000')"
edit_config '.linux.namespaces += [{type: "time"}] |
  .linux.timeOffsets = {boottime: {secs: 1000000, nanosecs: 5}, monotonic: {secs: 2000000}}'
# check SHIFT: the container's uptime is the host's and SHIFT.
check() {
  start_container time
  local before seen
  before=$(uptime_now)
  succeed brig exec time sh -c 'cut -d. -f1 /proc/uptime; cat /proc/self/timens_offsets'
  seen=$(head -n 1 <<<"$stdout")
  assert_matches "uptime inside beyond $before outside" "^($1|$(($1 + 1))|$(($1 + 2))|$(($1 + 3)))\$" "$((seen - before))"
  assert_eq offsets "monotonic 2000000 0 boottime 1000000 5" "$(tail -n 2 <<<"$stdout" | xargs)"
  [ "$(readlink "/proc/$(container_pid time)/ns/time")" != "$(readlink /proc/self/ns/time)" ] ||
    fail "the time namespace is the caller's"
  succeed brig delete --force time
}
check 1000000
edit_config '.linux.namespaces += [{type: "user"}] |
  .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
chown -hR 100000:100000 "$BUNDLE/rootfs"
check 1000000

edit_config '.linux.timeOffsets.boottime.secs = -999999999'
refuse linux.timeOffsets brig create --bundle "$BUNDLE" time
edit_config '.linux.timeOffsets = {boottime: {secs: 1}} | .linux.namespaces |= map(select(.type != "time"))'
refuse linux.timeOffsets brig create --bundle "$BUNDLE" time
edit_config '.linux.namespaces += [{type: "time", path: "/proc/self/ns/time"}]'
refuse linux.timeOffsets brig create --bundle "$BUNDLE" time
