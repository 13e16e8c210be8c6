#!/bin/bash
# Kubernetes' pods run on the runtime through containerd's CRI plugin, as a RuntimeClass selects it.
# vm: lane=full suites=bookworm,sid kernels=any runtimes=brig,crun timeout=900 quick=sid
. "$(dirname "$0")/lib.sh"
image=docker.io/library/bb:latest
. "$here/cri-lib.sh"

# ---- Pods and containers ---------------------------------------------------------------------------

ready() {
  local conditions
  conditions=$(cri Status '{}' | jq -c '[.status.conditions[] | select(.type | endswith("Ready")) | .status]')
  equals '[true,true]' "$conditions" "RuntimeReady and NetworkReady"
}

handler_features() {
  local features
  features=$(cri Status '{}' | jq -c --arg name "$handler" \
    '.runtime_handlers[] | select(.name == $name) | .features')
  equals '{"recursive_read_only_mounts":true,"user_namespaces":true}' "$features"
}

pod_starts() {
  local status
  run_pod main '.linux.sysctls = {"kernel.shm_rmid_forced": "1", "net.ipv4.ip_unprivileged_port_start": "80"}'
  status=$(cri PodSandboxStatus "{\"pod_sandbox_id\": \"$pod_id\"}" | jq -r '.status | "\(.state // 0) \(.network.ip)"')
  contains '0 10.88.7.' "$status" "state and address"
  run_container first . sleep 100000
  run_container second . sleep 100000
}

# namespaces_of NAME: what the container's exec'd process sees.
namespaces_of() {
  exec_sync "$1" 20 sh -c 'cd /proc/1/ns && for ns in net ipc uts pid mnt; do readlink $ns; done'
  echo "$output"
}

shared_namespaces() {
  local first second
  first=$(namespaces_of first)
  second=$(namespaces_of second)
  contains 'net:' "$first"
  equals "$(head -n 3 <<<"$first")" "$(head -n 3 <<<"$second")" "network, ipc and uts"
  equals 5 "$(comm -3 <(tail -n 2 <<<"$first" | sort) <(tail -n 2 <<<"$second" | sort) | wc -l | awk '{print $1 + 1}')" \
    "pid and mount namespaces of their own"
  exec_sync first 20 sh -c 'hostname; ip -o -4 addr show eth0; sysctl=/proc/sys
    cat $sysctl/kernel/shm_rmid_forced $sysctl/net/ipv4/ip_unprivileged_port_start'
  contains main "$output"
  contains 10.88.7. "$output"
  contains $'1\n80' "$output" sysctls
}

exec_probe() {
  exec_sync first 20 sh -c 'echo out; echo err >&2; exit 3'
  equals "out err 3" "$output $errors $status"
  exec_sync first 20 true
  equals 0 "$status"
}

exec_timeout() {
  local error
  container_of first
  error=$(cri ExecSync "{\"container_id\": \"$container_id\", \"cmd\": [\"sleep\", \"4567\"], \"timeout\": 1}" 2>&1) &&
    fail "an exec past its time was a success"
  contains "deadline exceeded" "$error"
  within 10 no_process '^sleep 4567'
  exec_sync first 20 true
  equals 0 "$status"
}
no_process() { ! pgrep -f "$1" >/dev/null; }

limits() {
  in_pod main
  run_container limits '.linux.resources = {
    memory_limit_in_bytes: 67108864, cpu_period: 100000, cpu_quota: 50000, cpu_shares: 512, cpuset_cpus: "0"}' \
    sleep 100000
  exec_sync limits 20 sh -c 'cd /sys/fs/cgroup && cat memory.max cpu.max cpuset.cpus.effective; cat /proc/1/cgroup'
  equals $'67108864\n50000 100000\n0\n0::/' "$output"
  cri UpdateContainerResources "{\"container_id\": \"$container_id\", \"linux\": {
    \"memory_limit_in_bytes\": 134217728, \"cpu_period\": 100000, \"cpu_quota\": 25000, \"cpuset_cpus\": \"0-1\"}}"
  exec_sync limits 20 sh -c 'cd /sys/fs/cgroup && cat memory.max cpu.max cpuset.cpus.effective'
  equals $'134217728\n25000 100000\n0-1' "$output" "after the update"
  exec_sync limits 20 grep -c cgroup /proc/self/mounts
}

systemd_units() {
  container_of limits
  equals active "$(systemctl is-active "cri-containerd-$container_id.scope")"
  contains "kubepods-main.slice" "$(systemctl show -P ControlGroup "cri-containerd-$container_id.scope")"
  systemctl daemon-reload
  exec_sync limits 20 cat /sys/fs/cgroup/memory.max
  equals 134217728 "$output" "memory.max after daemon-reload"
}

