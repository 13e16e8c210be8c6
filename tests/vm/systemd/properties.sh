#!/bin/bash
# Shows every limit as a property of the unit and in the cgroup's file, and properties by annotation.
# vm: lane=full suites=bookworm,sid runtimes=brig,crun timeout=400 quick=bookworm
. "$(dirname "$0")/lib.sh"

unit=pre-c.scope
# running FILTER: the container c with that configuration.
running() { started c sdtest.slice:pre:c 'sleep 1000' "$1"; }
# files NAME VALUE...: each file of the unit's cgroup has its VALUE.
files() {
  while [ $# != 0 ]; do
    equals "$2" "$(setting $unit "$1")" "$1"
    shift 2
  done
}

every_unit() {
  running .
  properties $unit Delegate yes DefaultDependencies no Slice sdtest.slice Transient yes
  # Newer versions of systemd always account and say nothing.
  contains yes "$(property $unit MemoryAccounting)yes" accounting
  local controller
  for controller in cpu memory pids; do contains $controller "$(setting $unit cgroup.controllers)" controllers; done
}
step "each unit is delegated, without default dependencies, with all controllers" every_unit
memory() {
  running '.linux.resources.memory = {limit: 67108864, reservation: 33554432, swap: 100663296}'
  properties $unit MemoryMax 67108864 MemoryLow 33554432 MemorySwapMax 33554432
  files memory.max 67108864 memory.low 33554432
}
step "memory limit, reservation and swap" memory
cpu() {
  running '.linux.resources.cpu = {shares: 512, quota: 25000, period: 50000}'
  properties $unit CPUQuotaPerSecUSec 500ms CPUQuotaPeriodUSec 50ms
  files cpu.max "25000 50000"
  equals "$(setting $unit cpu.weight)" "$(property $unit CPUWeight)" CPUWeight
}
step "CPU shares, quota and period" cpu
fraction() {
  running '.linux.resources.cpu = {quota: 12340, period: 100000}'
  properties $unit CPUQuotaPerSecUSec 130ms
}
step "a quota that is no whole percent is rounded up for systemd" fraction
cpuset() {
  running '.linux.resources.cpu = {cpus: "0-1", mems: "0"}'
  properties $unit AllowedCPUs 0-1 AllowedMemoryNodes 0
  files cpuset.cpus 0-1 cpuset.mems 0
}
step "CPUs and memory nodes" cpuset
pids() {
  running '.linux.resources.pids = {limit: 33}'
  properties $unit TasksMax 33
  files pids.max 33
  oci delete --force c
  running '.linux.resources.pids = {limit: -1}'
  properties $unit TasksMax infinity
  files pids.max max
}
step "pids, with and without limit" pids
io() {
  local device
  device=$(cat /sys/block/vda/dev)
  running '.linux.resources.blockIO = {weight: 500, throttleReadBpsDevice: [{major: '"${device%:*}, minor: ${device#*:}"', rate: 1048576}]}'
  equals "" "$(units $unit | grep -v running)" unit
  case ${RUNTIME##*/} in
    brig)
      properties $unit IOWeight 4950
      contains " 1048576" "$(property $unit IOReadBandwidthMax)" IOReadBandwidthMax
      ;;
  esac
  contains "$device rbps=1048576" "$(setting $unit io.max)" io.max
}
step "I/O weight and a limit of a device" io
io_unset() {
  running '.linux.resources.blockIO = {weight: 0}'
  properties $unit IOWeight '[not set]'
}
step "an I/O weight of 0 is none" io_unset
unified() {
  running '.linux.resources.unified = {"memory.high": "50331648", "memory.min": "1048576", "pids.max": "44", "cpu.weight": "77", "cpu.max": "30000 100000"}'
  properties $unit MemoryHigh 50331648 MemoryMin 1048576 TasksMax 44 CPUWeight 77 CPUQuotaPerSecUSec 300ms
  files memory.high 50331648 memory.min 1048576 pids.max 44 cpu.weight 77 cpu.max "30000 100000"
}
step "keys of unified" unified
too_new() {
  # systemd 252 knows no MemoryZSwapMax; a kernel without the file comes only after it.
  bundle c sdtest.slice:pre:c 'sleep 1000' '.linux.resources.unified = {"memory.zswap.max": "1048576", "pids.max": "44"}'
  if [ -e /sys/fs/cgroup/system.slice/memory.zswap.max ]; then
    create c
    files memory.zswap.max 1048576 pids.max 44
    properties $unit TasksMax 44
  else
    refused c memory.zswap.max
    lacks MemoryZSwapMax "$(cat "$work/c/out")" error
    gone $unit
  fi
}
step "a limit that this systemd may not know" too_new
reloaded() {
  running '.linux.resources.memory = {limit: 67108864} | .linux.resources.pids = {limit: 33} |
    .linux.resources.cpu = {shares: 512, quota: 20000, period: 100000}'
  local before
  before=$(setting $unit cpu.weight)
  ask daemon-reload
  files memory.max 67108864 pids.max 33 cpu.max "20000 100000" cpu.weight "$before"
}
step "limits are the same after a daemon-reload" reloaded
annotations() {
  running '.annotations = {
    "org.systemd.property.KillSignal": "15",
    "org.systemd.property.TimeoutStopUSec": "uint64 11000000",
    "org.systemd.property.RuntimeMaxSec": "3600.5",
    "org.systemd.property.DefaultDependencies": "true",
    "org.systemd.property.Description": "\u0027one of mine\u0027",
    "org.systemd.property.After": "[\u0027crio.service\u0027, \u0027b.service\u0027]"}'
  properties $unit KillSignal 15 TimeoutStopUSec 11s RuntimeMaxUSec "1h 500ms" DefaultDependencies yes \
    Description "one of mine"
  contains crio.service "$(property $unit After)" After
  contains b.service "$(property $unit After)" After
}
step "org.systemd.property.*: numbers, seconds, words, lists, and in place of defaults" annotations
bad_annotations() {
  local name text
  while IFS='|' read -r name text; do
    bundle c sdtest.slice:pre:c true ".annotations[\"org.systemd.property.$name\"] = $(jq -n --arg text "$text" '$text')"
    refused c "$name"
    gone $unit
  done <<'CASES'
KillSignal|fifteen
NoSuchProperty|'x'
KillSignal|'text'
CASES
}
step "a bad property is an error that names it" bad_annotations
finish_steps
