#!/bin/bash
# A foreground run or exec with a terminal joins the caller's terminal: size, input, output, status.
. "$(dirname "$0")/lib.sh"
need_root
need_command script

# in_terminal COMMAND...: with a terminal of 33 columns by 11 rows; what it shows is in $stdout.
in_terminal() {
  local line
  line=$(printf '%q ' "$@")
  capture script -qec "stty rows 11 cols 33; $line" /dev/null
  # script(1) types end-of-file into the terminal, which a raw one shows.
  stdout=$(tr -d '\r' <<<"$stdout" | sed 's/\^@//g')
}
make_bundle tty '.process.terminal = true'
edit_config "$(shell_command 'tty; stty size; [ -t 0 ] && [ -t 2 ] && echo terminal; exit 7')"
in_terminal "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" tty
assert_eq "status" 7 "$status"
assert_eq "what the terminal shows" $'/dev/pts/0\n11 33\nterminal' "$stdout"

# The caller's terminal is as before: not raw.
edit_config '.process.args = ["true"]'
capture script -qec "stty -a >before; $RUNTIME --root $ROOT run --bundle $BUNDLE tty; stty -a >after" /dev/null
assert_eq "terminal settings afterwards" "$(<before)" "$(<after)"

edit_config '.process.terminal = false'
edit_config "$(shell_command 'exec sleep 1000')"
start_container tty
in_terminal "$RUNTIME" --root "$ROOT" exec --tty tty sh -c 'tty; stty size; exit 9'
assert_eq "status of exec" 9 "$status"
assert_eq "what the terminal of exec shows" $'/dev/pts/0\n11 33' "$stdout"
# Ctrl-C is typed into the container's terminal.
in_terminal timeout 20 "$RUNTIME" --root "$ROOT" exec --tty tty sh -c 'kill -INT $$'
assert_eq "status after SIGINT" 130 "$status"
succeed brig delete --force tty
