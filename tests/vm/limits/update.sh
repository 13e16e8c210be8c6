#!/bin/bash
# update: each value by its option and by --resources, read back from the kernel; what is not named stays.
# vm: lane=fast kernels=any runtimes=brig,crun quick=newest
# shellcheck source=tests/vm/limits/lib.sh
. "$(dirname "$0")/lib.sh"
subject cgroups update

MiB=1048576
modprobe brd rd_nr=1 rd_size=1024
device=$(cat /sys/block/ram0/dev)
numbers="major: ${device%:*}, minor: ${device#*:}"

start() {
  up all "{memory: {limit: (64 * $MiB), swap: (64 * $MiB)}, pids: {limit: 50}, cpu: {shares: 1024, quota: 50000, period: 100000, cpus: \"0-1\"}}" \
    'exec sleep 1000'
}

# by_option FILE VALUE OPTION...
by_option() {
  start
  update all "${@:3}"
  reads all "$1" "$2"
  # The others are as they were.
  [ "$1" = memory.max ] || reads all memory.max $((64 * MiB))
  [ "$1" = pids.max ] || reads all pids.max 50
  [ "$1" = cpu.max ] || reads all cpu.max '50000 100000'
}
# by_json RESOURCES FILE VALUE [FILE VALUE...]
by_json() {
  start
  update_json all "$1"
  reads all "${@:2}"
}

memory_options() {
  start
  update all --memory 48m --memory-swap 96m
  reads all memory.max $((48 * MiB)) memory.swap.max $((48 * MiB))
  update all --memory-reservation 16m
  reads all memory.low $((16 * MiB)) memory.max $((48 * MiB))
  update all --memory -1 --memory-swap -1
  reads all memory.max max memory.swap.max max
}

cpu_options() {
  start
  update all --cpu-quota 20000
  reads all cpu.max '20000 100000'
  update all --cpu-period 200000
  reads all cpu.max '20000 200000'
  update all --cpu-quota 30000 --cpu-period 50000
  reads all cpu.max '30000 50000'
  update all --cpu-quota -1
  reads all cpu.max 'max 50000' memory.max $((64 * MiB)) pids.max 50
}

cpuset_options() {
  start
  update all --cpuset-cpus 1 --cpuset-mems 0
  reads all cpuset.cpus 1 cpuset.mems 0
  equals 1 "$(taskset_of all)" "CPUs of the process"
}
taskset_of() { awk '/^Cpus_allowed_list/ { print $2 }' "/proc/$(head -n 1 "$slice/$1/cgroup.procs")/status"; }

burst_both_ways() {
  start
  update_json all '{cpu: {burst: 40000}}'
  reads all cpu.max.burst 40000 cpu.max '50000 100000'
  # The kernel allows no burst above the quota at any moment: down and up again need different orders.
  update_json all '{cpu: {quota: 10000, period: 100000, burst: 5000}}'
  reads all cpu.max.burst 5000 cpu.max '10000 100000'
  update_json all '{cpu: {quota: 80000, period: 100000, burst: 70000}}'
  reads all cpu.max.burst 70000 cpu.max '80000 100000'
  update_json all '{cpu: {burst: 0}}'
  reads all cpu.max.burst 0
}

idle_and_back() {
  start
  update_json all '{cpu: {idle: 1}}'
  reads all cpu.idle 1
  update_json all '{cpu: {idle: 0, shares: 1024}}'
  reads all cpu.idle 0 cpu.weight 100
}

from_nothing() {
  up all '{}' 'exec sleep 1000'
  update all --memory 48m --pids-limit 7 --cpu-quota 30000 --cpuset-cpus 0
  reads all memory.max $((48 * MiB)) pids.max 7 cpu.max '30000 100000' cpuset.cpus 0
}

refusals() {
  local text
  start
  for text in '{memory: {limit: 8388608, swap: 4194304}}' '{cpu: {quota: 10000, burst: 20000}}' \
    '{unified: {"memory.nosuch": "1"}}' '{cpu: {cpus: "77"}}'; do
    ! update_json all "$text" >"$work/out" 2>&1 || fail "$text was accepted"
    equals 1 "$(wc -l <"$work/out")" "lines of the error $(cat "$work/out")"
  done
  reads all memory.max $((64 * MiB)) pids.max 50 cpu.max '50000 100000'
}

step "update --memory, --memory-swap, --memory-reservation" memory_options
step "update --pids-limit" by_option pids.max 9 --pids-limit 9
step "update --pids-limit -1" by_option pids.max max --pids-limit -1
step "update --cpu-quota and --cpu-period" cpu_options
step "update --cpu-share" by_option cpu.weight 10000 --cpu-share 262144
step "update --cpu-burst" by_option cpu.max.burst 10000 --cpu-burst 10000
step "update --cpu-idle" by_option cpu.idle 1 --cpu-idle 1
step "update --cpuset-cpus and --cpuset-mems" cpuset_options
step "update --blkio-weight" by_option io.weight 'default 4950' --blkio-weight 500
step "update --resources: memory" by_json \
  "{memory: {limit: (32 * $MiB), swap: (48 * $MiB), reservation: (8 * $MiB)}}" \
  memory.max $((32 * MiB)) memory.swap.max $((16 * MiB)) memory.low $((8 * MiB)) pids.max 50
step "update --resources: pids" by_json '{pids: {limit: 11}}' pids.max 11 memory.max $((64 * MiB))
step "update --resources: cpu" by_json '{cpu: {shares: 262144, quota: 25000, period: 50000, cpus: "0", mems: "0"}}' \
  cpu.weight 10000 cpu.max '25000 50000' cpuset.cpus 0 cpuset.mems 0
step "update --resources: burst up and down" burst_both_ways
step "update --resources: idle and back" idle_and_back
step "update --resources: blockIO" by_json \
  "{blockIO: {weight: 100, throttleReadBpsDevice: [{$numbers, rate: $MiB}], throttleWriteIOPSDevice: [{$numbers, rate: 30}]}}" \
  io.max "$device rbps=$MiB wbps=max riops=max wiops=30" io.weight 'default 910'
step "update --resources: hugepageLimits" by_json '{hugepageLimits: [{pageSize: "2MB", limit: 2097152}]}' hugetlb.2MB.max 2097152
step "update --resources: unified" by_json '{unified: {"memory.high": "33554432", "cpu.weight": "250"}}' \
  memory.high 33554432 cpu.weight 250
step "update of a container that was made without limits" from_nothing
step "update that cannot be changes nothing and says why" refusals

rmmod brd
finish_steps
