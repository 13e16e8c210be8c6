#!/bin/bash
# What is meant for the kernel reaches the kernel, whatever lies over /proc by then
# (CVE-2019-16884, CVE-2019-19921, CVE-2025-52881).
. "$(dirname "$0")/lib.sh"
need_root

mkdir -p fake/net/ipv4
echo untouched | tee fake/net/ipv4/ip_forward >file
make_bundle proc '.linux.sysctl = {"net.ipv4.ip_forward": "1"} | .linux.readonlyPaths = [] | .linux.maskedPaths = [] |
  .process.oomScoreAdj = 321'
# attack COMMAND: a createContainer hook, which is faster than any attacker could be.
attack() {
  edit_config '.hooks = {createContainer: [{path: "/bin/sh", args: ["sh", "-ec", $command]}]}' \
    --arg command "cd '$BUNDLE/rootfs'; $1"
}
# check WHAT: the setting reached the kernel, and the fake files nothing.
check() {
  run_shell proc 'umount /proc/sys/net/ipv4/ip_forward /proc/sys /proc 2>/dev/null; mount -t proc proc /proc
    cat /proc/sys/net/ipv4/ip_forward /proc/self/oom_score_adj'
  assert_eq "$1: settings" $'1\n321' "$stdout"
  assert_eq "$1: the fake file" untouched "$(<file)"
  assert_eq "$1: the fake tree" untouched "$(<fake/net/ipv4/ip_forward)"
}
edit_config '.process.capabilities[] += ["CAP_SYS_ADMIN"]'
attack "mount --bind '$WORK/file' proc/sys/net/ipv4/ip_forward"
check "a file over the setting"
attack "mount --bind '$WORK/fake' proc/sys"
check "a folder over /proc/sys"
attack "mount -t tmpfs none proc; mkdir -p proc/sys; mount --bind '$WORK/fake' proc/sys"
check "another file system over /proc"
attack "umount -l proc; rmdir proc; ln -s fake proc; mkdir fake; cp -r '$WORK/fake' fake/sys; mkdir fake/self"
edit_config "$(shell_command 'rm /proc; mkdir /proc; mount -t proc proc /proc; cat /proc/sys/net/ipv4/ip_forward /fake/sys/net/ipv4/ip_forward')"
succeed brig run --bundle "$BUNDLE" proc
assert_eq "a link at /proc" $'1\nuntouched' "$stdout"
