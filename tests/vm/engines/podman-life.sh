# shellcheck shell=bash
# Steps of podman about containers that go on: exec, pause, health checks, pods, stop and the like:
# sourced by podman.sh and podman-rootless.sh.
# shellcheck disable=SC2016 # the containers' shells expand $
# shellcheck disable=SC2154 # the variables are those of the script that sources this

# ---- exec and others on one container ---------------------------------------------------------------

exec_options() {
  report=$(echo "to exec" | pm exec -i -u user -w /var/tmp -e B=c "$runtime_name-main" \
    sh -c 'echo "ids=$(id -u):$(id -g)"; echo "cwd=$(pwd)"; echo "B=$B"; echo "HOME=$HOME"; echo "stdin=$(cat)"')
  has ids 1000:1000
  has cwd /var/tmp
  has B c
  has HOME /home
  has stdin "to exec"
}

exec_status() {
  exits_with 9 pm exec "$runtime_name-main" sh -c 'exit 9'
  exits_with 127 pm exec "$runtime_name-main" no-such-program
  exits_with 126 pm exec "$runtime_name-main" /etc/plain-file
}

exec_terminal() {
  report=$(in_terminal "podman exec -it $runtime_name-main sh -c 'tty; $size_once_set; exit 4'")
  for part in /dev/pts/ "33 77" status=4; do contains "$part" "$report"; done
}

exec_detached() {
  pm exec -d --privileged "$runtime_name-main" sh -c 'grep Cap /proc/self/status >/share/detached.new; mv /share/detached.new /share/detached'
  within 60 test -e "$work/detached"
  equals "$(awk '/CapBnd/ {print $2}' "$work/detached")" "$(awk '/CapEff/ {print $2}' "$work/detached")"
  [ "$(id -u)" != 0 ] || equals "$(awk '/CapEff/ {print $2}' /proc/self/status)" "$(awk '/CapEff/ {print $2}' "$work/detached")"
}

statistics() {
  report=$(pm stats --no-stream --format '{{.Name}}|{{.PIDs}}|{{.MemUsage}}' "$runtime_name-main")
  contains "$runtime_name-main|1|" "$report"
  contains "B / " "$report"
}

processes() { contains sleep "$(pm top "$runtime_name-main" pid user args)"; }

copying() {
  echo copied >"$work/copied"
  pm cp "$work/copied" "$runtime_name-main:/var/tmp/copied"
  pm cp "$runtime_name-main:/var/tmp/copied" "$work/back"
  equals copied "$(<"$work/back")"
}

pausing() {
  pm pause "$runtime_name-main" >/dev/null
  contains "frozen 1" "$(cgroup_file main cgroup.events)"
  pm unpause "$runtime_name-main" >/dev/null
  contains "frozen 0" "$(cgroup_file main cgroup.events)"
}

inspection() {
  equals "$runtime_name running $(<"$work/$runtime_name-main.pid")" "$(pm inspect -f '{{.OCIRuntime}} {{.State.Status}} {{.State.Pid}}' "$runtime_name-main")"
}

updating() {
  local more=()
  [[ $subject_version == 4.* ]] || more=(--pids-limit 77)
  pm update --memory 128m --cpus 0.25 "${more[@]}" "$runtime_name-main" >/dev/null
  equals 134217728 "$(cgroup_file main memory.max)"
  equals "25000 100000" "$(cgroup_file main cpu.max)"
  [[ $subject_version == 4.* ]] || equals 77 "$(cgroup_file main pids.max)"
}

no_checkpoint() {
  exits_with 125 pm container checkpoint "$runtime_name-main"
  [ -d "/proc/$(<"$work/$runtime_name-main.pid")" ] || fail "the refusal ended the container"
}

exec_steps() {
  step "run -d" background main -- 'exec sleep 1000'
  step "exec: -u, -w, -e, -i" exec_options
  step "exec: exit codes, 126, 127" exec_status
  step "exec: -it" exec_terminal
  step "exec: -d, --privileged" exec_detached
  step "stats" statistics
  step "pause, unpause" pausing
  step "inspect" inspection
  step "update" updating
}

# ---- The life of a container ------------------------------------------------------------------------

