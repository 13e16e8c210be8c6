#!/bin/bash
# containerd runs tasks on the runtime through its shim, as `ctr` and programs with its library do.
# vm: lane=full suites=bookworm,sid kernels=any runtimes=brig,crun timeout=900 quick=bookworm
. "$(dirname "$0")/lib.sh"

image=docker.io/library/bb:latest
# A namespace of its own in containerd, which is also the folder of the shim's states.
ctr() { command ctr --namespace "engines-$runtime_name" "$@"; }
# run OPTION... IMAGE ID COMMAND...
run() { ctr run --runc-binary "$runtime_path" "$@"; }
# detach OPTION... IMAGE ID COMMAND...
detach() { run --detach --null-io "$@"; }
# in_task ID COMMAND...
in_task() {
  local id=$1
  shift
  ctr task exec --exec-id "exec-$BASHPID-$RANDOM" "$id" "$@"
}
task_state() { ctr task ls | awk -v id="$1" '$1 == id {print $3}'; }
is_state() { [ "$(task_state "$1")" = "$2" ]; }
# end_task ID: kills and removes a task and its container.
end_task() {
  ctr task kill --signal SIGKILL "$1" 2>/dev/null || true
  within 20 is_state "$1" STOPPED
  ctr task delete "$1" || true
  ctr container delete "$1"
}
# status_of COMMAND...: sets $status and $output (both streams).
status_of() {
  status=0
  output=$("$@" 2>&1) || status=$?
}

# ---- Steps -----------------------------------------------------------------------------------------

run_and_remove() {
  equals "hello from the image" "$(run --rm $image hello cat /etc/greeting)"
  status_of run --rm $image seven sh -c 'exit 7'
  equals 7 $status "exit status"
  status_of run --rm $image killed sh -c 'kill -9 $$'
  # The first process of a pid namespace cannot kill itself.
  equals 0 $status "exit status of a first process that kills itself"
  equals '' "$(ctr container ls -q | grep -v '^main$' || true)" "containers"
}

