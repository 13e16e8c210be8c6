#!/bin/bash
# /dev/null, /dev/pts and /dev/console that are exchanged after they were made lead brig nowhere
# (CVE-2025-31133, CVE-2025-52565). A createContainer hook is as fast as any attacker can be: it acts
# after all mounts are made, and before the paths are masked and the terminal is opened.
. "$(dirname "$0")/lib.sh"
need_root
need_helper receive-fd

echo secret >target
# attack COMMAND: what the hook does in the root file system, which is mounted already.
attack() {
  edit_config '.hooks = {createContainer: [{path: "/bin/sh", args: ["sh", "-ec", $command]}]}' \
    --arg command "cd '$BUNDLE/rootfs'; $1"
}

make_bundle null '.linux.maskedPaths = ["/file"] | .linux.readonlyPaths = []'
echo masked >"$BUNDLE/rootfs/file"
echo visible >"$BUNDLE/rootfs/other"
attack 'rm dev/null; ln -s /other dev/null'
run_shell null 'cat /file; echo overwritten >/file; cat /other; exit 0'
assert_eq "/file and /other" visible "$stdout"
attack 'rm dev/null; mknod dev/null c 1 5'
run_shell null 'head -c 1 /file | wc -c'
assert_eq "what /file has" 0 "$stdout"

# listen: the receiver of the terminal, in the background.
listen() {
  rm -f socket
  "$helper" "$WORK/socket" >received <<<"" &
  receiver=$!
  wait_until test -S socket
}
make_bundle pts '.process.terminal = true'
edit_config "$(shell_command 'stat -c "console %t:%T" /dev/console; echo written >/dev/console; [ ! -f /target ] || cat /target')"
echo untouched >"$BUNDLE/rootfs/target"
cp "$BUNDLE/config.json" original.json
# refused COMMAND: after that attack no terminal is opened.
refused() {
  cp original.json "$BUNDLE/config.json"
  attack "$1"
  refuse "process.terminal" brig create --console-socket "$WORK/socket" --bundle "$BUNDLE" pts
}
listen
# Another file system; a node of the same number in it; a link to what may be opened.
refused 'mount -t tmpfs none dev/pts; touch dev/pts/ptmx'
assert_contains "error" "not what the kernel puts there" "$stderr"
refused 'mount -t tmpfs none dev/pts; mknod dev/pts/ptmx c 5 2'
assert_contains "error" "not what the kernel puts there" "$stderr"
refused "mount -t tmpfs none dev/pts; ln -s ../../target dev/pts/ptmx"
refused 'mount --bind target dev/pts/ptmx'
assert_contains "error" "not what the kernel puts there" "$stderr"
refused 'umount dev/pts; rmdir dev/pts; ln -s /tmp dev/pts'
kill $receiver
wait $receiver 2>/dev/null || true

# Whatever lies at the place of the console is covered by the terminal itself.
for command in 'ln -s /target dev/console' 'ln -s /proc/sysrq-trigger dev/console' 'cp target dev/console'; do
  cp original.json "$BUNDLE/config.json"
  attack "$command"
  listen
  succeed brig create --console-socket "$WORK/socket" --bundle "$BUNDLE" pts
  succeed brig start pts
  wait $receiver || fail "the receiver ended with status $?"
  seen=$(tr -d '\r' <received)
  assert_contains "$command: the console" "console 88:0" "$seen"
  assert_contains "$command: the terminal" written "$seen"
  assert_contains "$command: the target" untouched "$seen"
  wait_until has_status pts stopped
  succeed brig delete pts
done
