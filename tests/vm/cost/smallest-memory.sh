#!/bin/bash
# Finds the smallest memory.max, in steps of 16 KiB, with which 200 of 200 starts of /bin/true work: with brig, crun and
# runc. The figures are in the script's log.
# vm: lane=fast kernels=6.1 runtimes=brig only-named timeout=1500
# shellcheck source=tests/vm/cost/lib.sh
. "$(dirname "$0")/lib.sh"
subject cost memory

# smallest_of RUNTIME: prints it in KiB. A few starts for each step of the search, all 200 for what it finds.
smallest_of() {
  local RUNTIME=$1 fails=0 works=1024 middle # in 16 KiB
  warm_up
  while [ $((works - fails)) -gt 1 ]; do
    middle=$(((works + fails) / 2))
    failures $((middle * 16)) 10 0
    if [ $failed = 0 ]; then works=$middle; else fails=$middle; fi
  done
  until failures $((works * 16)) 200 0 && [ $failed = 0 ]; do works=$((works + 1)); done
  echo $((works * 16))
}

find_smallest() {
  for runtime in "$RUNTIME" crun runc; do
    smallest_of "$(command -v "$runtime")" >"$work/${runtime##*/}"
    echo "${runtime##*/}: $(cat "$work/${runtime##*/}") KiB" >>"$work/figures"
  done
}
STEP_DEADLINE=1400 step "the smallest memory.max is found" find_smallest
cat "$work/figures"
at_most_352() { [ "$(cat "$work/brig")" -le 352 ] || fail "$(cat "$work/brig") KiB"; }
at_most_of_runc() { [ $(($(cat "$work/brig") * 100)) -le $(($(cat "$work/runc") * 6)) ] || fail "$(cat "$work/figures")"; }
step "brig's smallest memory.max is at most 352 KiB" at_most_352
step "brig's smallest memory.max is at most 0.06 times runc's" at_most_of_runc
finish_steps
