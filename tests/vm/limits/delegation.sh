#!/bin/bash
# Nested and delegated cgroups, the cgroup namespace, and /sys/fs/cgroup inside, read-only and writable.
# vm: lane=fast kernels=any runtimes=brig,crun quick=newest
# shellcheck source=tests/vm/limits/lib.sh
. "$(dirname "$0")/lib.sh"
subject cgroups delegation

writable='(.mounts[] | select(.type == "cgroup") | .options) = ["nosuid", "noexec", "nodev"]'
own_users='.linux.namespaces += [{type: "user"}] |
  .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
host_view='.linux.namespaces |= map(select(.type != "cgroup"))'

nested() {
  up deep '{memory: {limit: 67108864}, pids: {limit: 20}}' 'exec sleep 1000' '.linux.cgroupsPath = "/limits/outer/inner/deep"'
  reads outer/inner/deep memory.max 67108864 pids.max 20
  contains memory "$(value outer cgroup.subtree_control)" "controllers of the parent"
  contains pids "$(value outer/inner cgroup.subtree_control)" "controllers of the parent"
  oci delete --force deep
  [ ! -e "$slice/outer/inner/deep" ] || fail "$slice/outer/inner/deep is left"
  # Again, where the parents are there already and have other controllers.
  up deep '{cpu: {shares: 2048}}' 'exec sleep 1000' '.linux.cgroupsPath = "/limits/outer/inner/deep"'
  contains cpu "$(value outer/inner cgroup.subtree_control)" "controllers of the parent"
  [ "$(value outer/inner/deep cpu.weight)" != 100 ] || fail "cpu.weight was not written"
}

parent_busy() {
  mkdir -p "$slice/busy"
  sleep 1000 &
  echo $! >"$slice/busy/cgroup.procs"
  bundle child '{memory: {limit: 67108864}}' 'exec sleep 1000' '.linux.cgroupsPath = "/limits/busy/child"'
  ! oci create --bundle "$work/child" child >"$work/out" 2>&1 || fail "it was accepted"
  one_line limits/busy "$work/out"
  [ ! -e "$slice/busy/child" ] || fail "$slice/busy/child is left"
}

not_empty() {
  mkdir -p "$slice/taken"
  sleep 1000 &
  echo $! >"$slice/taken/cgroup.procs"
  bundle taken '{}' 'exec sleep 1000'
  ! oci create --bundle "$work/taken" taken >"$work/out" 2>&1 || fail "a cgroup with processes was accepted"
  one_line "not empty" "$work/out"
  equals $! "$(value taken cgroup.procs)" "processes"
}

frozen() {
  mkdir -p "$slice/frozen"
  echo 1 >"$slice/frozen/cgroup.freeze"
  bundle frozen '{}' 'exec sleep 1000'
  ! timeout 20 "$RUNTIME" --root "$work/root" create --bundle "$work/frozen" frozen >"$work/out" 2>&1 ||
    fail "a frozen cgroup was accepted"
  one_line frozen "$work/out"
}

namespace() {
  local file='cat /proc/self/cgroup; cat /sys/fs/cgroup/memory.max'
  run own '{memory: {limit: 67108864}}' "$file"
  equals $'0::/\n67108864' "$output" "with a cgroup namespace"
  # runc and crun bind the container's own cgroup over /sys/fs/cgroup only when they cannot mount one.
  run host '{memory: {limit: 67108864}}' 'cat /proc/self/cgroup' "$host_view"
  equals 0::/limits/host "$output" "without"
}

read_only() {
  run ro '{}' 'mkdir /sys/fs/cgroup/inner; echo 0 >/sys/fs/cgroup/cgroup.procs; grep " /sys/fs/cgroup " /proc/self/mountinfo' \
    "$all_capabilities"
  equals 2 "$(grep -c 'Read-only file system' <<<"$output")" "refusals in: $output"
  contains ' ro,' "$output" "mount"
}

# Root in the container's cgroup namespace manages what is below, but nsdelegate keeps its own limits.
writable() {
  up rw '{memory: {limit: 67108864}, pids: {limit: 20}}' 'cd /sys/fs/cgroup; mkdir inner && echo 0 >inner/cgroup.procs &&
      echo "+memory +pids" >cgroup.subtree_control && echo 3 >inner/pids.max && echo managed
      echo max >memory.max; echo max >pids.max; echo limits; (for i in 1 2 3 4 5; do sleep 1000 & done); exec sleep 1000' \
    "$all_capabilities | $writable | ${1:-.}"
  says rw "can't fork"
  contains managed "$(output_of rw)"
  equals 2 "$(grep -cE "(Operation not permitted|Permission denied)" "$work/rw/out")" "refusals in: $(output_of rw)"
  reads rw memory.max 67108864 pids.max 20 inner/../cgroup.subtree_control "memory pids"
  equals 3 "$(value rw/inner pids.max)" "the container's own limit"
  counted rw/inner pids.events max
}

# user_owned: what is delegated belongs to the container's root, the limits do not.
user_owned() {
  local file
  writable "$own_users"
  equals 100000 "$(stat -c %u "$slice/rw")" "owner of the cgroup"
  while read -r file; do
    if [ -e "$slice/rw/$file" ]; then equals 100000 "$(stat -c %u "$slice/rw/$file")" "owner of $file"; fi
  done </sys/kernel/cgroup/delegate
  for file in memory.max pids.max cgroup.freeze; do
    equals 0 "$(stat -c %u "$slice/rw/$file")" "owner of $file"
  done
  equals 0 "$(stat -c %u "$slice")" "owner of the parent"
  # Processes that moved below are still found, and go with the container.
  oci exec rw true
  oci delete --force rw
  [ ! -e "$slice/rw" ] || fail "$slice/rw is left"
}

not_owned() {
  up ro '{}' 'exec sleep 1000' "$own_users"
  equals 0 "$(stat -c %u "$slice/ro")" "owner of the cgroup with a read-only mount"
}

step "nested: parents are made and have the controllers" nested
step "nested: a parent with processes is refused" parent_busy
step "a cgroup with processes is refused" not_empty
step "a frozen cgroup is refused" frozen
step "the cgroup namespace shows / and the container's own limits" namespace
step "/sys/fs/cgroup read-only" read_only
step "/sys/fs/cgroup writable: manages cgroups below, not its limits" writable
step "delegated to the root of a user namespace" user_owned
step "a read-only mount is not delegated" not_owned
finish_steps
