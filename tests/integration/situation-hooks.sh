#!/bin/bash
# Hooks that flood, close or do not read their standard streams, that leave processes behind which do, or that stop
# themselves: the container comes all the same, or the hook's timeout holds and nothing is left.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle c '.process.args = ["true"]'
cp "$BUNDLE/config.json" original.json
kinds="prestart createRuntime createContainer startContainer poststart poststop"
# hooks TEXT [TIMEOUT]: of each kind one that runs TEXT.
hooks() {
  cp original.json "$BUNDLE/config.json"
  edit_config '.hooks = ($kinds | split(" ") | map({(.): [{path: "/bin/sh", args: ["sh", "-c", $text]} + $timeout]}) | add)' \
    --arg kinds "$kinds" --arg text "$1" --argjson timeout "{${2:+\"timeout\": $2}}"
}
# goes_well WHAT TEXT [TIMEOUT]: the hooks are no reason to fail.
goes_well() {
  local start=$SECONDS
  hooks "${@:2}"
  succeed brig run --bundle "$BUNDLE" c
  assert_eq "$1: standard error" "" "$stderr"
  assert_eq "$1: standard output" "" "$stdout"
  [ $((SECONDS - start)) -lt 20 ] || fail "$1: it took $((SECONDS - start)) s"
}

goes_well "floods standard output" 'dd if=/dev/zero bs=65536 count=200 2>/dev/null'
goes_well "floods standard error" 'dd if=/dev/zero bs=65536 count=200 >&2 2>/dev/null'
goes_well "closes everything" 'exec <&- >&- 2>&-; true'
goes_well "closes its standard input" 'exec <&-; cat >/dev/null 2>&1 || true'
goes_well "reads its state twice" 'cat >/dev/null; cat >/dev/null'

cp original.json normal.json
jq '.annotations = {big: ("x" * 1000000)}' normal.json >original.json
goes_well "does not read a state of a megabyte" 'true'
cp normal.json original.json
# What they leave behind is the host's, and ends with what it writes to.
goes_well "leaves a process that floods" '(while :; do echo flood; done) & exit 0'
goes_well "leaves a process that holds its streams" 'sleep 3 & exit 0'
wait_until no_processes
goes_well "leaves an orphan of an orphan" '(setsid sh -c "sleep 2 & exit 0" &) ; exit 0' 5
wait_until no_processes

# Past its timeout, whatever it does and has started.
while read -r what text; do
  for kind in createRuntime createContainer startContainer poststart; do
    cp original.json "$BUNDLE/config.json"
    edit_config '.hooks = {($kind): [{path: "/bin/sh", args: ["sh", "-c", $text], timeout: 1}]}' --arg kind $kind --arg text "$text"
    refuse_within 30 "hooks.${kind}[0] (/bin/sh): error running $kind hook #0: hook ran past specified timeout of 1.0s" \
      brig run --bundle "$BUNDLE" c
    no_processes || wait_until no_processes
    assert_eq "$what, $kind: state" "" "$(ls -A "$ROOT")"
    assert_eq "$what, $kind: cgroups" "" "$(list_cgroups)"
    [ "$what" = hangs ] || break
  done
done <<'END'
hangs sleep 1000
stops kill -STOP $$; sleep 1000
floods while :; do echo flood; done
deaf trap "" TERM INT HUP QUIT; while :; do sleep 1; done
forks sleep 1001 & sleep 1002 & sleep 1003 | sleep 1004
END
cp original.json "$BUNDLE/config.json"
succeed brig create --bundle "$BUNDLE" c
succeed brig delete c
