#!/bin/bash
# With a terminal the console socket gets its master side; inside it is /dev/console and the process's own.
. "$(dirname "$0")/lib.sh"
need_root
need_helper receive-fd

listen() {
  rm -f socket
  "$helper" "$WORK/socket" >received <<<"$1" &
  receiver=$!
  wait_until test -S socket
}
make_bundle console '.process.terminal = true | .process.consoleSize = {height: 12, width: 34}'
edit_config "$(shell_command 'tty; stty size; test -c /dev/console && echo there; for f in 0 1 2; do [ -t $f ] && echo tty $f; done
  echo x >/dev/console; cat /proc/self/stat | cut -d" " -f7; read -r line; echo "read $line"; stat -c "%t:%T" /dev/console /dev/pts/0')"
listen "typed text"
succeed brig create --console-socket "$WORK/socket" --bundle "$BUNDLE" console
succeed brig start console
wait $receiver || fail "the receiver ended with status $?"
seen=$(tr -d '\r' <received)
for line in /dev/pts/0 "12 34" there "tty 0" "tty 1" "tty 2" "read typed text" 88:0; do
  assert_contains "what the terminal shows" "$line" "$seen"
done
[ "$(grep -c '^88:0$' <<<"$seen")" = 2 ] || fail "/dev/console is another terminal: $seen"
wait_until has_status console stopped
succeed brig delete console

# exec.
edit_config '.process.terminal = false'
edit_config "$(shell_command 'exec sleep 1000')"
start_container console
listen ""
succeed brig exec --tty --detach --console-socket "$WORK/socket" console sh -c 'tty; [ -t 2 ] && echo terminal'
wait $receiver || fail "the receiver ended with status $?"
assert_contains "exec" /dev/pts/ "$(<received)"
assert_contains "exec" terminal "$(<received)"
succeed brig delete --force console
