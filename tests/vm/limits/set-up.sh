#!/bin/bash
# What befalls a container while it is made: its memory runs out, at every limit from nothing up to what is enough;
# the host's clock is set back and forth.
# vm: lane=fast kernels=any runtimes=brig quick=newest
# shellcheck source=tests/vm/limits/lib.sh
. "$(dirname "$0")/lib.sh"
subject cgroups "trouble in the set-up"

KiB=1024
# A tmpfs that is filled from the image takes more memory than brig itself, and the container's processes have it.
copied='.mounts += [{destination: "/bin", type: "tmpfs", source: "tmpfs", options: ["tmpcopyup"]}]'

nothing_left() {
  [ ! -e "$slice/$1" ] || fail "$slice/$1 is left"
  [ -z "$(ls "$work/root" 2>/dev/null)" ] || fail "state is left: $(ls "$work/root")"
}

# Each size below one that is enough fails with one line that says why; then the same id can be created.
memory_runs_out() {
  local size failures=0 told=0
  for size in 16 64 128 192 256 384 512 768 1024 1536 2048; do
    bundle small "{memory: {limit: ($size * $KiB), swap: ($size * $KiB)}}" 'exec sleep 1000' "$copied"
    if oci create --bundle "$work/small" small >"$work/small/out" 2>&1; then
      oci delete --force small
      nothing_left small
      continue
    fi
    failures=$((failures + 1))
    equals 1 "$(wc -l <"$work/small/out")" "lines at $size KiB: $(cat "$work/small/out")"
    contains "linux.resources.memory.limit" "$(cat "$work/small/out")" "error at $size KiB"
    if grep -q "out of memory: raise linux.resources.memory.limit" "$work/small/out"; then told=$((told + 1)); fi
    nothing_left small
  done
  more $failures 2 "sizes that are too small"
  more $told 0 "sizes at which the killed process is explained"
  bundle small '{}' 'exec sleep 1000' "$copied"
  oci create --bundle "$work/small" small
  oci delete --force small
}

# A hook of three seconds' timeout that hangs, while the clock is set: the seconds stay seconds.
clock_jumps() {
  local way start took now
  for way in 86400 -86400 315360000; do
    bundle clock '{}' true '.hooks.createRuntime = [{path: "/bin/sleep", args: ["sleep", "1000"], timeout: 3}]'
    read -r start _ </proc/uptime
    (
      trap - ERR # its words would be in the file
      if oci create --bundle "$work/clock" clock >"$work/clock/out" 2>&1; then exit 1; fi
    ) &
    within 20 pgrep -f 'sleep 1000'
    now=$(date +%s)
    date -s "@$((now + way))" >/dev/null
    wait $! || fail "the hook was no failure"
    date -s "@$((now + 3))" >/dev/null
    read -r took _ </proc/uptime
    took=$((${took%.*} - ${start%.*}))
    one_line "hook ran past specified timeout of 3.0s" "$work/clock/out"
    if [ $took -lt 2 ] || [ $took -gt 30 ]; then fail "$way seconds: it took $took s"; fi
    nothing_left clock
  done
}

# A container that was made before the clock was set is the same one afterwards.
clock_jumps_between() {
  local now
  up kept '{}' 'exec sleep 1000'
  now=$(date +%s)
  date -s "@$((now - 86400))" >/dev/null
  equals running "$(oci state kept | jq -r .status)"
  oci exec kept true
  oci pause kept
  oci resume kept
  date -s "@$now" >/dev/null
  equals running "$(oci state kept | jq -r .status)"
  oci kill kept KILL
  within 20 stopped kept
  oci delete kept
  nothing_left kept
}
stopped() { [ "$(oci state "$1" | jq -r .status)" = stopped ]; }

step "memory that runs out in the set-up is told, and nothing is left" memory_runs_out
step "a hook's timeout holds while the clock is set" clock_jumps
step "a container is the same after the clock was set" clock_jumps_between
finish_steps