stats() {
  local usage
  container_of limits
  usage=$(cri ContainerStats "{\"container_id\": \"$container_id\"}" |
    jq -c '.stats | [.memory.usage_bytes.value, .cpu.usage_core_nano_seconds.value] | map(tonumber > 0)')
  equals '[true,true]' "$usage"
}

log_file() {
  in_pod main
  outcome log . sh -c 'echo to the log; echo to the errors >&2; exit 4'
  equals 4 "$status"
  contains "stdout F to the log" "$(cat "$engines_work/logs-main/log.log")"
  contains "stderr F to the errors" "$(cat "$engines_work/logs-main/log.log")"
}

terminal() {
  in_pod main
  outcome tty '.tty = true' sh -c 'tty; test -c /dev/console && echo console'
  contains /dev/pts/ "$output"
  contains console "$output"
}

security_context() {
  in_pod main
  outcome security '.linux.security_context += {
      run_as_user: {value: 1000}, run_as_group: {value: 3000}, supplemental_groups: [4000, 5000], no_new_privs: true,
      readonly_rootfs: true, seccomp: {profile_type: 0}, masked_paths: ["/proc/kcore", "/proc/keys"],
      readonly_paths: ["/proc/sys"], capabilities: {drop_capabilities: ["ALL"], add_capabilities: ["NET_BIND_SERVICE"]}
    } | .envs = [{key: "COLOUR", value: "blue"}] | .working_dir = "/tmp"' sh -c '
      id -u; id -g; id -G; echo "$COLOUR $PWD"
      awk "/^(NoNewPrivs|Seccomp|CapBnd):/ {print \$2}" /proc/self/status
      cat /proc/keys | wc -c
      touch /new 2>/dev/null || echo read-only
      echo 1 2>/dev/null >/proc/sys/kernel/shm_rmid_forced || echo read-only'
  equals $'1000\n3000\n3000 2000 4000 5000\nblue /tmp\n0000000000000400\n1\n2\n0\nread-only\nread-only' "$output"
}

privileged() {
  run_pod privileged '.linux.security_context.privileged = true'
  outcome privileged '.linux.security_context.privileged = true' sh -c '
    grep CapEff /proc/self/status | cut -f 2; mkdir -p /mnt && mount -t tmpfs none /mnt && echo mounted
    test -b /dev/vda && echo device; test -w /sys/fs/cgroup/cgroup.procs && echo cgroup'
  equals "$(grep CapEff /proc/self/status | cut -f 2)"$'\nmounted\ndevice\ncgroup' "$output"
  remove_pod privileged
}

volumes() {
  mkdir -p $engines_work/volume/below
  echo from the host >$engines_work/volume/file
  in_pod main
  outcome volumes '.mounts = [
      {host_path: "'$engines_work'/volume", container_path: "/ro", readonly: true},
      {host_path: "'$engines_work'/volume", container_path: "/rw", propagation: 1},
      {host_path: "/etc/hostname", container_path: "/etc/hostname", readonly: true}] |
      .devices = [{host_path: "/dev/vda", container_path: "/dev/disk", permissions: "r"}]' sh -c '
    cat /ro/file; touch /ro/new 2>/dev/null || echo read-only; touch /rw/new && echo writable
    head -c 1 /dev/disk >/dev/null && echo readable; (: >/dev/disk) 2>/dev/null || echo read-only'
  equals $'from the host\nread-only\nwritable\nreadable\nread-only' "$output"
}

recursive_read_only() {
  mkdir -p $engines_work/volume/below
  mount -t tmpfs none $engines_work/volume/below
  in_pod main
  outcome recursive '.mounts = [{host_path: "'$engines_work'/volume", container_path: "/ro",
    readonly: true, recursive_read_only: true}]' sh -c 'touch /ro/below/new 2>/dev/null || echo read-only'
  umount $engines_work/volume/below
  equals read-only "$output"
}

out_of_memory() {
  in_pod main
  run_container memory '.linux.resources = {memory_limit_in_bytes: 16777216}' sh -c "$out_of_memory_on_go
    status=\$?; until [ -e /told ]; do sleep 0.1; done; exit \$status"
  exec_sync memory 20 touch /go
  # The end of the container must not come before the news of it, which is an event of its own.
  within 20 reason_is OOMKilled
  exec_sync memory 20 touch /told
  wait_container memory
  equals "137 OOMKilled" "$(container_field '"\(.exit_code) \(.reason)"')"
}

