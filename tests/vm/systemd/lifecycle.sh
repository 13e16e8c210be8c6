#!/bin/bash
# Shows that units go with their containers in every case, and that what happens to a container
# between create and delete works under systemd as it does without.
# vm: lane=full suites=bookworm,sid runtimes=brig timeout=600 quick=bookworm
. "$(dirname "$0")/lib.sh"

unit=pre-c.scope
placed() { started c sdtest.slice:pre:c "$@"; }

run_and_gone() {
  bundle c sdtest.slice:pre:c 'echo hello; exit 7'
  local status=0
  oci run --bundle "$work/c" c >"$work/c/out" || status=$?
  equals "7 hello" "$status $(cat "$work/c/out")" "run"
  gone $unit
}
step "run: the unit is gone with it" run_and_gone
kill_and_delete() {
  placed 'sleep 1000'
  oci kill c KILL
  within 10 has_status c stopped
  oci delete c
  gone $unit
}
step "kill and delete: the unit is gone" kill_and_delete
created_and_deleted() {
  bundle c sdtest.slice:pre:c true
  create c
  oci delete --force c
  gone $unit
}
step "a container that was never started" created_and_deleted
force_delete() {
  # Without a process id namespace others outlive the first process.
  placed 'sleep 1000 & sleep 1000 & sleep 1000' 'del(.linux.namespaces[] | select(.type == "pid"))'
  oci delete --force c
  gone $unit
}
step "delete --force of a running one with several processes" force_delete
again() {
  local i
  for i in 1 2 3 4 5; do
    bundle c sdtest.slice:pre:c true
    oci run --bundle "$work/c" c || fail "run number $i"
  done
  gone $unit
}
step "the same name again and again, at once" again
eat_memory='dd if=/dev/zero of=/dev/null bs=64M count=1'
out_of_memory() {
  bundle c sdtest.slice:pre:c "$eat_memory" '.linux.resources.memory = {limit: 16777216, swap: 16777216}'
  if oci run --bundle "$work/c" c; then fail "it had the memory"; fi
  gone $unit
}
step "killed for memory: no failed unit is left" out_of_memory
# A scope that has reached its time limit has failed, and stays where the annotation says so.
failing='.annotations = {"org.systemd.property.CollectMode": "\u0027inactive\u0027", "org.systemd.property.RuntimeMaxSec": "5",
  "org.systemd.property.KillSignal": "9"}'
stays_failed() {
  bundle c sdtest.slice:pre:c true "$failing"
  create c
  within 20 is $unit ActiveState failed
  oci delete c
  gone $unit
}
step "a failed unit that an annotation keeps goes with delete" stays_failed
in_the_way() {
  bundle c sdtest.slice:pre:c true "$failing"
  create c
  within 20 is $unit ActiveState failed
  rm -r "$work/root/c"
  placed 'sleep 1000'
  properties $unit ActiveState active
}
step "a failed unit of the name that somebody left is reset" in_the_way
create_fails() {
  bundle c sdtest.slice:pre:c true '.mounts += [{destination: "/x", type: "bind", source: "/no/such", options: ["bind"]}]'
  refused c /no/such
  gone $unit
  bundle c sdtest.slice:pre:c true '.hooks.createRuntime = [{path: "/bin/false"}]'
  refused c ""
  gone $unit
}
step "create that fails leaves no unit" create_fails

# killed NUMBER: create, killed at that call of those that matter.
killed() {
  bundle c sdtest.slice:pre:c 'sleep 1000'
  strace -qq -o /dev/null -e trace=none \
    -e inject=connect,sendto,recvfrom,sendmsg,recvmsg,clone3,clone,bpf,rename,renameat,mkdirat,poll,ppoll:signal=KILL:when="$1" \
    "$RUNTIME" --root "$work/root" --systemd-cgroup create --bundle "$work/c" c >/dev/null 2>&1 || true
  oci delete --force c || true
  within 10 gone_at_all
  [ ! -e "$work/root/c" ] || fail "state is left after a kill at call $1"
}
gone_at_all() { (gone $unit) >/dev/null; }
killed_at() {
  local number
  for number in $(seq 1 2 24); do killed "$number"; done
}
STEP_DEADLINE=300 step "create killed at 12 points, then delete --force: nothing is left" killed_at

