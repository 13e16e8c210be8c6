#!/bin/bash
# process.scheduler and process.ioPriority are those of the program; impossible ones name the property.
. "$(dirname "$0")/lib.sh"
need_root
need_command chrt
need_command ionice

# SCHED_IDLE leaves the nice value as it is.
renice -n 0 $$ >/dev/null
make_bundle sched "$(shell_command 'exec sleep 1000')"
# seen_with FILTER: what `chrt` and `ionice` say of a program started so.
seen_with() {
  edit_config "$1"
  start_container sched
  local pid
  pid=$(container_pid sched)
  seen="$(chrt -p "$pid" | sed 's/.*: //' | xargs) nice $(awk '{ print $19 }' "/proc/$pid/stat"), $(ionice -p "$pid")"
  succeed brig delete --force sched
}
seen_with '.process.scheduler = {policy: "SCHED_BATCH", nice: 7} | .process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 5}'
assert_eq "batch, best effort 5" "SCHED_BATCH 0 nice 7, best-effort: prio 5" "$seen"
seen_with '.process.scheduler = {policy: "SCHED_IDLE"} | .process.ioPriority = {class: "IOPRIO_CLASS_IDLE", priority: 0}'
assert_eq "idle" "SCHED_IDLE 0 nice 0, idle" "$seen"
seen_with '.process.scheduler = {policy: "SCHED_OTHER", nice: -3} | del(.process.ioPriority)'
assert_eq "other, nice -3" "SCHED_OTHER 0 nice -3, none: prio 0" "$seen"
if chrt -r 1 true 2>/dev/null; then
  seen_with '.process.scheduler = {policy: "SCHED_RR", priority: 2, flags: ["SCHED_FLAG_RESET_ON_FORK"]}'
  assert_contains "round robin 2, reset on fork" "SCHED_RR|SCHED_RESET_ON_FORK 2" "$seen"
fi

while read -r path filter; do
  edit_config "del(.process.scheduler, .process.ioPriority) | $filter"
  refuse "$path" brig create --bundle "$BUNDLE" sched
done <<'END'
process.scheduler.policy .process.scheduler = {policy: "SCHED_NOSUCH"}
process.scheduler.nice .process.scheduler = {policy: "SCHED_OTHER", nice: 20}
process.scheduler.priority .process.scheduler = {policy: "SCHED_OTHER", priority: 1}
process.scheduler .process.scheduler = {policy: "SCHED_FIFO", priority: 1, runtime: 1000000}
process.scheduler.flags[0] .process.scheduler = {policy: "SCHED_OTHER", flags: ["SCHED_FLAG_NOSUCH"]}
process.ioPriority.class .process.ioPriority = {class: "IOPRIO_CLASS_NOSUCH", priority: 1}
process.ioPriority.priority .process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 8}
END
