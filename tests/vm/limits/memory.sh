#!/bin/bash
# Memory limits: each is in the kernel's file, and is seen to kill, to swap, to throttle or to protect.
# vm: lane=fast kernels=any runtimes=brig,crun quick=newest
# shellcheck source=tests/vm/limits/lib.sh
. "$(dirname "$0")/lib.sh"
subject cgroups memory

MiB=1048576
# `dd bs=N count=1` holds N bytes of anonymous memory for a moment.
eat() { echo "dd if=/dev/zero of=/dev/null bs=$1 count=1 2>/dev/null"; }
# Holds 24 MiB as long as it lives.
hold='dd if=/dev/zero of=/tmp/held bs=1M count=24 2>/dev/null && echo held; exec sleep 1000'

modprobe zram
swap=$(cat /sys/class/zram-control/hot_add)
echo 256M >"/sys/block/zram$swap/disksize"
mkswap "/dev/zram$swap" >/dev/null
swapon "/dev/zram$swap"

limit_kills() {
  up limit "{memory: {limit: (16 * $MiB), swap: (16 * $MiB)}}" "$(eat 32M); echo status \$?; exec sleep 1000"
  reads limit memory.max $((16 * MiB)) memory.swap.max 0
  says limit status
  equals "status 137" "$(output_of limit)"
  counted limit memory.events oom_kill
}

init_killed() {
  run init "{memory: {limit: (16 * $MiB), swap: (16 * $MiB)}}" "exec $(eat 32M)"
  equals 137 $status "exit status"
}

oom_event() {
  up events "{memory: {limit: (16 * $MiB), swap: (16 * $MiB)}}" \
    "until [ -e /tmp/go ]; do sleep 0.05; done; $(eat 32M); echo over; exec sleep 1000"
  oci events --interval 100ms events >"$work/events.json" 2>&1 &
  # The first statistics say that it watches.
  within 20 grep -q '"stats"' "$work/events.json"
  oci exec events touch /tmp/go
  within 20 grep -q '"type":"oom"' "$work/events.json"
  equals '{"type":"oom","id":"events"}' "$(grep -m 1 oom\" "$work/events.json")"
  oci delete --force events
  wait $! || fail "events ended with status $?"
}

group_dies() {
  up group "{memory: {limit: (16 * $MiB), swap: (16 * $MiB)}, unified: {\"memory.oom.group\": \"1\"}}" \
    "sleep 1000 & $(eat 32M); echo survived; exec sleep 1000"
  reads group memory.oom.group 1
  within 20 gone group
  lacks survived "$(output_of group)"
}
gone() { [ "$(value "$1" cgroup.events populated)" = 0 ]; }

swap_holds() {
  up swap "{memory: {limit: (16 * $MiB), swap: (32 * $MiB)}}" "$(eat 24M); echo status \$?; exec sleep 1000"
  reads swap memory.max $((16 * MiB)) memory.swap.max $((16 * MiB))
  says swap status
  equals "status 0" "$(output_of swap)"
  counted swap memory.events max
  # More than both together is killed.
  up both "{memory: {limit: (16 * $MiB), swap: (32 * $MiB)}}" "$(eat 48M); echo status \$?; exec sleep 1000"
  says both status
  equals "status 137" "$(output_of both)"
}

swap_unlimited() {
  up unlimited "{memory: {limit: (16 * $MiB), swap: -1}}" "$(eat 48M); echo status \$?; exec sleep 1000"
  reads unlimited memory.max $((16 * MiB)) memory.swap.max max
  says unlimited status
  equals "status 0" "$(output_of unlimited)"
}

limit_lifted() {
  up lifted "{memory: {limit: (16 * $MiB), swap: (16 * $MiB)}}" \
    "until [ -e /tmp/go ]; do sleep 0.05; done; $(eat 32M); echo status \$?; exec sleep 1000"
  update_json lifted '{memory: {limit: -1}}'
  reads lifted memory.max max memory.swap.max max
  oci exec lifted touch /tmp/go
  says lifted status
  equals "status 0" "$(output_of lifted)"
}

# protects FILE RESOURCES: of two containers that hold 24 MiB each below a common limit, the one with
# RESOURCES keeps its memory while a third one presses.
protects() {
  mkdir -p "$slice"
  echo +memory >"$slice/cgroup.subtree_control"
  echo $((72 * MiB)) >"$slice/memory.max"
  up kept "$2" "$hold"
  reads kept "$1" $((32 * MiB))
  says kept held
  up plain '{}' "$hold"
  says plain held
  run press '{}' "$(eat 64M)"
  equals 0 $status "exit status"
  local plain
  plain=$(value plain memory.swap.current)
  more "$plain" $MiB "swapped of the container without protection"
  less "$(value kept memory.swap.current)" $((plain / 8)) "swapped of the protected container"
}

high_throttles() {
  up high "{unified: {\"memory.high\": \"$((16 * MiB))\"}}" "$(eat 24M); echo status \$?; exec sleep 1000"
  reads high memory.high $((16 * MiB))
  says high status
  equals "status 0" "$(output_of high)"
  counted high memory.events high
}

check_before_update() {
  up checked "{memory: {limit: (64 * $MiB)}}" "$hold"
  says checked held
  ! update_json checked "{memory: {limit: (8 * $MiB), checkBeforeUpdate: true}}" >"$work/out" 2>&1 ||
    fail "a limit below the usage was accepted"
  one_line "current usage" "$work/out"
  reads checked memory.max $((64 * MiB))
  update_json checked "{memory: {limit: (48 * $MiB), checkBeforeUpdate: true}}"
  reads checked memory.max $((48 * MiB))
}

swap_rules() {
  refused swap rules "{memory: {swap: (64 * $MiB)}}"
  refused swap rules "{memory: {limit: (64 * $MiB), swap: (32 * $MiB)}}"
}

step "memory.limit kills a process that exceeds it" limit_kills
step "memory.limit: an init that was killed ends with 137" init_killed
step "OOM is an event" oom_event
step "unified memory.oom.group kills the whole container" group_dies
step "memory.swap allows swap up to its difference to the limit" swap_holds
step "memory.swap -1 is unlimited" swap_unlimited
step "memory.limit -1 lifts limit and swap" limit_lifted
step "memory.reservation protects as memory.low" protects memory.low "{memory: {reservation: (32 * $MiB)}}"
step "unified memory.min protects" protects memory.min "{unified: {\"memory.min\": \"$((32 * MiB))\"}}"
step "unified memory.high throttles" high_throttles
step "memory.checkBeforeUpdate refuses a limit below the usage" check_before_update
step "memory.swap without or below memory.limit is refused" swap_rules

swapoff "/dev/zram$swap"
echo "$swap" >/sys/class/zram-control/hot_remove
finish_steps
