#!/bin/bash
# The six kinds of hooks run in the order of runtime.md, each with the state on its standard input.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle hooks "$(shell_command 'echo process >>/log')"
# hook NAME FILE: one that writes its name and the status it was told.
edit_config '
  def hook($name; $file): {path: "/bin/sh", args: ["sh", "-c",
    "echo \($name) $(tr -d \"\\n\" | sed \"s/.*\\\"status\\\": *\\\"\\([a-z]*\\)\\\".*/\\1/\") >>\($file)"]};
  .hooks = {
    prestart: [hook("prestart"; $log)],
    createRuntime: [hook("createRuntime-1"; $log), hook("createRuntime-2"; $log)],
    createContainer: [hook("createContainer"; $log)],
    startContainer: [hook("startContainer"; "/log")],
    poststart: [hook("poststart"; "\($log).poststart")],
    poststop: [hook("poststop"; $log)]}' --arg log "$BUNDLE/rootfs/log"

succeed brig create --bundle "$BUNDLE" hooks
assert_eq "hooks run by create" 'prestart creating
createRuntime-1 creating
createRuntime-2 creating
createContainer creating' "$(<"$BUNDLE/rootfs/log")"

: >"$BUNDLE/rootfs/log"
succeed brig start hooks
wait_until has_status hooks stopped
assert_eq "hooks run by start" $'startContainer created\nprocess' "$(<"$BUNDLE/rootfs/log")"
# poststart runs beside the program, which may have ended by then. (runc 1.1 runs it in create.)
assert_matches "poststart" '^poststart (running|stopped)$' "$(<"$BUNDLE/rootfs/log.poststart")"

: >"$BUNDLE/rootfs/log"
succeed brig delete hooks
assert_eq "hooks run by delete" "poststop stopped" "$(<"$BUNDLE/rootfs/log")"
