#!/bin/bash
# Only standard streams reach the program, and with --preserve-fds N, and LISTEN_FDS, the next ones.
. "$(dirname "$0")/lib.sh"
need_root

echo three >three
echo four >four
make_bundle fds
exec 3<three 4<four 7<three
run_shell fds 'ls /proc/self/fd | xargs'
assert_eq "descriptors (the last is that of ls)" "0 1 2 3" "$stdout"
edit_config "$(shell_command 'cat <&3; cat <&4; (: <&5) 2>&1; (: <&7) 2>&1; exit 0')"
succeed brig run --preserve-fds 2 --bundle "$BUNDLE" fds
assert_eq "preserved" $'three\nfour' "$(head -n 2 <<<"$stdout")"
assert_eq "others" 2 "$(grep -ci 'bad file descriptor' <<<"$stdout")"
refuse preserve-fds brig run --preserve-fds 3 --bundle "$BUNDLE" fds

# Socket activation: the count stays, the pid is the program's own.
exec 3<three 4<four
edit_config "$(shell_command 'cat <&3; cat <&4; echo $LISTEN_FDS $LISTEN_PID $LISTEN_FDNAMES; (: <&7) 2>&1; exit 0')"
succeed env LISTEN_FDS=1 LISTEN_FDNAMES=socket "$RUNTIME" --root "$ROOT" run --preserve-fds 1 --bundle "$BUNDLE" fds
assert_eq "activation" "three four 1 1" "$(head -n 3 <<<"$stdout" | xargs | cut -d' ' -f1-4)"

# exec alike.
exec 3<three 4<four
edit_config "$(shell_command 'exec sleep 1000')"
start_container fds
succeed brig exec --preserve-fds 1 fds sh -c 'cat <&3; (: <&4) 2>&1; exit 0'
assert_eq "exec" three "$(head -n 1 <<<"$stdout")"
assert_contains "exec" "bad file descriptor" "${stdout,,}"
succeed brig exec fds sh -c 'ls /proc/1/fd /proc/self/fd'
assert_eq "without" "/proc/1/fd: 0 1 2 /proc/self/fd: 0 1 2 3" "$(xargs <<<"$stdout")"
succeed brig delete --force fds