stopping() {
  in_pod main
  run_container term . sh -c 'trap "exit 6" TERM; echo ready; while :; do sleep 0.1; done'
  within 20 grep -q ready "$engines_work/logs-main/term.log"
  cri StopContainer "{\"container_id\": \"$container_id\", \"timeout\": 20}"
  equals 6 "$(container_field .exit_code)" "exit code after SIGTERM"
  cri RemoveContainer "{\"container_id\": \"$container_id\"}"
  container_of second
  # As process 1 it has no handler, hence ignores SIGTERM.
  cri StopContainer "{\"container_id\": \"$container_id\", \"timeout\": 1}"
  equals 137 "$(container_field .exit_code)" "exit code after SIGKILL"
}

missing_program() {
  local error
  in_pod main
  error=$(run_container missing . no-such-program 2>&1) && fail "a missing program was started"
  contains no-such-program "$error"
  contains 'not found' "$error"
}

shared_pids() {
  run_pod pids '.linux.security_context.namespace_options.pid = 0'
  run_container one . sleep 5555
  run_container two . sleep 6666
  exec_sync two 20 ps
  contains "sleep 5555" "$output"
  contains "sleep 6666" "$output"
  remove_pod pids
  equals '' "$(pgrep -f '^sleep [56]{4}' || true)" "processes left"
}

host_network() {
  run_pod host '.hostname = "" | .linux.security_context.namespace_options = {network: 2, pid: 2, ipc: 2}'
  run_container host . sleep 100000
  exec_sync host 20 sh -c 'for ns in net pid ipc; do readlink /proc/self/ns/$ns; done'
  equals "$(for ns in net pid ipc; do readlink /proc/self/ns/$ns; done)" "$output"
  remove_pod host
}

user_namespace() {
  local maps='[{host_id: 200000, container_id: 0, length: 65536}]'
  run_pod mapped ".linux.security_context.namespace_options.userns_options = {mode: 0, uids: $maps, gids: $maps}"
  run_container mapped '.mounts = [{host_path: "/var/tmp", container_path: "/volume",
    uidMappings: '"$maps"', gidMappings: '"$maps"'}]' sleep 100000
  exec_sync mapped 20 sh -c 'id -u; awk "{print \$1, \$2, \$3}" /proc/self/uid_map; stat -c %u /etc/greeting
    touch /volume/mapped && stat -c %u /volume/mapped'
  equals $'0\n0 200000 65536\n0\n0' "$output"
  equals 0 "$(stat -c %u /var/tmp/mapped)" "owner on the host"
  rm /var/tmp/mapped
  remove_pod mapped
}

