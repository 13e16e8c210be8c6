#!/bin/bash
# A cgroup that exists is used when it is empty; with processes in it or frozen it is refused.
. "$(dirname "$0")/lib.sh"
in_pure_v2

cgroup=/sys/fs/cgroup/$TEST_CGROUP/there
mkdir -p "$cgroup"
make_bundle there "$(shell_command 'exec sleep 1000')"
start_container there
assert_eq "processes" "$(container_pid there)" "$(<"$cgroup/cgroup.procs")"
succeed brig delete --force there

mkdir -p "$cgroup"
sleep 1000 &
other=$!
echo $other >"$cgroup/cgroup.procs"
refuse "cgroup is not empty" brig create --bundle "$BUNDLE" there
assert_contains error "$cgroup" "$stderr"
[ -d /proc/$other ] || fail "the process that was there is gone"
assert_eq "processes" $other "$(<"$cgroup/cgroup.procs")"
kill -KILL $other
wait $other 2>/dev/null || true

[ -d "$cgroup" ] || fail "a refused create removed a cgroup that was not its own"
echo 1 >"$cgroup/cgroup.freeze"
refuse frozen brig create --bundle "$BUNDLE" there
[ -d "$cgroup" ] || fail "a refused create removed a cgroup that was not its own"
rmdir "$cgroup"

# One that is still to be made, two levels below a frozen cgroup.
echo 1 >"${cgroup%/*}/cgroup.freeze"
edit_config '.linux.cgroupsPath = $path' --arg path "${cgroup#/sys/fs/cgroup}/new/leaf"
refuse frozen brig create --bundle "$BUNDLE" there
echo 0 >"${cgroup%/*}/cgroup.freeze"
[ ! -e "$cgroup" ] || fail "a refused create left a cgroup"
[ ! -e "$ROOT/there" ] || fail "a refused create left its state"
