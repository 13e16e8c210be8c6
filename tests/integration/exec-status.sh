#!/bin/bash
# exec ends with the program's status; 255 says that brig itself failed. --detach does not wait.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle status "$(shell_command 'exec sleep 1000')"
start_container status
for code in 0 1 7 254; do
  capture brig exec status sh -c "exit $code"
  assert_status $code
done
capture brig exec status sh -c 'kill -TERM $$'
assert_status 143
capture brig exec status sh -c 'kill -KILL $$'
assert_status 137
for program in nosuch /no/such /etc/passwd /bin; do
  capture brig exec status $program
  assert_eq "status of $program" 255 "$status"
  [ -n "$stderr" ] || fail "no error for $program"
done
capture brig exec status nosuch
assert_contains error 'executable file not found in $PATH' "$stderr"
capture brig exec --process /no/such status
assert_status 255
capture brig exec unknown true
assert_status 255
refuse "" brig exec status

succeed brig exec --detach --pid-file exec.pid status sh -c 'echo done >/done; exit 9'
assert_eq "lines in the pid file" 0 "$(wc -l <exec.pid)"
assert_matches "pid file" '^[0-9]+$' "$(<exec.pid)"
wait_until test -s "$BUNDLE/rootfs/done"
# A detached program that cannot be executed is still the caller's to know.
capture brig exec --detach status /no/such
assert_eq "status of a detached failure" 255 "$status"
capture brig create --bundle /no/such other
assert_eq "status of create" 1 "$status"
succeed brig delete --force status
