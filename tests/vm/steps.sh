# shellcheck shell=bash
# The steps of a script that runs in a test machine: `. "$(dirname "$0")/../steps.sh"`.
#
# A step is one behaviour that somebody can see: a name and a command. Its result becomes one row of
# the table that `make check-vm` prints, where the same step stands beside the other runtimes'.
#
#   subject podman "$(podman version -f '{{.Client.Version}}')"    what the following steps are about
#   step "exec sees the environment" exec_environment              a command or a shell function
#   no_step "io.weight" "this kernel has no bfq"                   a row that says why there is none
#
# Environment: LANE     "fast" or "full"
#              RUNTIME  the runtime under test, an absolute path; its base name is its column
#              RESULTS  file that rows are appended to, separated by tabs:
#                       lane, kernel, subject, version, step, runtime, ok|FAIL|skip, seconds, reason
#              STEP_DEADLINE  seconds a step may take (default 120)
#              ONLY     run only the steps whose name contains this
# A step's command runs in a subshell with `set -Eeu`, under the deadline, with /dev/null as input and
# its output in a log, of which a failure prints the end. A failed step does not end the script;
# finish_steps, its last line, gives the script its exit status. A script may have a function
# after_step, which is called between steps.
set -u

steps_failed=0
subject_name='' subject_version=''

subject() { subject_name=$1 subject_version=${2:-}; }

# row RESULT SECONDS STEP REASON
row() {
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "${LANE:-here}" "$(uname -r)" "$subject_name" \
    "$subject_version" "$3" "${RUNTIME##*/}" "$1" "$2" "$4" >>"${RESULTS:-/dev/stdout}"
}

no_step() { row skip 0 "$1" "$2"; }

step() {
  local name=$1 log status result=ok reason='' start=${EPOCHREALTIME/./} seconds
  shift
  [[ $name == *"${ONLY:-}"* ]] || return 0
  log=$(mktemp)
  # Not as a condition: bash would then ignore `set -e` in the whole step.
  run_step "$@" >"$log" 2>&1 </dev/null
  status=$?
  if [ $status != 0 ]; then
    result=FAIL
    reason=$(grep -v '^+' "$log" | tail -n 1 | tr '\t' ' ' | cut -c 1-200)
    steps_failed=$((steps_failed + 1))
    printf -- '---- %s: %s %s: %s failed; the end of its output:\n' \
      "${RUNTIME##*/}" "$subject_name" "$subject_version" "$name"
    tail -n "${STEP_LINES:-30}" "$log"
  fi
  seconds=$(((${EPOCHREALTIME/./} - start) / 10000))
  row $result "$((seconds / 100)).$(printf %02d $((seconds % 100)))" "$name" "$reason"
  rm -f "$log"
  if declare -F after_step >/dev/null; then after_step; fi
}

# Runs the command as a job with a process group of its own, so that the deadline ends all of it.
run_step() {
  local job watcher status
  set -m
  (
    set -Eeu
    # Not to the standard output, which a step may be about to compare.
    trap 'echo "failed: $BASH_COMMAND" >&2' ERR
    "$@"
  ) &
  job=$!
  (
    sleep "${STEP_DEADLINE:-120}"
    echo "the step took longer than ${STEP_DEADLINE:-120} s"
    kill -KILL -- "-$job"
  ) &
  watcher=$!
  set +m
  wait $job 2>/dev/null
  status=$?
  kill -- "-$watcher" 2>/dev/null
  wait $watcher 2>/dev/null
  return $status
}

# ---- Assertions, for use in steps: they print what was expected and end the step -------------------

fail() {
  echo "$*"
  exit 1
}
# equals EXPECTED SEEN [WHAT]
equals() { [ "$1" = "$2" ] || fail "${3:-value}: expected \"$1\", seen \"$2\""; }
# contains PART SEEN [WHAT]
contains() { [[ $2 == *"$1"* ]] || fail "${3:-text}: expected to contain \"$1\", seen \"$2\""; }
# lacks PART SEEN [WHAT]
lacks() { [[ $2 != *"$1"* ]] || fail "${3:-text}: expected not to contain \"$1\", seen \"$2\""; }
# within SECONDS COMMAND...: waits until the command succeeds.
within() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || fail "waited in vain for: $*"
    sleep 0.1
  done
}

# The line "end" tells that the script came to its end: a script without one has failed.
finish_steps() {
  echo end >>"${RESULTS:-/dev/stdout}"
  [ $steps_failed = 0 ]
}
