#!/bin/bash
# process.noNewPrivileges is the program's no_new_privs flag; exec has it too, and can ask for it.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle nnp '.process.noNewPrivileges = false'
run_shell nnp 'grep NoNewPrivs /proc/self/status'
assert_matches "false" 'NoNewPrivs:[[:space:]]0' "$stdout"
edit_config 'del(.process.noNewPrivileges)'
edit_config "$(shell_command 'exec sleep 1000')"
start_container nnp
succeed brig exec nnp grep NoNewPrivs /proc/1/status /proc/self/status
assert_eq "without the flag" 2 "$(grep -c '[[:space:]]0$' <<<"$stdout")"
succeed brig exec --no-new-privs nnp grep NoNewPrivs /proc/self/status
assert_matches "exec --no-new-privs" '[[:space:]]1$' "$stdout"
succeed brig delete --force nnp

edit_config '.process.noNewPrivileges = true'
start_container nnp
succeed brig exec nnp grep NoNewPrivs /proc/1/status /proc/self/status
assert_eq "with the flag" 2 "$(grep -c '[[:space:]]1$' <<<"$stdout")"
succeed brig delete --force nnp
