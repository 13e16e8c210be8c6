#!/bin/bash
# Shows that an unprivileged user runs containers directly: the written example, mappings, the whole
# life of a container, joined namespaces, and what is refused.
# vm: lane=full suites=bookworm timeout=400
. "$(dirname "$0")/lib.sh"
subject rootless user

example() {
  mkdir -p "$work/own"
  ln -sfn "$rootfs" "$work/own/rootfs"
  jq --arg root "$rootfs" '.root.path = $root' "$work/spec/terminal.json" >"$work/own/config.json"
  # script(1) gives it the terminal that the example asks for.
  out=$(cd "$work/own" && script -qec "$RUNTIME --root $work/root run own" /dev/null <<<'id -u; tty; exit 7') && fail "$out"
  contains /dev/pts/0 "$out" "terminal"
}
step "the bundle of spec --rootless runs as it stands, with a terminal" example
ids() {
  runs c 'id -u; id -g; id -G; cat /proc/self/uid_map; touch /tmp/mapped' "$many | .process.user = {uid: 33, gid: 34, additionalGids: [1500]}"
  equals "33 34 34 1500 0 $uid 1 1 100000 65536" "$out" ids
  equals 100032:100033 "$(stat -c %u:%g "$rootfs/tmp/mapped")" owner
}
step "newuidmap and newgidmap map subordinate ids" ids
default_ids() {
  runs c 'id -u; cat /proc/self/uid_map; touch /tmp/default' "$none"
  equals "0 0 $uid 1 1 100000 65536" "$out" ids
  equals "$uid" "$(stat -c %u "$rootfs/tmp/default")" owner
}
step "no user namespace in the configuration: one of subordinate ids" default_ids
single() {
  runs c 'id -u; cat /proc/self/setgroups; echo $HOME' '.process.user = {uid: 33, gid: 33} | (.linux.uidMappings[0], .linux.gidMappings[0]).containerID = 33'
  equals "33 deny /tmp" "$out" ids
}
step "a single id that is not root's" single
groups() {
  refused c true '.process.user.additionalGids = [5]'
  runs c 'sed -n "s/^Groups://p" /proc/self/status | wc -w' '.annotations["run.oci.keep_original_groups"] = "1"'
  equals "$(id -G | wc -w)" "$((out + 0))" groups
}
step "groups: refused with one's own id only, kept where asked for" groups
bad_range() {
  refused c true '.linux.uidMappings += [{containerID: 1, hostID: 900000, size: 10}]'
  contains "newuidmap" "$out" error
}
step "a range that /etc/subuid does not give is refused by name" bad_range
lost_helper() {
  bundle c true "$many"
  if out=$(PATH=/nowhere oci run --bundle "$work/c" c 2>&1); then fail "accepted"; fi
  contains "newgidmap" "$out" error
  contains "uidmap" "$out" remedy
}
step "a missing newuidmap is named with its package" lost_helper

life() {
  bundle c 'trap "exit 7" TERM; touch /tmp/up; while :; do sleep 0.1; done' \
    '.hooks.poststop = [{path: "/usr/bin/touch", args: ["touch", $root + "/tmp/poststop"]}] | .process.oomScoreAdj = 500'
  oci create --bundle "$work/c" --pid-file "$work/c/pid" c >/dev/null 2>&1 </dev/null
  has_status c created || fail "not created"
  oci start c
  within 10 test -e "$rootfs/tmp/up"
  equals "$(<"$work/c/pid")" "$(pid_of c)" pid
  equals 500 "$(<"/proc/$(pid_of c)/oom_score_adj")" oom_score_adj
  equals "0 500" "$(oci exec c sh -c 'id -u; cat /proc/self/oom_score_adj' | xargs)" exec
  out=$(script -qec "$RUNTIME --root $work/root exec -t c tty" /dev/null </dev/null)
  contains /dev/pts/ "$out" "terminal of exec"
  contains tester "$(oci list)" list
  oci kill c TERM
  within 10 has_status c stopped
  oci delete c
  [ -e "$rootfs/tmp/poststop" ] || fail "the poststop hook did not run"
}
step "create, start, exec, list, kill, delete, hooks" life
pod() {
  started pause 'sleep 1000' '.linux.namespaces += [{type: "network"}] | .hostname = "pod"'
  local pid
  pid=$(pid_of pause)
  runs app 'hostname; cat /sys/class/net/lo/operstate 2>/dev/null; ip addr show lo | grep -c 127.0.0.1; ps | grep -c "[s]leep 1000"' \
    'del(.hostname) | .linux.namespaces = [{type: "mount"}] + ([["user", "user"], ["uts", "uts"], ["network", "net"], ["ipc", "ipc"], ["pid", "pid"]] |
     map({type: .[0], path: "/proc/'"$pid"'/ns/\(.[1])"}))'
  contains "pod" "$out" hostname
  equals "1 1" "$(awk '{ print $(NF - 1), $NF }' <<<"$out")" "loopback and the pod's process"
}
step "a second container joins all namespaces of the first" pod
network() {
  runs c 'ls /sys/class/net; ip addr show lo | grep -c 127.0.0.1' '.linux.namespaces += [{type: "network"}] |
    (.mounts[] | select(.destination == "/sys")) |= (.type = "sysfs" | .source = "sysfs" | .options = ["nosuid", "noexec", "nodev", "ro"])'
  equals "lo 1" "$out" network
}
step "a network namespace has its own /sys and lo is up" network
filter() {
  runs c 'mkdir /tmp/no 2>/dev/null || echo refused' '.process.noNewPrivileges = false |
    .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO"}]}'
  contains refused "$out" mkdir
}
step "seccomp without no_new_privs" filter
mapped_mount() {
  refused c true '.mounts += [{destination: "/mnt", source: "/tmp", type: "none", options: ["bind", "idmap"]}]'
  contains "mnt" "$out" error
}
step "an idmapped mount is refused in one line" mapped_mount
devices() {
  runs c 'for node in null zero full random urandom tty; do stat -c %t:%T /dev/$node; done; echo x >/dev/null; dd if=/dev/zero bs=3 count=1 2>/dev/null | wc -c; mknod /tmp/node c 1 3 2>/dev/null || echo refused'
  equals "1:3 1:5 1:7 1:8 1:9 5:0 3 refused" "$out" devices
}
step "devices are the host's, none can be made" devices
default_root() {
  bundle c 'sleep 1000'
  "$RUNTIME" create --bundle "$work/c" c >/dev/null 2>&1 </dev/null
  local folder=$XDG_RUNTIME_DIR/${RUNTIME##*/} mode
  mode=$(stat -c %a "$folder")
  [ -d "$folder/c" ] || fail "no state in $folder"
  "$RUNTIME" delete --force c
  equals 1700 "$mode" "mode of $folder"
}
step "state is in XDG_RUNTIME_DIR, which cleaners leave alone" default_root
finish_steps
