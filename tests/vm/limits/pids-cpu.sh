#!/bin/bash
# The pids and CPU limits: fork is refused, time is throttled, shared by weight, and bound to CPUs.
# vm: lane=fast kernels=any runtimes=brig,crun quick=newest
# shellcheck source=tests/vm/limits/lib.sh
. "$(dirname "$0")/lib.sh"

# A shell that cannot fork ends, hence another one below the container's init.
forks='(for i in 1 2 3 4 5 6 7 8 9 10; do sleep 1000 & done; echo forked); exec sleep 1000'
spin='while :; do :; done'

subject cgroups pids

pids_refused() {
  up pids '{pids: {limit: 5}}' "$forks"
  reads pids pids.max 5
  says pids "can't fork"
  counted pids pids.events max
  less "$(value pids pids.current)" 6 "pids.current"
}

# The file says 0, as the specification wants it, or the 1 that is as strict (systemd knows no 0).
pids_zero() {
  run zero '{pids: {limit: 0}}' 'sleep 0 & wait'
  contains "can't fork" "$output"
  up none '{pids: {limit: 0}}' 'exec sleep 1000'
  less "$(value none pids.max)" 2 "pids.max"
}

pids_unlimited() {
  up many '{pids: {limit: -1}}' "$forks"
  reads many pids.max max
  says many forked
  equals forked "$(output_of many)"
}

step "pids.limit refuses to fork" pids_refused
step "pids.limit 0 allows no second process" pids_zero
step "pids.limit -1 is unlimited" pids_unlimited

subject cgroups cpu

# used NAME MILLISECONDS: the CPU time in microseconds that the container gets in that time.
used() {
  local before
  before=$(value "$1" cpu.stat usage_usec)
  sleep "$(printf '%d.%03d' $(($2 / 1000)) $(($2 % 1000)))"
  echo $(($(value "$1" cpu.stat usage_usec) - before))
}

quota_throttles() {
  up quota '{cpu: {quota: 20000, period: 100000}}' "$spin"
  reads quota cpu.max '20000 100000'
  within 10 throttled quota
  less "$(used quota 1000)" 450000 "CPU time in a second"
}
throttled() { [ "$(value "$1" cpu.stat nr_throttled)" -gt 0 ]; }

period_alone() {
  up period '{cpu: {period: 50000}}' 'exec sleep 1000'
  reads period cpu.max 'max 50000'
}

burst_used() {
  up burst '{cpu: {quota: 20000, period: 100000, burst: 20000}}' "$spin"
  reads burst cpu.max '20000 100000' cpu.max.burst 20000
  # What it does not use while it is stopped it may use at once afterwards.
  local pid
  pid=$(head -n 1 "$slice/burst/cgroup.procs")
  within 20 burst_after_pause "$pid"
}
burst_after_pause() {
  kill -STOP "$1"
  sleep 0.2
  kill -CONT "$1"
  sleep 0.2
  [ "$(value burst cpu.stat nr_bursts)" -gt 0 ]
}

# compete RESOURCES RESOURCES: sets $first and $second to the CPU time that two busy containers get
# on the same CPU.
compete() {
  local before
  up first "$1 * {cpu: {cpus: \"0\"}}" "$spin"
  up second "$2 * {cpu: {cpus: \"0\"}}" "$spin"
  before=$(value second cpu.stat usage_usec)
  first=$(used first 1000)
  second=$(($(value second cpu.stat usage_usec) - before))
  echo "CPU time: $first and $second"
}

weights() {
  local shares
  up first '{}' 'exec sleep 1000'
  # The formula that runc, crun 1.23 and youki agreed on; older ones had a straight line.
  for shares in 2:1 512:59 1024:100 8192:532 262144:10000; do
    update first --cpu-share "${shares%:*}"
    reads first cpu.weight "${shares#*:}"
  done
}

weight_divides() {
  compete '{cpu: {shares: 8192}}' '{cpu: {shares: 512}}'
  more "$(value first cpu.weight)" $((8 * $(value second cpu.weight))) "cpu.weight"
  more "$first" $((4 * second)) "CPU time of nine times the weight"
}

idle_yields() {
  compete '{cpu: {shares: 1024}}' '{cpu: {idle: 1}}'
  reads second cpu.idle 1
  more "$first" $((8 * second)) "CPU time beside an idle container"
}

cpuset_binds() {
  up set '{cpu: {cpus: "1", mems: "0"}}' 'grep _allowed_list: /proc/self/status; nproc; exec sleep 1000'
  reads set cpuset.cpus 1 cpuset.mems 0 cpuset.cpus.effective 1
  says set '^1$'
  contains $'Cpus_allowed_list:\t1\n' "$(output_of set)"
  contains $'Mems_allowed_list:\t0\n' "$(output_of set)"
  equals 1 "$(oci exec set nproc)" "processors that exec sees"
}

cpuset_refused() {
  refused linux.resources.cpu.cpus wrong '{cpu: {cpus: "77"}}'
  refused linux.resources.cpu.mems wrong '{cpu: {mems: "77"}}'
  refused linux.resources.cpu.cpus wrong '{cpu: {cpus: "zero"}}'
}

cpu_refused() {
  refused burst wrong '{cpu: {quota: 10000, period: 100000, burst: 20000}}'
  refused linux.resources.cpu wrong '{cpu: {quota: 10, period: 100000}}'
  refused linux.resources.cpu wrong '{cpu: {period: 5000000}}'
}

step "cpu.quota and period throttle" quota_throttles
step "cpu.period without a quota" period_alone
step "cpu.burst is used after a pause" burst_used
step "cpu.shares divide a CPU" weight_divides
step "cpu.shares become weights that all runtimes agree on" weights
step "cpu.idle yields to others" idle_yields
step "cpuset cpus and mems bind the processes" cpuset_binds
step "cpuset of what does not exist is refused" cpuset_refused
step "cpu values that the kernel refuses are named" cpu_refused
finish_steps
