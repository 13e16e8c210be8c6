#!/bin/bash
# `exec` runs a further process inside a running container and ends with its status.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle exec "$(shell_command 'exec sleep 1000')"
edit_config '.hostname = "inside" | .process.env += ["FROM_CONFIG=config"]'
succeed brig create --bundle "$BUNDLE" exec
succeed brig start exec

capture brig exec exec sh -c 'hostname; exit 41'
assert_status 41
assert_eq "hostname seen by exec" inside "$stdout"

# The same namespaces as the first process.
pid=$(container_pid exec)
for name in cgroup ipc mnt net pid uts; do
  succeed brig exec exec readlink "/proc/self/ns/$name"
  assert_eq "namespace $name of exec" "$(readlink "/proc/$pid/ns/$name")" "$stdout"
done
succeed brig exec exec cat /proc/self/cgroup
assert_eq "cgroup of exec" "$(brig exec exec cat /proc/1/cgroup)" "$stdout"

succeed brig exec --env FROM_OPTION=option exec sh -c 'echo $FROM_CONFIG $FROM_OPTION'
assert_eq "environment" "config option" "$stdout"
succeed brig exec --cwd /tmp exec pwd
assert_eq "working directory" /tmp "$stdout"
succeed brig exec --user 1000:1001 exec sh -c 'id -u; id -g'
assert_eq "user and group" $'1000\n1001' "$stdout"

jq -n '{cwd: "/", args: ["sh", "-c", "echo $KEY; exit 5"], user: {uid: 0, gid: 0},
        env: ["PATH=/bin", "KEY=from process.json"]}' >process.json
capture brig exec --process process.json exec
assert_status 5
assert_eq "output of process.json" "from process.json" "$stdout"

capture brig exec exec /no/such/program
[ $status != 0 ] || fail "a program that does not exist ran"
assert_contains "error of exec" "no such file or directory" "${stderr,,}"

succeed brig exec --detach --pid-file exec.pid exec sleep 1000
[ -d "/proc/$(<exec.pid)" ] || fail "exec --detach left no process $(<exec.pid)"

succeed brig kill exec KILL
wait_until has_status exec stopped
capture brig exec exec true
[ $status != 0 ] || fail "exec ran in a stopped container"
succeed brig delete exec