no_leftovers() {
  remove_pod main
  equals '' "$(pgrep -f 'containerd-shim-runc-v2 -namespace k8s.io' || true)" "shims left"
  equals '' "$(ls /run/containerd/runc/k8s.io)" "states left"
  gone mounts "$mounts_before" mount_points
  equals '' "$(systemctl list-units --all --no-legend 'cri-containerd-*')" "units left"
  # The slices belong to the kubelet, who made them by their names.
  systemctl stop 'kubepods*.slice'
  rmdir /sys/fs/cgroup/kubepods.slice/* /sys/fs/cgroup/kubepods.slice 2>/dev/null || true
  gone cgroups "$cgroups_before" cgroup_folders
}

# ---- The installer of nodes ------------------------------------------------------------------------

# What the cluster's API is asked for: NODE_NAME's labels.
api_port=6443
start_api() {
  python3 - $engines_work/api.log $api_port <<'PYTHON' &
import http.server, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_PATCH(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with open(sys.argv[1], "a") as log:
            log.write(f"{self.path} {self.headers['Content-Type']} {body}\n")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass

http.server.HTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
PYTHON
  at_end "kill $!"
  rm -f $engines_work/api.log
}

installer() {
  HOST=/ BRIG=$RUNTIME SYSTEMD_CGROUP=false NODE_NAME=vm KUBERNETES_API=http://127.0.0.1:$api_port \
    sh $engines_work/install.sh "$@"
}

install_on_node() {
  local before
  cp /etc/containerd/config.toml $engines_work/config.before
  within 20 bash -c "exec 9<>/dev/tcp/127.0.0.1/$api_port" 2>/dev/null
  installer install
  cmp "$RUNTIME" "/usr/local/bin/$runtime_name"
  contains "/api/v1/nodes/vm application/merge-patch+json {\"metadata\": {\"labels\": {\"$runtime_name.runtime/installed\": \"true\"}}}" \
    "$(cat $engines_work/api.log)"
  before=$(systemctl show -P MainPID containerd)
  installer install
  equals "$before" "$(systemctl show -P MainPID containerd)" "containerd's process after a second install"
}

cgroupfs_pod() {
  run_pod plain '.linux.cgroup_parent = "/kubepods/besteffort/plain"'
  run_container plain '.linux.resources = {memory_limit_in_bytes: 67108864}' sleep 100000
  exec_sync plain 20 cat /sys/fs/cgroup/memory.max /proc/1/cgroup
  equals $'67108864\n0::/' "$output"
  equals 67108864 "$(cat "/sys/fs/cgroup/kubepods/besteffort/plain/$container_id/memory.max")"
}

uninstall_from_node() {
  local error
  error=$(installer uninstall 2>&1) && fail "uninstalled below a running pod"
  contains "runs on $runtime_name" "$error"
  remove_pod plain
  find /sys/fs/cgroup/kubepods -depth -type d -exec rmdir {} \;
  installer uninstall
  cmp /etc/containerd/config.toml $engines_work/config.before
  test ! -e "/usr/local/bin/$runtime_name"
  contains '/installed": null' "$(tail -n 1 $engines_work/api.log)"
}

# ---- The script ------------------------------------------------------------------------------------

version=$(containerd --version | awk '{print $3}')
subject "containerd CRI" "$version"
case $version in
  1.*) config=config.toml ;;
  *) config="config-v3.toml" ;;
esac
# with_pause_image: a configuration of containerd with the image of sandboxes, which is the machine's part.
with_pause_image() {
  local pause=docker.io/library/pause:latest
  if grep -q '^version = 3' "$1"; then
    sed '/^version/a [plugins."io.containerd.cri.v1.images".pinned_images]\n  sandbox = "'$pause'"' "$1"
  elif grep -q '^ *\[plugins."io.containerd.grpc.v1.cri"\]' "$1"; then
    sed '/^ *\[plugins."io.containerd.grpc.v1.cri"\]/a sandbox_image = "'$pause'"' "$1"
  else
    sed '/^version/a [plugins."io.containerd.grpc.v1.cri"]\n  sandbox_image = "'$pause'"' "$1"
  fi
}

install_runtime
# Images come from no registry here, the network from no cluster: these are the machine's part.
make_image $engines_work/bb.tar $image
make_image $engines_work/pause.tar docker.io/library/pause:latest '.config.Entrypoint = ["/bin/sleep", "infinity"]'
cp -a /etc/containerd/config.toml $engines_work/config.debian
replace_file /etc/cni/net.d/10-pods.conf <<<'{"cniVersion": "0.4.0", "name": "pods", "type": "bridge",
  "bridge": "pods0", "isGateway": true, "ipam": {"type": "host-local", "subnet": "10.88.7.0/24"}}'
at_end "ip link del pods0 2>/dev/null"
snippet containerd/$config >$engines_work/config.snippet
replace_file /etc/containerd/config.toml < <(with_pause_image $engines_work/config.snippet)
start_service containerd || exit 1
ctr -n k8s.io image import $engines_work/pause.tar >/dev/null || exit 1
ctr -n k8s.io image import $engines_work/bb.tar >/dev/null || exit 1
start_client
start_api
mounts_before=$(mount_points) cgroups_before=$(cgroup_folders)

step "the CRI plugin is ready" ready
case $version in
  1.*) no_step "features of the handler" "containerd 1.x does not ask" ;;
  *) step "features of the handler" handler_features ;;
esac
step "a pod with sysctls and two containers" pod_starts
step "containers share network, ipc and uts" shared_namespaces
step "ExecSync: streams and exit codes" exec_probe
step "ExecSync: timeout" exec_timeout
step "limits inside, and updated" limits
step "the container's unit, before and after daemon-reload" systemd_units
step "container stats" stats
step "log file and exit code" log_file
step "container with a terminal" terminal
step "securityContext" security_context
step "privileged pod" privileged
step "volumes and devices" volumes
case $version in
  1.*) no_step "recursive read-only volume" "containerd 1.x has none" ;;
  *) step "recursive read-only volume" recursive_read_only ;;
esac
step "out of memory" out_of_memory
step "StopContainer: SIGTERM, then SIGKILL" stopping
step "missing program" missing_program
step "pod with one pid namespace" shared_pids
step "pod in the host's namespaces" host_network
case $version in
  1.*) no_step "pod with a user namespace" "containerd 1.x has none" ;;
  *) step "pod with a user namespace" user_namespace ;;
esac
step "pod deletion leaves nothing" no_leftovers

with_pause_image $engines_work/config.debian >/etc/containerd/config.toml
# Here it is the name alone that another runtime takes over: the binary gets installed beside brig's.
snippet kubernetes/install.sh >$engines_work/install.sh
step "installer: binary, handler, label, twice" install_on_node
step "pod under the cgroupfs driver" cgroupfs_pod
step "uninstaller: refuses, then restores" uninstall_from_node
finish_steps
