#!/bin/bash
# The annotations run.oci.hooks.stdout and .stderr name files that get what hooks print; otherwise nobody does.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle output '.process.args = ["true"] |
  .hooks = {createRuntime: [{path: "/bin/sh", args: ["sh", "-c", "echo to out; echo to err >&2"]}]}'
succeed brig run --bundle "$BUNDLE" output
assert_lacks "standard output of run" "to out" "$stdout"
edit_config '.annotations = {"run.oci.hooks.stdout": "\($work)/hook-out", "run.oci.hooks.stderr": "\($work)/hook-err"}' --arg work "$WORK"
succeed brig run --bundle "$BUNDLE" output
assert_eq "file of standard output" "to out" "$(<hook-out)"
assert_eq "file of standard error" "to err" "$(<hook-err)"
# A second run adds to them.
succeed brig run --bundle "$BUNDLE" output
assert_eq "file after two runs" $'to out\nto out' "$(<hook-out)"
