#!/bin/bash
# A namespace with a path is joined, not made; a path to another type or to no namespace is refused.
. "$(dirname "$0")/lib.sh"
need_root

unshare --ipc --net --uts --cgroup --time --pid --fork sh -c 'hostname holder; exec sleep 1000' 2>/dev/null &
holder_parent=$!
wait_until grep -q . "/proc/$holder_parent/task/$holder_parent/children"
holder=$(xargs <"/proc/$holder_parent/task/$holder_parent/children")
wait_until grep -q sleep "/proc/$holder/comm"

make_bundle join "$(shell_command 'exec sleep 1000')"
edit_config 'del(.hostname) | .linux.namespaces = ([{type: "mount"}] +
  ([["ipc", "ipc"], ["network", "net"], ["uts", "uts"], ["cgroup", "cgroup"], ["time", "time"], ["pid", "pid"]] |
   map({type: .[0], path: "/proc/\($pid)/ns/\(.[1])"})))' --arg pid "$holder"
start_container join
pid=$(container_pid join)
for name in ipc net uts cgroup time pid; do
  assert_eq "joined $name namespace" "$(readlink "/proc/$holder/ns/$name")" "$(readlink "/proc/$pid/ns/$name")"
done
succeed brig exec join hostname
assert_eq "host name in the joined namespace" holder "$stdout"
# In the joined pid namespace it is not process 1.
[ "$(awk '/^NSpid:/ { print $NF }' "/proc/$pid/status")" != 1 ] || fail "the container is process 1"
succeed brig kill join KILL
wait_until has_status join stopped
succeed brig delete join
[ -d "/proc/$holder" ] || fail "the holder of the joined namespaces died with the container"

edit_config '.linux.namespaces = [{type: "mount"}, {type: "ipc", path: "/proc/self/ns/uts"}]'
refuse 'linux.namespaces[1]' brig create --bundle "$BUNDLE" join
assert_contains error type "$stderr"
edit_config '.linux.namespaces[1] = {type: "network", path: "/etc/passwd"}'
refuse 'linux.namespaces[1]' brig create --bundle "$BUNDLE" join
edit_config '.linux.namespaces[1] = {type: "network", path: "/no/such/file"}'
refuse '/no/such/file' brig create --bundle "$BUNDLE" join
edit_config '.linux.namespaces[1] = {type: "network", path: "relative"}'
refuse 'linux.namespaces[1].path' brig create --bundle "$BUNDLE" join
kill -KILL "$holder"
wait "$holder_parent" 2>/dev/null || true
