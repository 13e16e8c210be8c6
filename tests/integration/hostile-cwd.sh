#!/bin/bash
# No descriptor that brig inherits leads a process out of its root file system (CVE-2024-21626).
. "$(dirname "$0")/lib.sh"
need_root

mkdir outside
touch outside/host-file
make_bundle cwd "$(shell_command 'exec sleep 1000')"
exec 7<outside 8</ 9<"$WORK"
start_container cwd
# Where the process is: if it starts at all, inside.
for ((fd = 3; fd < 16; fd++)); do
  for cwd in "/proc/self/fd/$fd" "/proc/self/fd/$fd/.." "/proc/thread-self/fd/$fd"; do
    capture brig exec --cwd "$cwd" cwd ls -A .
    assert_lacks "exec --cwd $cwd" host-file "$stdout"
    [ $status != 0 ] || fail "exec --cwd $cwd started: $stdout"
  done
done
succeed brig delete --force cwd

edit_config '.process.args = ["ls", "-A", "."]'
ln -s /proc/self/fd/7 "$BUNDLE/rootfs/link"
for cwd in /proc/self/fd/{3..12} /link /link/..; do
  edit_config '.process.cwd = $cwd' --arg cwd "$cwd"
  capture brig run --bundle "$BUNDLE" cwd
  assert_lacks "process.cwd $cwd" host-file "$stdout"
done
exec 7<&- 8<&- 9<&-
