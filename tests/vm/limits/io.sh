#!/bin/bash
# Block I/O limits: rates slow reads and writes of a device, weights divide it, with and without bfq.
# vm: lane=fast kernels=any runtimes=brig,crun quick=newest
# shellcheck source=tests/vm/limits/lib.sh
. "$(dirname "$0")/lib.sh"
subject cgroups blockIO

MiB=1048576
# A device that takes 8 ms for each request of 4 KiB, one at a time: slow enough that the emulated
# processors do not decide who gets how much of it.
modprobe null_blk nr_devices=1 gb=1 bs=4096 queue_mode=2 irqmode=2 completion_nsec=8000000 \
  submit_queues=1 hw_queue_depth=1 max_sectors=8
disk=nullb0
modprobe brd rd_nr=1 rd_size=65536

# use DISK: what the following containers have as /dev/disk.
use() {
  device=$(cat "/sys/block/$1/dev")
  numbers="major: ${device%:*}, minor: ${device#*:}"
  node=".linux.devices = [{path: \"/dev/disk\", type: \"b\", $numbers, fileMode: 438, uid: 0, gid: 0}]"
  allow="devices: [{allow: true, type: \"b\", $numbers, access: \"rwm\"}]"
}
use $disk

# For ever reads or writes blocks of a size, without the page cache.
io() { echo "while :; do dd if=/dev/disk of=/dev/null bs=$1 iflag=direct 2>/dev/null; done"; }
out() { echo "while :; do dd if=/dev/zero of=/dev/disk bs=$1 oflag=direct 2>/dev/null; done"; }

# moved NAME KEY: what io.stat of the container has for the test's device.
moved() {
  awk -v device="$device" -v key="$2" '$1 == device {
    for (i = 2; i <= NF; i++) { split($i, pair, "="); if (pair[1] == key) print pair[2] } }' "$slice/$1/io.stat"
}
moved_something() { [ "$(moved "$1" "$2")" ]; }
# rate NAME KEY [SECONDS]: how much it grows in a second, by measuring for that long.
rate() {
  local before start
  within 10 moved_something "$1" "$2"
  before=$(moved "$1" "$2") start=${EPOCHREALTIME/./}
  sleep "${3:-1}"
  echo $((($(moved "$1" "$2") - before) * 1000000 / (${EPOCHREALTIME/./} - start)))
}

throttled_bps() {
  use ram0
  local rate="{$numbers, rate: 1073741824}"
  up bps "{$allow, blockIO: {throttleReadBpsDevice: [$rate], throttleWriteBpsDevice: [$rate]}}" \
    "$(io 65536) & $(out 65536) & wait" "$node"
  reads bps io.max "$device rbps=1073741824 wbps=1073741824 riops=max wiops=max"
  more "$(rate bps rbytes 0.5)" $((4 * MiB)) "bytes read a second"
  update_json bps "{blockIO: {throttleReadBpsDevice: [{$numbers, rate: $MiB}], throttleWriteBpsDevice: [{$numbers, rate: 524288}]}}"
  reads bps io.max "$device rbps=1048576 wbps=524288 riops=max wiops=max"
  rate bps wbytes 2 >"$work/rate" &
  less "$(rate bps rbytes 2)" $((2 * MiB)) "bytes read a second"
  wait $!
  less "$(cat "$work/rate")" $MiB "bytes written a second"
  # The limit goes, and with it the delay.
  update_json bps "{blockIO: {throttleReadBpsDevice: [{$numbers, rate: 0}]}}"
  reads bps io.max "$device rbps=max wbps=524288 riops=max wiops=max"
  more "$(rate bps rbytes 0.5)" $((2 * MiB)) "bytes read a second after the limit is gone"
}

throttled_iops() {
  use ram0
  up iops "{$allow, blockIO: {throttleReadIOPSDevice: [{$numbers, rate: 20}], throttleWriteIOPSDevice: [{$numbers, rate: 10}]}}" \
    "$(io 4096) & $(out 4096) & wait" "$node"
  reads iops io.max "$device rbps=max wbps=max riops=20 wiops=10"
  rate iops wios 2 >"$work/rate" &
  less "$(rate iops rios 2)" 40 "reads a second"
  wait $!
  less "$(cat "$work/rate")" 20 "writes a second"
}

