#!/bin/bash
# Shows limits in a cgroup that systemd has delegated to an unprivileged user, and a container's life
# without a cgroup.
# vm: lane=full suites=bookworm timeout=300
if [ "$(id -u)" = 0 ]; then
  # The same steps as a service of the user's manager, then as a session of no delegation.
  status=0
  for DELEGATED in yes no; do
    export DELEGATED
    (. "$(dirname "$0")/lib.sh") || status=1
  done
  exit $status
fi
. "$(dirname "$0")/lib.sh"

place_of() { sed -n s/^0:://p "/proc/$(pid_of "$1")/cgroup"; }

# ---- Delegated ----

limits() {
  started c 'sleep 1000' '.linux.resources = {memory: {limit: 50000000}, pids: {limit: 20}, cpu: {quota: 50000, period: 100000}}'
  local folder
  folder=/sys/fs/cgroup$(place_of c)
  contains "/user@$uid.service/" "$folder" cgroup
  equals "49999872 20" "$(cat "$folder/memory.max" "$folder/pids.max" | xargs)" limits
  equals "50000 100000" "$(<"$folder/cpu.max")" cpu.max
  oci update --pids-limit 30 c
  equals 30 "$(<"$folder/pids.max")" pids.max
  oci delete --force c
  [ ! -e "$folder" ] || fail "the cgroup is left"
}
refused_forks() {
  # In a subshell, which busybox ends when it cannot fork, and without a pipe, whose reader would be a fork too.
  bundle c '(for i in 1 2 3 4 5 6 7 8; do sleep 1 & done); true' '.linux.resources.pids.limit = 5'
  contains "can't fork" "$(oci run --bundle "$work/c" c 2>&1 </dev/null)"
}
freezer() {
  started c 'while :; do sleep 0.1; done'
  oci pause c
  has_status c paused || fail "not paused"
  oci resume c
  oci exec --detach c sleep 1000
  [ "$(oci ps --format json c | jq length)" -ge 2 ] || fail "ps: $(oci ps --format json c)"
  oci kill --all c KILL
  within 10 has_status c stopped
}
own_namespace() {
  runs c 'cat /proc/self/cgroup; mkdir /sys/fs/cgroup/inner && echo $$ >/sys/fs/cgroup/inner/cgroup.procs && cat /proc/self/cgroup' \
    '.linux.namespaces |= map(select(.type != "cgroup")) + [{type: "cgroup"}] |
     (.mounts[] | select(.destination == "/sys/fs/cgroup")) |= (.source = "cgroup" | .options = ["nosuid", "noexec", "nodev"])'
  equals "0::/ 0::/inner" "$out" "cgroups inside"
}
host_namespace() {
  # CVE-2023-25809: the user's own cgroups are not the container's to change.
  runs c 'mkdir /sys/fs/cgroup/user.slice/user-'"$uid"'.slice/user@'"$uid"'.service/app.slice/new 2>/dev/null || echo refused' \
    'del(.linux.namespaces[] | select(.type == "cgroup"))'
  equals refused "$out" mkdir
}

# ---- Not delegated ----

without() {
  started c 'while :; do sleep 0.1; done'
  equals "$(sed -n s/^0:://p /proc/self/cgroup)" "$(place_of c)" cgroup
  equals 0 "$(oci exec c id -u)" exec
  if out=$(oci pause c 2>&1); then fail "paused without a cgroup"; fi
  contains cgroup "$out" error
  oci kill --all c KILL
  within 10 has_status c stopped
  oci delete c
}
limits_refused() {
  refused c true '.linux.resources.pids.limit = 20'
  contains elegat "$out" remedy
}
path_refused() {
  refused c true '.linux.cgroupsPath = "/own/place"'
  contains elegat "$out" remedy
}
disabled() {
  bundle c 'echo up'
  equals up "$(oci --cgroup-manager=disabled run --bundle "$work/c" c)" run
}

if [ "$DELEGATED" = yes ]; then
  subject rootless "delegated cgroup"
  step "memory, pids and cpu limits, update, removal" limits
  step "pids.max refuses" refused_forks
  step "pause, resume, ps, kill --all" freezer
  step "an own cgroup namespace: the container manages its cgroup" own_namespace
  step "the host's cgroup namespace: its cgroups cannot be changed" host_namespace
else
  subject rootless "no cgroup"
  step "run, exec, kill; pause says why it cannot" without
  step "limits are refused with the remedy" limits_refused
  step "a cgroupsPath is refused with the remedy" path_refused
fi
step "--cgroup-manager=disabled" disabled
finish_steps
