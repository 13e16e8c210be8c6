# shellcheck shell=bash
# What steps ask of the runtime under test, whose state is in $work/root: for scripts that define `oci`, which gives it a command.

# has_status NAME STATUS: whether the container has it now.
has_status() { [ "$(oci state "$1" | jq -r .status)" = "$2" ]; }
# Removes what containers there are.
delete_all() {
  local state
  # shellcheck disable=SC2154 # the script has $work
  for state in "$work"/root/*/; do
    if [ -d "$state" ]; then oci delete --force "$(basename "$state")" >/dev/null 2>&1; fi
  done
}
