#!/bin/bash
# Root of a container, with every capability and brig's init in sight, cannot write to brig's program
# (CVE-2019-5736); nor is it more than a program when the container executes it.
. "$(dirname "$0")/lib.sh"
need_root

cp "$RUNTIME" "$WORK/runtime"
RUNTIME=$WORK/runtime
before=$(sha256sum <"$RUNTIME")
# The attacker holds the file open until nobody executes it any more, then writes to it.
make_bundle attacker "$(shell_command 'until [ -e /pid ]; do :; done; exec 3</proc/$(cat /pid)/exe; echo held >/state
  until [ -e /go ]; do :; done; (echo "#!/bin/sh" >/proc/self/fd/3) 2>/refused || exit 3')"
edit_config '.process.capabilities[] = ["CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_DAC_OVERRIDE", "CAP_CHOWN", "CAP_LINUX_IMMUTABLE"] |
  .process.noNewPrivileges = false'
attacker=$BUNDLE/rootfs
start_container attacker
pid=$(container_pid attacker)
make_bundle victim '.process.args = ["/bin/true"] | .linux.namespaces |= map(
  if .type == "pid" then .path = "/proc/\($pid)/ns/pid" else . end) | .process.capabilities[] = []' \
  --arg pid "$pid"
succeed brig create --bundle "$BUNDLE" victim
awk '/^NSpid:/ { print $NF }' "/proc/$(container_pid victim)/status" >"$attacker/pid.new"
mv "$attacker/pid.new" "$attacker/pid"
wait_until test -e "$attacker/state"
succeed brig delete --force victim
touch "$attacker/go"
# Not by the runtime's word: it may be another program by now.
has_ended() { ! grep -q '^State:.[^Z]' "/proc/$pid/status" 2>/dev/null; }
wait_until has_ended
assert_eq "the program" "$before" "$(sha256sum <"$RUNTIME")"
assert_matches "the refusal" 'Read-only file system|Permission denied|Operation not permitted' "$(<"$attacker/refused")"
succeed brig delete attacker

# An image's program that is a link to what executes it, or a script for it.
printf '#!/proc/self/exe\n' >"$BUNDLE/rootfs/script"
chmod 755 "$BUNDLE/rootfs/script"
ln -s /proc/self/exe "$BUNDLE/rootfs/link"
edit_config 'del(.linux.namespaces[] | select(.type == "pid").path)'
for program in /script /link /proc/self/exe; do
  edit_config '.process.args = [$program, "--version"]' --arg program "$program"
  capture brig run --bundle "$BUNDLE" victim
  assert_eq "$program: the program" "$before" "$(sha256sum <"$RUNTIME")"
done
