#!/bin/bash
# Each signal to each process in each phase: to brig while it creates, starts, execs or deletes and to the container's
# process meanwhile. There is an end within the deadline, brig has one line at most, and delete --force removes what
# is left. (SIGKILL at every system call: tests/faults.)
DEADLINE=${DEADLINE:-120}
. "$(dirname "$0")/lib.sh"
need_root
need_command perl
need_command pgrep

make_bundle c "$(shell_command 'exec sleep 1000')"
# A phase is a hook that waits until it has been seen.
phases="prestart createRuntime createContainer startContainer poststart"
edit_config '.hooks = ($phases | split(" ") | map({(.): [{path: "/bin/sh", args: ["sh", "-c", "echo >\(if . == "startContainer" then "" else $root end)/\(.); read -r go <\(if . == "startContainer" then "" else $root end)/go"]}]}) | add)' \
  --arg phases "$phases" --arg root "$BUNDLE/rootfs"
cp "$BUNDLE/config.json" original.json
mkfifo "$BUNDLE/rootfs/go"
signals="HUP INT QUIT USR1 PIPE ALRM TERM CHLD CONT STOP TSTP WINCH SEGV RTMIN"

# begin COMMAND...: as a program of its own, with the default actions; sets $command.
begin() {
  perl -e '$SIG{$_} = "DEFAULT" for qw(INT QUIT); exec @ARGV or die $!' "$RUNTIME" --root "$ROOT" "$@" >out 2>err </dev/null &
  command=$!
}
# pass PHASE: lets its hook go on.
pass() { echo go >"$BUNDLE/rootfs/go"; }
# until_phase PHASE: passes those before it.
until_phase() {
  local phase
  for phase in $phases; do
    wait_until test -e "$BUNDLE/rootfs/$phase"
    [ "$phase" != "$1" ] || return 0
    pass
  done
}
fresh() {
  local phase
  for phase in $phases; do rm -f "$BUNDLE/rootfs/$phase"; done
}
inits=''
# judge WHAT: brig ends within the deadline; then nothing is left after delete --force.
judge() {
  local end=$((SECONDS + 20)) code=0
  # What was stopped, and hooks that wait, may go on.
  # shellcheck disable=SC2086 # numbers
  kill -CONT $command $inits 2>/dev/null || true
  exec 6<>"$BUNDLE/rootfs/go"
  until ! [ -d /proc/$command ] || [ "$(awk '{ print $3 }' /proc/$command/stat 2>/dev/null)" = Z ]; do
    [ $SECONDS -lt $end ] || fail "$1: it has not ended: $(list_processes)"
    printf 'go\n' >&6
    if has_status c running || has_status c stopped; then brig kill c KILL 2>/dev/null || true; fi
    sleep 0.02
  done
  exec 6<&-
  wait $command || code=$?
  [ "$(grep -c '' err)" -le 1 ] || fail "$1: several lines: $(<err)"
  if [ $code != 0 ] && [ $code -lt 128 ] && [ ! -s err ]; then fail "$1: status $code without a word"; fi
  assert_matches "$1: state" '^(none|created|running|stopped)$' "$(container_status c 2>/dev/null || echo none)"
  succeed brig delete --force c
  assert_eq "$1: state" "" "$(ls -A "$ROOT")"
  assert_eq "$1: cgroups" "" "$(list_cgroups)"
  # Hooks that waited are the host's.
  exec 6<>"$BUNDLE/rootfs/go"
  until no_processes; do
    [ $SECONDS -lt $((end + 20)) ] || fail "$1: processes are left: $(<"$WORK/processes")"
    printf 'go\n' >&6
    sleep 0.02
  done
  exec 6<&-
}

# To brig itself: in hooks of the host, in those of the container, while it waits for the program.
number=0
for signal in $signals; do
  for phase in createRuntime createContainer startContainer poststart; do
    # Of the pairs a part is tried: all of them take minutes.
    number=$((number + 1))
    [ $((number % 5)) = 0 ] || [[ " INT TERM " = *" $signal "* ]] || continue
    fresh
    begin run --bundle "$BUNDLE" c
    until_phase $phase
    kill -"$signal" $command
    judge "$signal to run in $phase"
  done
done

# To the container's process, by its number and by brig.
number=0
for signal in $signals KILL; do
  for phase in createRuntime createContainer startContainer poststart; do
    number=$((number + 1))
    [ $((number % 5)) = 0 ] || [ "$signal" = KILL ] || continue
    fresh
    begin run --bundle "$BUNDLE" c
    until_phase $phase
    inits=$(pgrep -P $command || true)
    for process in $inits; do kill -"$signal" "$process"; done
    capture timeout 20 "$RUNTIME" --root "$ROOT" kill c "$signal"
    if [ $status != 0 ]; then assert_matches "kill $signal in $phase" "container not running|container does not exist" "$stderr"; fi
    judge "$signal to init in $phase"
  done
done

# To create, start and delete alone, without hooks: wherever it comes.
jq 'del(.hooks)' original.json >"$BUNDLE/config.json"
for ((round = 0; round < 6; round++)); do
  for signal in TERM INT HUP; do
    begin create --bundle "$BUNDLE" c
    [ $((round % 3)) = 0 ] || sleep 0.00$((round % 6))
    kill -$signal $command 2>/dev/null || true
    judge "$signal to create"
    start_container c
    begin delete --force c
    sleep 0.00$((round % 6))
    kill -$signal $command 2>/dev/null || true
    judge "$signal to delete"
    start_container c
    begin exec c sleep 1001
    sleep 0.00$((round % 6))
    kill -$signal $command 2>/dev/null || true
    judge "$signal to exec"
  done
done
