#!/bin/bash
# --pid-file appears complete, with the pid as seen by the caller and no newline.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle pid "$(shell_command 'exec sleep 1000')"
mkdir elsewhere
cd elsewhere
# A relative path is the caller's, not the bundle's.
succeed brig create --bundle "$BUNDLE" --pid-file relative.pid pid
assert_eq "files" relative.pid "$(ls -A)"
assert_eq "content" "$(container_pid pid)" "$(<relative.pid)"
assert_eq "lines" 0 "$(wc -l <relative.pid)"
succeed brig delete --force pid

# An older file is replaced, not written into: whoever has it open sees no half of the new one.
echo "something long that was there before" >old.pid
ln old.pid link.pid
succeed brig create --bundle "$BUNDLE" --pid-file "$PWD/old.pid" pid
assert_eq "content" "$(container_pid pid)" "$(<old.pid)"
assert_eq "the replaced file" "something long that was there before" "$(<link.pid)"
succeed brig delete --force pid

# Where it cannot be written nothing is created.
capture brig create --bundle "$BUNDLE" --pid-file /no/such/folder/pid pid
[ $status != 0 ] || fail "an impossible pid file was accepted"
capture brig state pid
[ $status != 0 ] || fail "the failed create left a container"