life() {
  local container=$runtime_name-life
  background life -- 'trap "echo got term; exit 3" TERM; echo started >>/share/life; while :; do sleep 0.1; done'
  within 60 holds "$work/life" started
  pm stop "$container" >/dev/null
  equals "exited 3 0" "$(pm inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.State.Pid}}' "$container")"
  contains "got term" "$(pm logs "$container")"
  pm start "$container" >/dev/null
  pm kill --signal KILL "$container" >/dev/null
  equals 137 "$(pm wait "$container")" "exit code after kill"
  pm rm "$container" >/dev/null
}

attaching() {
  pm create -i --name "$runtime_name-attach" --network none "$IMAGE" cat >/dev/null
  equals hello "$(echo hello | pm start --attach --interactive "$runtime_name-attach")"
}

restarting() {
  background restart --restart on-failure:2 -- 'echo round >>/share/rounds; exit 1'
  within 60 rounds 3
}
rounds() { [ "$(wc -l <"$work/rounds")" = "$1" ]; }

health() {
  local container=$runtime_name-health
  background health --health-cmd 'test -e /tmp/well || { touch /tmp/well; exit 1; }' --health-interval disable \
    --health-retries 1 -- 'exec sleep 1000'
  exits_with 1 pm healthcheck run "$container"
  pm healthcheck run "$container"
  equals healthy "$(pm inspect -f '{{.State.Health.Status}}' "$container")"
  pm rm -ft 0 "$container" >/dev/null
}

# ---- Pods -------------------------------------------------------------------------------------------

pods() {
  local pod=$runtime_name-pod
  pm pod create --name "$pod" --network none --hostname podhost --share net,uts,ipc,pid >/dev/null
  pm run -d --pod "$pod" --name "$pod-one" "$IMAGE" sh -c 'mkdir /dev/shm/here; exec httpd -f -p 80 -h /etc' >/dev/null
  report=$(pm run --rm --pod "$pod" "$IMAGE" sh -c 'hostname; ls /dev/shm; ps; until wget -qO- http://127.0.0.1/plain-file; do sleep 0.1; done')
  for part in podhost here "httpd -f" data; do contains "$part" "$report"; done
  pm pod stop -t 0 "$pod" >/dev/null
  pm pod start "$pod" >/dev/null
  equals running "$(pm inspect -f '{{.State.Status}}' "$pod-one")"
  pm pod rm -ft 0 "$pod" >/dev/null
}

kube_play() {
  cat >"$work/pod.yaml" <<Y
apiVersion: v1
kind: Pod
metadata: {name: $runtime_name-kube}
spec:
  restartPolicy: Never
  hostNetwork: true
  volumes:
  - {name: share, hostPath: {path: $work}}
  containers:
  - name: one
    image: $IMAGE
    imagePullPolicy: Never
    command: [sh, -c, 'echo "kube \$(id -u) \$(cat /sys/fs/cgroup/memory.max)" >/share/kube; exec sleep 1000']
    resources: {limits: {memory: 32Mi}}
    securityContext: {runAsUser: 0}
    volumeMounts:
    - {name: share, mountPath: /share}
Y
  pm play kube "$work/pod.yaml" >/dev/null
  within 60 holds "$work/kube" "kube 0 33554432"
  pm play kube --down "$work/pod.yaml" >/dev/null
}

# ---- Images -----------------------------------------------------------------------------------------

# The second layer looks at what the first one did; the third fails with the program's status.
building() {
  mkdir -p "$work/context"
  printf '%s\n' "FROM $IMAGE" 'ENV WORD=word' 'RUN id -u >/built && echo "$WORD" >>/built && chmod 777 /var' 'USER user' \
    'RUN test "$(id -u) $(tr "\n" " " </built)" = "1000 0 word " && touch /var/second' >"$work/context/Containerfile"
  pm build -q --pull=never --network none -t "localhost/$runtime_name-built" "$work/context" >/dev/null
  printf '%s\n' "FROM localhost/$runtime_name-built" 'RUN test -e /var/second && exit 6' >"$work/context/Containerfile"
  pm build -q --pull=never --network none "$work/context" >"$work/build" 2>&1 && fail "a RUN that fails"
  contains "exit status 6" "$(<"$work/build")"
  pm rmi -f "localhost/$runtime_name-built" >/dev/null
}

life_steps() {
  step "stop, inspect, logs, start, kill, wait, rm" life
  step "health check" health
  step "pod: create, run, stop, start, rm" pods
  step "build" building
}