has_processes() { [ "$(find "$1" -name cgroup.procs -exec cat {} + | wc -l)" = "$2" ]; }
exec_and_files() {
  placed 'sleep 1000'
  local folder
  folder=$(folder $unit)
  oci exec c sleep 100 &
  within 10 has_processes "$folder" 2
  equals "$(oci ps c | grep -c sleep)" 2 ps
  oci pause c
  has_status c paused || fail "not paused"
  contains 1 "$(find "$folder" -name cgroup.freeze -exec cat {} +)" freeze
  oci resume c
  has_status c running || fail "not running"
  oci events --stats c | jq -e '.data.memory.usage.usage > 0' ||
    [ "${RUNTIME##*/}" = crun ]
}
step "exec, ps, pause, resume, statistics" exec_and_files
silent() {
  placed 'sleep 1000'
  local command
  for command in "state c" "list" "exec c true" "ps c" "pause c" "resume c" "kill c KILL"; do
    # shellcheck disable=SC2086 # words
    strace -f -qq -o "$work/trace" -e trace=connect \
      "$RUNTIME" --root "$work/root" --systemd-cgroup $command >/dev/null
    lacks systemd/private "$(cat "$work/trace")" "$command"
    lacks bus_socket "$(cat "$work/trace")" "$command"
  done
}
step "state, list, exec, ps, pause, resume, kill say nothing on a bus" silent
updated() {
  placed 'sleep 1000' '.linux.resources.memory = {limit: 67108864} | .linux.resources.cpu = {quota: 20000, period: 50000}'
  echo '{"memory": {"limit": 134217728}, "pids": {"limit": 55}, "cpu": {"quota": 30000, "shares": 2048}}' >"$work/limits"
  oci update --resources "$work/limits" c
  local round
  for round in before after; do
    equals 134217728 "$(setting $unit memory.max)" "memory.max $round"
    equals 55 "$(setting $unit pids.max)" "pids.max $round"
    equals "30000 50000" "$(setting $unit cpu.max)" "cpu.max $round"
    properties $unit MemoryMax 134217728 TasksMax 55 CPUQuotaPerSecUSec 600ms
    ask daemon-reload
  done
}
step "update, which a daemon-reload does not undo" updated
# Without the programs that systemd starts at each reload: what they make does not matter here.
bare_reloads() {
  local round
  for round in $(seq 0 "$1"); do
    if [ "$round" = 0 ] || [ "$round" = 1 ] || [ "$round" = "$1" ]; then devices_hold "round $round"; fi
    ask daemon-reload
  done
}
devices_hold() {
  oci exec c head -c 1 /tmp/zero >/dev/null || fail "$1: /dev/zero is denied"
  if oci exec c head -c 1 /tmp/kmsg >/dev/null 2>&1; then fail "$1: /dev/kmsg is allowed"; fi
}
devices() {
  local folder status=0
  placed 'mknod /tmp/zero c 1 5; mknod /tmp/kmsg c 1 11; sleep 1000' '.linux.resources.devices += [{allow: true, type: "c", major: 1, minor: 5, access: "rwm"}]'
  folder=$(folder $unit)
  within 10 oci exec c ls /tmp/kmsg
  mount -t tmpfs tmpfs /usr/lib/systemd/system-generators
  (bare_reloads 50) || status=1
  umount /usr/lib/systemd/system-generators
  [ $status = 0 ] || exit 1
  [ -d "$folder" ] || fail "the cgroup has gone"
}
STEP_DEADLINE=300 step "devices stay allowed and denied after 50 daemon-reloads" devices
finish_steps
