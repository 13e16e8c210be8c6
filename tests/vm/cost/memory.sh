#!/bin/bash
# A start needs little of the container's memory, and with less it says what is wrong.
# vm: lane=fast kernels=6.1 runtimes=brig,crun timeout=600
# shellcheck source=tests/vm/cost/lib.sh
. "$(dirname "$0")/lib.sh"
subject cost memory

smallest=352 # KiB: crun's on 6.1; smallest-memory.sh finds out

# too_little KIB TEXT: a start fails at once, with one line that contains TEXT, and leaves nothing.
too_little() {
  local status=0
  true_bundle small "{memory: {limit: ($1 * 1024)}}"
  timeout -k 1 20 "$RUNTIME" --root "$work/root" run --bundle "$work/small" small >"$work/small/out" 2>&1 || status=$?
  case $status in
    0) fail "it started" ;;
    124 | 137) fail "it hangs: $(cat "$work/small/out")" ;;
  esac
  one_line "$2" "$work/small/out"
  [ ! -e "$slice/small" ] || fail "$slice/small is left"
  equals "" "$(oci list -q)" "containers"
}

# Now and then the kernel has memory in reserve for another processor and finds none, so a few may fail.
fit() {
  failures $smallest 50 5
  [ $failed -le 5 ] || fail "$failed starts failed: $(cat "$work/small/last")"
}

warm_up
STEP_DEADLINE=500 step "45 starts of 50 fit into 352 KiB" fit
text="memory limit" # crun's words
if [ "${RUNTIME##*/}" = brig ]; then text="linux.resources.memory.limit"; fi
step "with a quarter of that: out of memory during set-up" too_little $((smallest / 4)) "$text"
step "with 4 KiB: out of memory during set-up" too_little 4 "$text"
finish_steps
