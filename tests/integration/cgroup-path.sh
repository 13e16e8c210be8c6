#!/bin/bash
# linux.cgroupsPath: an absolute one is below the cgroup2 mount, others below brig's choice; all go again.
. "$(dirname "$0")/lib.sh"
in_pure_v2

make_bundle path "$(shell_command 'exec sleep 1000')"
own=$(sed -n 's/^0:://p' /proc/self/cgroup)
cgroup_of() { sed -n 's/^0:://p' "/proc/$(container_pid "$1")/cgroup"; }
edit_config '.linux.cgroupsPath = $path' --arg path "/$TEST_CGROUP/deep/er/path"
start_container path
assert_eq "absolute" "/$TEST_CGROUP/deep/er/path" "$(cgroup_of path)"
assert_eq "processes" "$(container_pid path)" "$(<"/sys/fs/cgroup/$TEST_CGROUP/deep/er/path/cgroup.procs")"
succeed brig delete --force path
[ ! -e "/sys/fs/cgroup/$TEST_CGROUP/deep/er/path" ] || fail "the cgroup is still there"
rmdir "/sys/fs/cgroup/$TEST_CGROUP/deep/er" "/sys/fs/cgroup/$TEST_CGROUP/deep" 2>/dev/null || true

# A path cannot leave the mount.
edit_config '.linux.cgroupsPath = $path' --arg path "/$TEST_CGROUP/../../$TEST_CGROUP/climbing"
capture brig create --bundle "$BUNDLE" path
if [ $status = 0 ]; then
  assert_eq "with dots" "/$TEST_CGROUP/climbing" "$(cgroup_of path)"
  succeed brig delete --force path
fi

# Relative, and none at all: a place of its own, named after it.
for filter in '.linux.cgroupsPath = "relative-\($test)"' 'del(.linux.cgroupsPath)'; do
  edit_config "$filter" --arg test "$TEST_CGROUP"
  succeed brig create --bundle "$BUNDLE" "path-$TEST_CGROUP"
  cgroup=$(cgroup_of "path-$TEST_CGROUP")
  [ "$cgroup" != "$own" ] || fail "it is in the caller's own cgroup $own"
  assert_contains "$filter" "$TEST_CGROUP" "$cgroup"
  succeed brig delete --force "path-$TEST_CGROUP"
  [ ! -e "/sys/fs/cgroup$cgroup" ] || fail "$cgroup is still there"
done
