#!/bin/bash
# linux.personality is the execution domain of the program and of exec.
. "$(dirname "$0")/lib.sh"
need_root
[ "$(uname -m)" = x86_64 ] || skip "the names of machines below are those of x86_64"

make_bundle persona '.linux.personality = {domain: "LINUX32"}'
edit_config "$(shell_command 'uname -m; cat /proc/self/personality; exec sleep 1000')"
start_container persona
succeed brig exec persona sh -c 'uname -m; cat /proc/1/personality /proc/self/personality'
assert_eq "LINUX32" $'i686\n00000008\n00000008' "$stdout"
succeed brig delete --force persona
edit_config '.linux.personality = {domain: "LINUX"}'
run_shell persona 'uname -m; cat /proc/self/personality'
assert_eq "LINUX" $'x86_64\n00000000' "$stdout"
edit_config '.linux.personality = {domain: "LINUX64"}'
refuse linux.personality.domain brig run --bundle "$BUNDLE" persona
