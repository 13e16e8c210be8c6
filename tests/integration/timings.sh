#!/bin/bash
# `--timings FILE`: the phases of a command, without a gap from its start to its end.
. "$(dirname "$0")/lib.sh"
need_root

file=$WORK/timings
# phases COMMAND SIDE: their names in order.
phases() { jq -r --arg command "$1" --arg side "$2" 'select(.command == $command and .side == $side).phase' "$file" | paste -sd , ; }
# gaps SIDE: where a phase does not start at the end of the one before it (a microsecond for rounding).
gaps() {
  jq -s --arg side "$1" '[.[] | select(.side == $side)] | . as $all | [range(1; length) |
    select(($all[.].start_us - $all[. - 1].start_us - $all[. - 1].us | fabs) > 1)] | length' "$file"
}

make_bundle timed "$(shell_command 'sleep 0.3')"
start=${EPOCHREALTIME/./}
succeed brig --timings "$file" run --bundle "$BUNDLE" timed
wall=$((${EPOCHREALTIME/./} - start))
assert_eq "phases of brig" "start-up,options,configuration,state,seccomp filter,sources,cgroup,new process,wait for the set-up,publication,wait for the execution,program,state,removal" "$(phases run host)"
assert_eq "phases in the container" "namespaces,mounts,devices,hooks,root,terminal and sysctl,masks,privileges,wait for brig,execution" "$(phases run container)"
assert_eq "gaps between brig's phases" 0 "$(gaps host)"
assert_eq "gaps between the container's phases" 0 "$(gaps container)"
assert_eq "the container's id" timed "$(jq -rs 'map(.id) | unique[]' "$file")"
slept=$(jq -s 'map(select(.phase == "program").us) | add > 250000' "$file")
assert_eq "the program's phase is as long as the program" true "$slept"
assert_eq "the phases are 95 % of the time" true \
  "$(jq -s --argjson wall $wall '(map(select(.side == "host").us) | add) as $sum | $sum > 0.95 * $wall and $sum < $wall' "$file")"

# The others; a file is appended to.
start_container timed
: >"$file"
succeed brig --timings "$file" exec timed true
assert_eq "phases of exec" "start-up,options,state,configuration,new process,wait for the set-up,publication,wait for the execution,program" "$(phases exec host)"
succeed brig --timings "$file" state timed
assert_eq "phases of state" "start-up,options,state" "$(phases state host)"
assert_eq "exec is still there" 9 "$(phases exec host | tr , '\n' | wc -l)"
succeed brig delete --force timed
: >"$file"
succeed brig --timings "$file" create --bundle "$BUNDLE" timed
assert_eq "the last of what init notes before it waits" "wait for brig" "$(phases create container | sed 's/.*,//')"
succeed brig --timings "$file" start timed
assert_eq "phases of start" "start-up,options,state,wait for the execution,publication" "$(phases start host)"
succeed brig --timings "$file" delete --force timed
assert_eq "phases of delete" "start-up,options,state,removal" "$(phases delete host)"

# A command that fails has phases too, and a file that cannot be opened is an error.
: >"$file"
refuse "no-such-container" brig --timings "$file" state no-such-container
assert_eq "phases of a failure" "start-up,options,state" "$(phases state host)"
: >"$file"
capture brig --timings "$file" state "a\"b\\"
[ $status != 0 ] || fail "an id with a quotation mark was found"
assert_eq "the lines are JSON whatever the id is" "start-up,options,state" "$(phases state host)"
refuse "open timings file $WORK/missing/timings" brig --timings "$WORK/missing/timings" state timed
