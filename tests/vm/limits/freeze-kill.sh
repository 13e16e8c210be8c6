#!/bin/bash
# The freezer and cgroup.kill: a paused container stands still, and nothing outruns kill and delete.
# vm: lane=fast kernels=any runtimes=brig,crun quick=newest
# shellcheck source=tests/vm/limits/lib.sh
. "$(dirname "$0")/lib.sh"
subject cgroups "freezer and kill"

spin='while :; do :; done'
# Without a pid namespace the end of init ends nobody else.
host_pids='.linux.namespaces |= map(select(.type != "pid"))'
# Shells that start shells, deaf to what asks them to end; the limit saves the machine.
bomb="trap '' TERM INT HUP; b() { b & b & b & :; }; while :; do b 2>/dev/null; done"
bombs="for i in 1 2 3 4 5 6; do ($bomb) & done; exec sleep 1000"

cpu_time() { value "$1" cpu.stat usage_usec; }
state_of() { oci state "$1" | jq -r .status; }
is_empty() { [ -z "$(value "$1" cgroup.procs)" ]; }
is_unpopulated() { [ "$(value "$1" cgroup.events populated)" = 0 ]; }

paused() {
  up frozen '{}' "sleep 1000 & $spin" "$1"
  oci pause frozen
  local before
  before=$(cpu_time frozen)
  reads frozen cgroup.freeze 1
  equals 1 "$(value frozen cgroup.events frozen)" "frozen in cgroup.events"
  equals paused "$(state_of frozen)"
  sleep 0.5
  equals "$before" "$(cpu_time frozen)" "CPU time while paused"
  oci resume frozen
  reads frozen cgroup.freeze 0
  equals running "$(state_of frozen)"
  within 10 grew frozen "$before"
}
grew() { [ "$(cpu_time "$1")" -gt "$2" ]; }

paused_then() {
  up frozen '{}' "sleep 1000 & $spin" "$host_pids"
  oci pause frozen
  "$@"
}
deleted() {
  oci delete --force frozen
  [ ! -e "$slice/frozen" ] || fail "$slice/frozen is left"
}
killed() {
  oci kill --all frozen KILL
  within 10 is_empty frozen
}

bomb_killed() {
  up bomb '{pids: {limit: 60}}' "$bombs" "$host_pids"
  within 20 refused_forks bomb
  oci kill --all bomb KILL
  # Not cgroup.procs, where a process is missing that is about to end.
  within 10 is_unpopulated bomb
  is_empty bomb || fail "processes are left: $(value bomb cgroup.procs)"
}
refused_forks() { [ "$(value "$1" pids.events max)" -gt 0 ]; }

bomb_deleted() {
  up bomb '{pids: {limit: 60}}' "$bombs" "$host_pids"
  within 20 refused_forks bomb
  oci delete --force bomb
  [ ! -e "$slice/bomb" ] || fail "$slice/bomb is left"
}

# Processes that moved to cgroups which the container made are of the container too.
subgroups() {
  up tree '{pids: {limit: 60}}' "mkdir -p /sys/fs/cgroup/a/b; (echo 0 >/sys/fs/cgroup/a/b/cgroup.procs; $spin) &
      until grep -q . /sys/fs/cgroup/a/b/cgroup.procs; do :; done; echo inside; exec sleep 1000" \
    "$host_pids | (.mounts[] | select(.type == \"cgroup\") | .options) = [\"nosuid\"]"
  says tree inside
  oci pause tree
  local before
  before=$(cpu_time tree)
  sleep 0.3
  equals "$before" "$(cpu_time tree)" "CPU time while paused"
  oci resume tree
  oci delete --force tree
  [ ! -e "$slice/tree" ] || fail "$slice/tree is left"
}

step "pause stops all processes, resume continues them" paused .
step "pause without a pid namespace" paused "$host_pids"
step "delete --force of a paused container" paused_then deleted
step "kill --all of a paused container" paused_then killed
step "kill --all ends a fork bomb" bomb_killed
step "delete --force ends a fork bomb" bomb_deleted
step "sub-cgroups are paused and deleted too" subgroups
finish_steps
