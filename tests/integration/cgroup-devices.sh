#!/bin/bash
# linux.resources.devices in their order decide which devices can be made and opened, by an eBPF program.
. "$(dirname "$0")/lib.sh"
need_root
for device in fuse loop-control; do
  [ -c /dev/$device ] || skip "needs /dev/$device"
done

make_bundle rules '.process.capabilities |= map_values(. + ["CAP_MKNOD", "CAP_DAC_OVERRIDE"]) |
  .process.noNewPrivileges = false'
# Denied by default; mknod of anything is let through, opening is not.
nodes='cd /tmp; mknod loop b 7 5; mknod fuse c 10 229; mknod control c 10 237; mknod null c 1 3; '
edit_config '.linux.resources.devices = [{allow: false, access: "rwm"},
  {allow: true, type: "c", major: 10, minor: 229, access: "r"}, {allow: true, type: "c", major: 10, minor: 237, access: "rwm"}]'
run_shell rules "$nodes"'
  (: <fuse) && echo fuse read; (: >>fuse) && echo fuse written; (: <loop) && echo loop read
  echo x >null && echo null written; (: <control) && echo control read; true' 2>&1
assert_contains "default device" "null written" "$stdout"
assert_contains "allowed reading" "fuse read" "$stdout"
assert_lacks "writing that was not allowed" "fuse written" "$stdout"
assert_contains "a device allowed for all" "control read" "$stdout"
assert_lacks "a device without a rule" "loop read" "$stdout"
assert_eq "refusals" 2 "$(grep -c 'Operation not permitted' <<<"$stderr")"

# The last rule that matches wins.
edit_config '.linux.resources.devices = [{allow: true, access: "rwm"}, {allow: false, type: "c", major: 10, minor: 229, access: "rw"},
  {allow: true, type: "c", major: 10, minor: 229, access: "r"}]'
run_shell rules 'cd /tmp; (: <fuse) && echo fuse read; (: >>fuse) && echo fuse written; true'
assert_contains "allowed again" "fuse read" "$stdout"
assert_lacks "still denied" "fuse written" "$stdout"
# exec is in the same cgroup; an update replaces the rules.
edit_config "$(shell_command 'exec sleep 1000')"
start_container rules
succeed brig exec rules sh -c ': </tmp/fuse'
capture brig exec rules sh -c ': >>/tmp/fuse'
[ $status != 0 ] || fail "exec is not bound by the rules"
echo '{"devices": [{"allow": false, "access": "rwm"}]}' >update.json
capture brig update --resources update.json rules
if [ $status = 0 ]; then
  capture brig exec rules sh -c ': </tmp/fuse'
  [ $status != 0 ] || fail "updated rules are not in force"
  succeed brig exec rules sh -c ': </dev/zero; echo x >/dev/null'
fi
succeed brig delete --force rules
