#!/bin/bash
# A hook that runs past its timeout is killed with its error; impossible hooks are refused at once.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle timeout '.hooks = {createRuntime: [{path: "/bin/sleep", args: ["sleep", "1000"], timeout: 1}]}'
refuse "hook ran past specified timeout of 1" brig create --bundle "$BUNDLE" timeout
assert_contains error 'hooks.createRuntime[0]' "$stderr"
no_processes || fail "left: $(<"$WORK/processes")"
edit_config '.hooks.createRuntime[0] = {path: "/bin/true", timeout: 60}'
edit_config "$(shell_command 'exit 0')"
succeed brig run --bundle "$BUNDLE" timeout
# A hook that never reads its state is no error.
edit_config '.annotations = {big: ("x" * 200000)} | .hooks.createRuntime[0] = {path: "/bin/true"}'
succeed brig run --bundle "$BUNDLE" timeout
edit_config '.hooks.createRuntime[0] = {path: "relative"}'
refuse 'hooks.createRuntime[0].path' brig create --bundle "$BUNDLE" timeout
edit_config '.hooks.createRuntime[0] = {path: "/bin/true", timeout: 0}'
refuse 'hooks.createRuntime[0].timeout' brig create --bundle "$BUNDLE" timeout
edit_config '.hooks.createRuntime[0] = {path: "/no/such/hook"}'
refuse 'hooks.createRuntime[0]' brig create --bundle "$BUNDLE" timeout
assert_contains error "no such file or directory" "${stderr,,}"
