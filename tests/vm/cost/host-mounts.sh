#!/bin/bash
# How long a start takes on a host with 2,000 mounts, beside one with 30. Emulation makes the kernel's copying cheap beside
# all else, so that the mounts that are copied do not show well with 2,000, but do with 16,000.
# vm: lane=fast kernels=any runtimes=brig quick=newest timeout=600
# shellcheck source=tests/vm/cost/lib.sh
. "$(dirname "$0")/lib.sh"
subject cost mounts
rounds=9

declare -A ask answer
# host NAME DOUBLINGS: a host with 2^DOUBLINGS more mounts than this machine. It is a process in a mount namespace of its
# own, which starts a container with the runtime that it is told, and answers how many microseconds that took.
host() {
  mkfifo "$work/$1.ask" "$work/$1.answer"
  # shellcheck disable=SC2016 # the inner shell's
  unshare --mount --propagation private bash -euc '
    work=$1
    exec 0<"$work/$2.ask" 1>"$work/$2.answer"
    mount -t tmpfs tmpfs /mnt
    mkdir /mnt/{1..20}
    for ((i = 1; i <= $3; i++)); do mount --rbind /mnt "/mnt/$i"; done
    wc -l </proc/self/mountinfo
    while read -r runtime; do
      start=${EPOCHREALTIME/./}
      "$runtime" --root "$work/root-$2" run --bundle "$work/start" start >"$work/start/out" 2>&1 </dev/null ||
        echo "status $?" >>"$work/start/out"
      echo $((${EPOCHREALTIME/./} - start))
    done' - "$work" "$@" &
  local to from mounts
  exec {to}>"$work/$1.ask" {from}<"$work/$1.answer"
  ask[$1]=$to answer[$1]=$from
  read -r -u "$from" mounts
  echo "$1: $mounts mounts"
}

# one HOST RUNTIME: a start there; the time goes to a file of its own.
one() {
  local time
  echo "$2" >&"${ask[$1]}"
  read -r -u "${answer[$1]}" time
  [ ! -s "$work/start/out" ] || fail "${2##*/} says: $(cat "$work/start/out")"
  echo "$time" >>"$work/$1.${2##*/}"
}
median() { sort -n "$work/$1" | sed -n "$((rounds / 2 + 1))p"; }

# In turns, so that what else the machine does hits all alike.
measure() {
  local round place runtime
  for ((round = 0; round <= rounds; round++)); do
    for place in few many; do
      for runtime in "$RUNTIME" "$crun"; do one $place "$runtime"; done
    done
    one most "$RUNTIME"
    # The first one fills the caches.
    [ $round != 0 ] || rm "$work"/*.{brig,crun}
  done
  for place in few.brig many.brig most.brig few.crun many.crun; do
    echo "$place: $(median $place) us"
  done | tee "$work/figures"
}
# at_most PERCENT NAME OTHER: the first median is at most so much of the other.
at_most() {
  [ $(($(median "$2") * 100)) -le $(($(median "$3") * $1)) ] || fail "$(tr '\n' ' ' <"$work/figures")"
}

crun=$(command -v crun)
true_bundle start '{}'
host few 4
host many 11
host most 14
STEP_DEADLINE=500 step "starts with 30 and with 2,000 mounts, in turns with crun's" measure
cat "$work/figures"
step "with 2,000 mounts a start takes no longer than with crun" at_most 100 many.brig many.crun
if [[ $(uname -r) =~ ^[1-6]\. ]]; then
  no_step "with 2,000 mounts a start takes at most 1.3 times as long" "before Linux 7.0 all mounts are copied"
  no_step "with 16,000 mounts a start takes at most 1.6 times as long" "before Linux 7.0 all mounts are copied"
else
  step "with 2,000 mounts a start takes at most 1.3 times as long" at_most 130 many.brig few.brig
  step "with 16,000 mounts a start takes at most 1.6 times as long" at_most 160 most.brig few.brig
fi
finish_steps
