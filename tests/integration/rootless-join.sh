#!/bin/bash
# An unprivileged user's container can join the namespaces of another one of his: the user namespace
# lets him enter the others.
. "$(dirname "$0")/lib.sh"
be_user single

make_user_bundle pause '.linux.namespaces += [{type: "network"}] | .hostname = "pod"'
edit_config "$(shell_command 'exec sleep 1000')"
start_container pause
pid=$(container_pid pause)

make_user_bundle app 'del(.hostname) | .linux.namespaces = [{type: "mount"}] +
  ([["user", "user"], ["uts", "uts"], ["ipc", "ipc"], ["network", "net"], ["pid", "pid"]] |
   map({type: .[0], path: "/proc/\($pid)/ns/\(.[1])"}))' --arg pid "$pid"
edit_config "$(shell_command 'hostname; for ns in user uts ipc net pid; do readlink /proc/self/ns/$ns; done; exec sleep 1000')"
succeed brig create --bundle "$BUNDLE" app
capture brig start app
assert_status 0
inner=$(container_pid app)
for namespace in user uts ipc net pid; do
  assert_eq $namespace "$(readlink "/proc/$pid/ns/$namespace")" "$(readlink "/proc/$inner/ns/$namespace")"
done
succeed brig exec app sh -c 'hostname; id -u'
assert_eq "exec" "pod 0" "$(xargs <<<"$stdout")"
succeed brig kill app KILL
wait_until has_status app stopped
succeed brig delete app

# The host's are not his.
edit_config '.linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/net" else . end)'
capture brig create --bundle "$BUNDLE" app
[ $status != 0 ] || fail "the host's network namespace was joined"
assert_contains error "linux.namespaces[4].path" "$stderr"
succeed brig delete --force pause