process_properties() {
  local seen
  seen=$(run --rm --env COLOUR=blue --cwd /tmp $image process sh -c '
    echo "$COLOUR $PWD $(grep NoNewPrivs /proc/self/status | cut -f 2)"')
  equals "blue /tmp 1" "$seen"
}

terminal() {
  local seen
  seen=$(script -qec "ctr -n engines-$runtime_name run --rm -t --runc-binary $runtime_path $image tty \
    sh -c 'tty; stty size; ls -l /dev/console | cut -c 1'" /dev/null | tr -d '\r')
  contains /dev/pts/0 "$seen"
  contains c "$(tail -n 1 <<<"$seen")" "the type of /dev/console"
}

mounts() {
  local seen
  mkdir -p /run/brig-engines/bind
  echo from the host >/run/brig-engines/bind/file
  seen=$(run --rm --read-only --mount type=bind,src=/run/brig-engines/bind,dst=/bind,options=rbind:ro \
    --mount type=tmpfs,src=tmpfs,dst=/scratch,options=size=1m $image mounts sh -c '
      cat /bind/file
      for folder in /bind /scratch /; do
        touch $folder/new 2>/dev/null && echo writable || echo read-only
      done')
  equals $'from the host\nread-only\nwritable\nread-only' "$seen"
}

root_folder() {
  equals "hello from the image" "$(run --rm --rootfs $engines_work/rootfs folder cat /etc/greeting)"
}

limits() {
  local folder=/sys/fs/cgroup/engines-$runtime_name/limits
  detach --memory-limit 33554432 --cpu-quota 50000 --cpu-period 100000 $image limits sleep 1000
  equals 33554432 "$(cat "$folder/memory.max")" memory.max
  equals "50000 100000" "$(cat "$folder/cpu.max")" cpu.max
  equals 1 "$(wc -l <"$folder/cgroup.procs")" processes
  end_task limits
  within 10 test ! -e "$folder"
}

privileged() {
  local seen
  seen=$(run --rm --privileged $image privileged sh -c '
    grep CapEff /proc/self/status | cut -f 2
    mkdir /m && mount -t tmpfs none /m && echo mounted
    ls /dev | grep -c vda || true')
  equals "$(grep CapEff /proc/self/status | cut -f 2)"$'\nmounted\n1' "$seen"
}

capabilities() {
  local seen
  seen=$(run --rm --cap-drop CAP_CHOWN --cap-add CAP_SYS_TIME $image capabilities \
    awk '$1 == "CapBnd:" {print $2}' /proc/self/status)
  equals 0 $(((0x$seen >> 0) & 1)) CAP_CHOWN
  equals 1 $(((0x$seen >> 25) & 1)) CAP_SYS_TIME
}

seccomp() {
  local seen
  seen=$(run --rm --seccomp $image seccomp sh -c '
    grep ^Seccomp: /proc/self/status | cut -f 2; unshare -U true 2>&1')  || true
  contains $'2\n' "$seen" "seccomp mode, then unshare"
  contains "not permitted" "$seen"
}

device() {
  status_of run --rm $image no-device ls /dev/vda
  lacks 0 $status "status without --device"
  status_of run --rm --device /dev/vda $image device head -c 1 /dev/vda
  equals 0 $status "reading the device: $output"
}

user_namespace() {
  local seen
  seen=$(run --rm --uidmap 0:100000:65536 --gidmap 0:100000:65536 $image mapped sh -c '
    id -u; tr -s " " </proc/self/uid_map; stat -c %u /etc/greeting')
  equals $'0\n 0 100000 65536\n0' "$seen"
}

joined_namespace() {
  local pid seen
  pid=$(ctr task ls | awk '$1 == "main" {print $2}')
  seen=$(run --rm --with-ns "network:/proc/$pid/ns/net" $image joined readlink /proc/self/ns/net)
  equals "$(readlink "/proc/$pid/ns/net")" "$seen"
}

missing_program() {
  status_of run --rm $image missing no-such-program
  lacks 0 $status "exit status"
  contains 'no-such-program' "$output"
  contains 'executable file' "$output"
  contains 'not found' "$output"
  equals '' "$(ls -I main "/run/containerd/runc/engines-$runtime_name")" "states left"
}

detached() {
  local log=/run/brig-engines/detached.log
  rm -f $log
  run --detach --log-uri file://$log $image detached sh -c 'echo started; sleep 1000'
  within 20 grep -q started $log
  is_state detached RUNNING
  end_task detached
}

exec_status() {
  equals "hello from the image" "$(in_task main cat /etc/greeting)"
  status_of in_task main sh -c 'exit 9'
  equals 9 $status "exit status"
  status_of in_task main no-such-program
  lacks 0 $status "exit status of a missing program"
  contains 'executable file' "$output"
  equals "1000 /tmp" "$(ctr task exec --exec-id user --user 1000 --cwd /tmp main sh -c 'echo $(id -u) $PWD')"
}

exec_terminal() {
  contains /dev/pts/ "$(script -qec "ctr -n engines-$runtime_name task exec -t --exec-id tty main tty" /dev/null)"
}

pause_and_resume() {
  ctr task pause main
  equals PAUSED "$(task_state main)"
  status_of in_task main true
  lacks 0 $status "exec in a paused task"
  ctr task resume main
  equals RUNNING "$(task_state main)"
  in_task main true
}

processes() {
  ctr task exec --exec-id sleeper --detach main sleep 1234
  local seen pid
  seen=$(ctr task ps main)
  pid=$(pgrep -f '^sleep 1234')
  contains "$pid" "$seen"
  contains sleeper "$seen"
  kill -9 "$pid"
}

metrics() {
  local seen
  seen=$(ctr task metrics main)
  contains memory.usage "$seen"
  contains pids.current "$seen"
  contains cpu.usage_usec "$seen"
}

signals() {
  local log=/run/brig-engines/signals.log
  rm -f $log
  run --detach --log-uri file://$log $image signals sh -c '
    trap "echo got usr1" USR1; trap "exit 5" TERM; echo ready; while :; do sleep 0.1; done'
  within 20 grep -q ready $log
  ctr task kill --signal SIGUSR1 signals
  within 20 grep -q 'got usr1' $log
  ctr task kill --signal 15 signals
  within 20 is_state signals STOPPED
  status_of ctr task kill signals
  contains 'not found' "$output" "a signal to a stopped task"
  status_of ctr task delete signals
  contains "exit code 5" "$output" "what delete reports"
  ctr container delete signals
}

kill_everything() {
  detach $image several sh -c 'sleep 4321 & sleep 4321'
  within 20 pgrep -f '^sleep 4321'
  ctr task kill --all --signal SIGKILL several
  within 20 is_state several STOPPED
  ctr task delete several || true
  ctr container delete several
  equals '' "$(pgrep -f '^sleep 4321' || true)" "processes left"
}

checkpoint() {
  status_of ctr task checkpoint --image-path /run/brig-engines/checkpoint main
  if [ $status != 0 ]; then
    [[ $output == *[Nn]ot\ yet* || $output == *[Nn]ot\ supported* || $output == *criu* ]] ||
      fail "the refusal does not say why: $output"
  fi
  equals RUNNING "$(task_state main)"
  in_task main true
}

out_of_memory() {
  local events=/run/brig-engines/events
  ctr events >$events &
  local watcher=$!
  run --detach --null-io --memory-limit 16777216 $image oom sh -c "$out_of_memory_on_go; sleep 1000"
  ctr task exec --exec-id go oom touch /go
  within 30 grep -q '/tasks/oom.*oom' $events
  kill $watcher
  end_task oom
}

shim_killed() {
  detach $image orphan sleep 4322
  pkill -KILL -f "containerd-shim-runc-v2 -namespace engines-$runtime_name -id orphan "
  within 20 test ! -e "/run/containerd/runc/engines-$runtime_name/orphan"
  equals '' "$(pgrep -f '^sleep 4322' || true)" "processes left"
  ctr container delete orphan
}

daemon_restart() {
  local pid
  pid=$(ctr task ls | awk '$1 == "main" {print $2}')
  systemctl restart containerd
  equals RUNNING "$(task_state main)"
  equals "$pid" "$(ctr task ls | awk '$1 == "main" {print $2}')" "pid"
  in_task main true
}

systemd_cgroup() {
  run --detach --null-io --runc-systemd-cgroup --cgroup "system.slice:ctr:sd-$runtime_name" --memory-limit 67108864 \
    $image systemd sleep 1000
  equals active "$(systemctl is-active "ctr-sd-$runtime_name.scope")"
  equals 67108864 "$(systemctl show -P MemoryMax "ctr-sd-$runtime_name.scope")" MemoryMax
  contains "ctr-sd-$runtime_name.scope" "$(in_task systemd cat /proc/1/cgroup)$(systemctl show -P ControlGroup "ctr-sd-$runtime_name.scope")"
  in_task systemd true
  ctr task pause systemd
  ctr task resume systemd
  end_task systemd
  equals '' "$(systemctl list-units --all --no-legend "ctr-sd-$runtime_name.scope")" "units left"
}

no_leftovers() {
  end_task main
  equals '' "$(ctr container ls -q)" "containers"
  gone mounts "$mounts_before" mount_points
  # The parent of the tasks' cgroups is nobody's to remove.
  rmdir "/sys/fs/cgroup/engines-$runtime_name" 2>/dev/null || true
  gone cgroups "$cgroups_before" cgroup_folders
  equals '' "$(ls "/run/containerd/runc/engines-$runtime_name" 2>/dev/null)" "states left"
  equals '' "$(ls -A "/run/containerd/io.containerd.runtime.v2.task/engines-$runtime_name" 2>/dev/null)" "bundles left"
  equals '' "$(pgrep -f "containerd-shim-runc-v2 -namespace engines-$runtime_name" || true)" "shims left"
}

# ---- The script ------------------------------------------------------------------------------------

install_runtime
start_service containerd || exit 1
at_end "ctr image rm $image >/dev/null 2>&1"
make_image $engines_work/bb.tar $image
ctr image import $engines_work/bb.tar >/dev/null || exit 1
subject containerd "$(containerd --version | awk '{print $3}')"
mounts_before=$(mount_points) cgroups_before=$(cgroup_folders)

step "run --detach for the other steps" detach $image main sleep 100000
step "run --rm and exit statuses" run_and_remove
step "environment, folder, no new privileges" process_properties
step "terminal of a task" terminal
step "bind, tmpfs and read-only root" mounts
step "root file system without a snapshot" root_folder
step "memory and CPU limits seen inside" limits
step "privileged" privileged
step "capabilities added and dropped" capabilities
step "default seccomp profile" seccomp
step "device" device
step "user namespace" user_namespace
step "network namespace of another task" joined_namespace
step "missing program" missing_program
step "run --detach with a log" detached
step "exec: status, user, folder" exec_status
step "exec with a terminal" exec_terminal
step "pause and resume" pause_and_resume
step "ps lists exec'd processes" processes
step "metrics" metrics
step "kill with signals, delete reports the status" signals
step "kill --all" kill_everything
step "checkpoint works or says why not" checkpoint
step "OOM event" out_of_memory
step "a killed shim leaves nothing" shim_killed
step "a restart of containerd keeps the task" daemon_restart
step "systemd cgroup manager" systemd_cgroup
step "no leftovers" no_leftovers
finish_steps
