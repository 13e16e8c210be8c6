#!/bin/bash
# pause is cgroup.freeze, delete --force reaches sub-cgroups, and exec --cgroup starts in one of them.
. "$(dirname "$0")/lib.sh"
in_pure_v2

make_bundle tree '.linux.namespaces |= map(select(.type != "pid" and .type != "cgroup")) |
  (.mounts[] | select(.type == "cgroup") | .options) = ["nosuid"]'
edit_config "$(shell_command 'c=/sys/fs/cgroup; [ -e $c/cgroup.procs ] || exit 9
  d=$c$(sed -n "s/^0:://p" /proc/self/cgroup); [ -d $d ] || d=$c
  mkdir -p $d/sub/deeper; sleep 1001 & echo $! >$d/sub/deeper/cgroup.procs; touch /ready; wait')"
cgroup=/sys/fs/cgroup/$TEST_CGROUP/tree
start_container tree
wait_until test -e "$BUNDLE/rootfs/ready"
# The shell executes it some time after it has told its number.
sleeps_in_sub_cgroup() { [ "$(cat "/proc/$(<"$cgroup/sub/deeper/cgroup.procs")/comm")" = sleep ]; }
wait_until sleeps_in_sub_cgroup
assert_eq "ps counts sub-cgroups" 2 "$(brig ps -f json tree | jq length)"

assert_eq "frozen" 0 "$(<"$cgroup/cgroup.freeze")"
succeed brig pause tree
assert_eq "frozen" 1 "$(<"$cgroup/cgroup.freeze")"
assert_eq "frozen by now" 1 "$(awk '/^frozen/ { print $2 }' "$cgroup/cgroup.events")"
succeed brig resume tree
assert_eq "frozen" 0 "$(<"$cgroup/cgroup.freeze")"
# Paused behind brig's back.
echo 1 >"$cgroup/cgroup.freeze"
wait_until has_status tree paused
echo 0 >"$cgroup/cgroup.freeze"
wait_until has_status tree running

succeed brig exec --cgroup sub/deeper tree cat /proc/self/cgroup
assert_contains "cgroup of exec" "0::/$TEST_CGROUP/tree/sub/deeper" "$stdout"
capture brig exec --cgroup ../../other tree true
[ $status != 0 ] || fail "exec left the container's cgroup"
succeed brig delete --force tree
[ ! -d "$cgroup" ] || fail "$cgroup is still there"
no_processes || fail "left: $(<"$WORK/processes")"
