#!/bin/bash
# linux.resources.unified: any file of the cgroup, line by line, after all other limits.
# vm: lane=fast kernels=any runtimes=brig,crun quick=newest
# shellcheck source=tests/vm/limits/lib.sh
. "$(dirname "$0")/lib.sh"
subject cgroups unified

modprobe brd rd_nr=2 rd_size=1024
first=$(cat /sys/block/ram0/dev) second=$(cat /sys/block/ram1/dev)

written_last() {
  up last '{memory: {limit: 67108864, reservation: 1048576}, pids: {limit: 100}, cpu: {shares: 2048, quota: 50000, period: 100000},
      unified: {"memory.max": "33554432", "memory.low": "2097152", "pids.max": "50", "cpu.weight": "77", "cpu.max": "30000 90000"}}' \
    'exec sleep 1000'
  reads last memory.max 33554432 memory.low 2097152 pids.max 50 cpu.weight 77 cpu.max '30000 90000'
}

line_by_line() {
  up lines "{unified: {\"io.max\": \"$first rbps=1048576\n$second wbps=2097152 riops=50\n\"}}" 'exec sleep 1000'
  contains "$first rbps=1048576 wbps=max riops=max wiops=max" "$(value lines io.max)"
  contains "$second rbps=max wbps=2097152 riops=50 wiops=max" "$(value lines io.max)"
}

every_controller() {
  up every '{unified: {"cpu.max.burst": "5000", "cpu.max": "20000 100000", "cpuset.cpus": "0", "memory.high": "50331648",
      "memory.swap.max": "0", "pids.max": "30", "io.weight": "default 300", "hugetlb.2MB.max": "2097152", "cgroup.max.depth": "3",
      "cgroup.max.descendants": "4"}}' 'exec sleep 1000'
  reads every cpu.max.burst 5000 cpuset.cpus 0 memory.high 50331648 memory.swap.max 0 pids.max 30 io.weight 'default 300' \
    hugetlb.2MB.max 2097152 cgroup.max.depth 3 cgroup.max.descendants 4
}

acts() {
  up acts '{unified: {"pids.max": "4"}}' '(for i in 1 2 3 4 5 6; do sleep 1000 & done); exec sleep 1000'
  says acts "can't fork"
  counted acts pids.events max
}

updated() {
  up updated '{unified: {"memory.max": "67108864"}}' 'exec sleep 1000'
  update_json updated '{memory: {limit: 16777216}, unified: {"memory.max": "33554432", "memory.oom.group": "1", "pids.max": "9"}}'
  reads updated memory.max 33554432 memory.oom.group 1 pids.max 9
}

refusals() {
  refused memory.nosuch wrong '{unified: {"memory.nosuch": "1"}}'
  refused nosuch wrong '{unified: {"nosuch.max": "1"}}'
  refused memory.high wrong '{unified: {"memory.high": "plenty"}}'
  refused memory wrong '{unified: {"memory/../../memory.high": "1"}}'
  refused unified wrong '{unified: {"memory": "1"}}'
}

step "unified is written after all other limits" written_last
step "unified values are written line by line" line_by_line
step "unified keys of every controller" every_controller
step "a unified limit acts" acts
step "update of unified keys" updated
step "unified keys that cannot be are refused by name" refusals

rmmod brd
finish_steps