no_device() {
  refused 'linux.resources.blockIO.throttleReadBpsDevice[0]' wrong \
    '{blockIO: {throttleReadBpsDevice: [{major: 250, minor: 77, rate: 1048576}]}}'
}

# compete FILE HEAVY LIGHT: two containers with these resources read the device at the same time;
# the first must get more.
compete() {
  # Each has requests waiting at any moment.
  local reads
  reads="for i in 1 2 3 4; do ($(io 4096)) & done; wait"
  up heavy "{$allow, blockIO: $1}" "$reads" "$node"
  up light "{$allow, blockIO: $2}" "$reads" "$node"
  within 10 moved_something light rios
  rate light rios 3 >"$work/rate" &
  heavy=$(rate heavy rios 3)
  wait $!
  light=$(cat "$work/rate")
  echo "reads a second: $heavy and $light"
}

# The kernel's io.weight, which the cost model obeys.
weight_written() {
  up weight "{blockIO: {weight: 1000}}" 'exec sleep 1000'
  reads weight io.weight 'default 10000'
  update weight --blkio-weight 10
  reads weight io.weight 'default 1'
  update_json weight '{blockIO: {weight: 500}}'
  reads weight io.weight 'default 4950'
}

io_weight_divides() {
  echo "$device enable=1 ctrl=user min=100 max=100" >/sys/fs/cgroup/io.cost.qos
  # The model of the device: a hundred reads or writes a second.
  echo "$device ctrl=user model=linear rbps=409600 rseqiops=100 rrandiops=100 wbps=409600 wseqiops=100 wrandiops=100" \
    >/sys/fs/cgroup/io.cost.model
  compete '{weight: 1000}' '{weight: 100}'
  more "$heavy" $((2 * light)) "reads with eleven times the weight"
}
no_cost_model() { echo "$device enable=0" >/sys/fs/cgroup/io.cost.qos; }

bfq_divides() {
  compete '{weight: 800}' '{weight: 80}'
  reads heavy io.bfq.weight 'default 800'
  reads light io.bfq.weight 'default 80'
  more "$heavy" $((2 * light)) "reads with ten times the weight"
}

bfq_device() {
  compete "{weight: 80, weightDevice: [{$numbers, weight: 800}]}" '{weight: 80}'
  reads heavy io.bfq.weight "default 80"$'\n'"$device 800"
  more "$heavy" $((2 * light)) "reads with ten times the weight for the device"
}

bfq_updated() {
  up updated '{blockIO: {weight: 300}}' 'exec sleep 1000'
  reads updated io.bfq.weight 'default 300'
  update updated --blkio-weight 700
  reads updated io.bfq.weight 'default 700'
  update_json updated "{blockIO: {weight: 200, weightDevice: [{$numbers, weight: 900}]}}"
  reads updated io.bfq.weight "default 200"$'\n'"$device 900"
}

step "blockIO throttles bytes read and written" throttled_bps
step "blockIO throttles reads and writes" throttled_iops
step "blockIO of a device that does not exist is refused" no_device
if [ -e /sys/fs/cgroup/io.cost.qos ]; then
  step "blockIO.weight becomes io.weight" weight_written
  step "io.weight divides a device" io_weight_divides
  no_cost_model
else
  no_step "io.weight divides a device" "this kernel has no cost model (CONFIG_BLK_CGROUP_IOCOST)"
fi
modprobe bfq
echo bfq >/sys/block/$disk/queue/scheduler
step "io.bfq.weight divides a device" bfq_divides
step "blockIO.weightDevice divides one device" bfq_device
step "update of blockIO weights" bfq_updated

echo none >/sys/block/$disk/queue/scheduler
rmmod bfq null_blk brd
finish_steps
