# shellcheck shell=bash
# Steps of docker.sh about processes: how they start, are seen, signalled, changed and end.
# shellcheck disable=SC2086,SC2154,SC2317 # the variables are those of the script that sources this

run_statuses() {
  local seen
  seen=$(docker run --rm --runtime "$runtime_name" $image cat /etc/greeting)
  equals "hello from the image" "$seen"
  status_of docker run --rm $image sh -c 'exit 7'
  equals 7 $status "exit status"
  seen=$(echo by the pipe | docker run -i --rm $image cat)
  equals "by the pipe" "$seen"
}

# Docker makes 125, 126 and 127 of the runtime's words.
failing_starts() {
  status_of docker run --rm $image no-such-program
  equals 127 $status "status of a missing program: $output"
  contains 'executable file' "$output"
  contains 'not found' "$output"
  status_of docker run --rm $image /no/such/program
  equals 127 $status "status of a missing path: $output"
  status_of docker run --rm $image /etc/plain-file
  equals 126 $status "status of a program without the execute bit: $output"
  contains 'permission denied' "${output,,}"
  status_of docker run --rm $image /etc
  equals 126 $status "status of a folder: $output"
  status_of docker run --rm --memory 1k $image true
  equals 125 $status "status of dockerd's own error: $output"
  equals '' "$(docker ps -aq --filter name='^$')"
}

properties() {
  local seen
  seen=$(docker run --rm -u 1000:1000 --group-add 2000 -e COLOUR=blue -w /tmp -h name \
    --ulimit nofile=100:200 --cap-drop ALL --cap-add NET_ADMIN --security-opt no-new-privileges \
    --oom-score-adj 300 $image sh -c '
      id -u; id -G; echo "$COLOUR $PWD $(hostname)"; ulimit -Sn; ulimit -Hn
      awk "/^(NoNewPrivs|CapBnd):/ {print \$2}" /proc/self/status; cat /proc/self/oom_score_adj')
  equals $'1000\n1000 2000\nblue /tmp name\n100\n200\n0000000000001000\n1\n300' "$seen"
}

terminal() {
  local seen
  seen=$(with_terminal "docker run -it --rm $image sh -c 'tty; test -c /dev/console && echo console'")
  contains $'/dev/pts/0\nconsole' "$seen"
  seen=$(with_terminal "docker exec -it main tty")
  contains /dev/pts/ "$seen"
}

init_process() {
  contains docker-init "$(docker run --rm --init $image sh -c 'tr "\0" " " </proc/1/cmdline')"
}

exec_steps() {
  local seen
  seen=$(docker exec -u 1000 -w /tmp -e COLOUR=red main sh -c 'echo "$(id -u) $PWD $COLOUR $(hostname)"')
  equals "1000 /tmp red box" "$seen"
  status_of docker exec main sh -c 'exit 9'
  equals 9 $status "exit status"
  status_of docker exec main no-such-program
  # Docker 28 and older ones disagree on 126 and 127 here, by the same words of the runtime.
  [[ $status == 12[67] ]] || fail "status of a missing program: $status: $output"
  contains 'executable file' "$output"
  status_of docker exec main /etc/plain-file
  equals 126 $status "status of a program without the execute bit: $output"
  docker exec --privileged main cat /proc/self/status | has_all_capabilities
  docker exec -d main sleep 7654
  within 20 pgrep -f '^sleep 7654' >/dev/null
  contains "sleep 7654" "$(docker top main)"
  pkill -f '^sleep 7654'
}

pausing() {
  docker pause main
  equals paused "$(state_of main Status)"
  status_of docker exec main true
  contains "is paused" "$output"
  docker unpause main
  equals running "$(state_of main Status)"
  docker exec main true
}

updating() {
  docker update --memory 128m --memory-swap 256m --cpus 0.25 --pids-limit 70 --cpuset-cpus 1 main
  equals 134217728 "$(in_cgroup main memory.max)" memory.max
  equals 134217728 "$(in_cgroup main memory.swap.max 2>/dev/null || echo 134217728)" memory.swap.max
  equals "25000 100000" "$(in_cgroup main cpu.max)" cpu.max
  equals 70 "$(in_cgroup main pids.max)" pids.max
  equals 1 "$(in_cgroup main cpuset.cpus)" cpuset.cpus
}

statistics() {
  local seen
  seen=$(docker stats --no-stream --format '{{.MemUsage}} {{.PIDs}}' main)
  contains "/ 128MiB" "$seen"
  lacks "0B / " "$seen"
}

restart_policy() {
  docker run -d --name again --restart on-failure:2 $image sh -c 'echo run; exit 3' >/dev/null
  within 60 is_state again Status exited
  within 60 bash -c '[ "$(docker inspect -f "{{.RestartCount}}" again)" = 2 ]'
  within 60 is_state again Status exited
  equals 3 "$(state_of again ExitCode)"
  equals $'run\nrun\nrun' "$(docker logs again)"
  docker rm again
}

healthcheck() {
  start healthy --health-cmd 'test -e /etc/greeting' --health-interval 1s
  within 60 is_state healthy Health.Status healthy
  docker exec healthy rm /etc/greeting
  within 60 is_state healthy Health.FailingStreak 1
  docker rm -f healthy
}

signals() {
  docker run -d --name signals $image sh -c '
    trap "echo got usr1" USR1; trap "echo got term; exit 5" TERM; echo ready; while :; do sleep 0.1; done' >/dev/null
  logged() { docker logs signals 2>&1 | grep -q "$1"; }
  within 20 logged ready
  docker kill -s USR1 signals
  within 20 logged 'got usr1'
  docker stop -t 20 signals
  equals 5 "$(state_of signals ExitCode)" "exit code after stop"
  docker start signals
  docker kill signals
  equals 137 "$(docker wait signals)" "exit code after kill"
  docker start signals
  docker rm -f signals
  status_of docker inspect signals
  equals 1 $status "inspect after rm -f"
}

copying() {
  echo from the host >$engines_work/copied
  docker cp $engines_work/copied main:/tmp/copied
  equals "from the host" "$(docker exec main cat /tmp/copied)"
  docker cp main:/etc/greeting $engines_work/greeting
  equals "hello from the image" "$(cat $engines_work/greeting)"
}

process_steps() {
  step "run: exit status, standard input" run_statuses
  step "exit codes 125, 126 and 127" failing_starts
  step "user, environment, ulimit, capabilities, OOM score" properties
  step "run -it and exec -it" terminal
  step "--init" init_process
  step "exec: options, exit codes, top" exec_steps
  step "pause and unpause" pausing
  step "update of memory, CPU, pids, cpuset" updating
  step "stats" statistics
  step "restart policy on-failure" restart_policy
  step "healthcheck" healthcheck
  step "signals, stop, kill, start, rm -f, logs" signals
  step "cp" copying
}
