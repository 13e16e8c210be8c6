#!/bin/bash
# A hook that hangs, without a timeout: other commands tell so within their deadline, kill and delete --force end
# what is the container's, and a signal to brig ends the hook and takes the container back.
DEADLINE=${DEADLINE:-120} # It waits for a deadline of half a minute.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle c '.process.args = ["sleep", "1000"]'
make_bundle d '.process.args = ["sleep", "1000"]'
for bundle in c d; do cp "$WORK/$bundle/config.json" "$WORK/$bundle/original.json"; done
# hang NAME KIND COMMAND...: COMMAND runs in the background until its hook of that KIND hangs; sets $command.
hang() {
  local name=$1 kind=$2
  shift 2
  BUNDLE=$WORK/$name
  cp "$BUNDLE/original.json" "$BUNDLE/config.json"
  edit_config '.hooks = {($kind): [{path: "/bin/sh", args: ["sh", "-c", "echo >\($file); exec sleep 1002"]}]}' \
    --arg kind "$kind" --arg file "$(if [ "$kind" = startContainer ]; then echo /hangs; else echo "$BUNDLE/rootfs/hangs"; fi)"
  rm -f "$BUNDLE/rootfs/hangs"
  if [ "$1" = start ]; then succeed brig create --bundle "$BUNDLE" "$name"; fi
  # Not by the shell itself: its jobs in the background ignore SIGINT and SIGQUIT.
  "${interruptible[@]}" "$RUNTIME" --root "$ROOT" "$@" >"$name.out" 2>"$name.err" </dev/null &
  command=$!
  wait_until test -e "$BUNDLE/rootfs/hangs"
}
interruptible=(perl -e '$SIG{$_} = "DEFAULT" for qw(INT QUIT); exec @ARGV or die $!')
need_command perl
# ended NAME STATUS TEXT...: the command has ended so, with one line.
ended() {
  local name=$1 expected=$2 code=0 text
  wait $command || code=$?
  assert_eq "status of the command with $name" "$expected" "$code"
  assert_eq "lines of $name" 1 "$(grep -c '' "$name.err")"
  for text in "${@:3}"; do assert_contains "error" "$text" "$(<"$name.err")"; done
  wait_until no_processes
  assert_eq "state" "" "$(ls -A "$ROOT")"
  assert_eq "cgroups" "" "$(list_cgroups)"
}

# Two commands with a hook of the host: what waits for them gives up.
hang c createRuntime create --bundle "$WORK/c" c
creator=$command
hang d poststart start d
starter=$command
for id in c d; do
  case $id in c) holder=$creator status=creating ;; d) holder=$starter status=running ;; esac
  assert_eq "status of $id" $status "$(container_status $id)"
  ( # All at once: each has half a minute.
    cd "$(mktemp -d)"
    for words in "start" "delete" "delete --force"; do
      # shellcheck disable=SC2086 # words
      (code=0; timeout 60 "$RUNTIME" --root "$ROOT" $words $id >"${words// /}" 2>&1 || code=$?; echo $code >>"${words// /}") &
    done
    wait
    for words in "start" "delete" "delete --force"; do
      answer=$(<"${words// /}")
      limit=30
      [ "$words" != "delete --force" ] || limit=12
      assert_contains "$words $id" "container $id: another command (process $holder) is at work on it and was not done within $limit seconds: wait for it or end it, then try again" "$answer"
      assert_eq "$words $id: lines" 2 "$(grep -c '' <<<"$answer")"
      assert_eq "$words $id: status" 1 "$(tail -n 1 <<<"$answer")"
    done
  ) >"answers-$id" 2>&1 &
  waiters+=($!)
done
for waiter in "${waiters[@]}"; do wait "$waiter" || { cat answers-*; fail "see above"; }; done
refuse_within 20 "container with given ID already exists: c" brig create --bundle "$WORK/c" c
succeed brig list
kill -TERM $creator $starter
for command in $creator $starter; do wait "$command" || true; done
assert_contains "error of create" "hooks.createRuntime[0] (/bin/sh): error running createRuntime hook #0: interrupted by signal SIGTERM" "$(<c.err)"
assert_contains "error of start" "hooks.poststart[0] (/bin/sh): error running poststart hook #0: interrupted by signal SIGTERM" "$(<d.err)"
wait_until no_processes
assert_eq "state" "" "$(ls -A "$ROOT")"

# A hook of the container's ends with it.
for way in "delete --force c" "kill c KILL"; do
  for kind in createContainer startContainer; do
    if [ $kind = createContainer ]; then hang c $kind create --bundle "$WORK/c" c; else hang c $kind start c; fi
    [ "$way $kind" != "kill c KILL createContainer" ] || way="delete --force c" # It has not been created yet.
    # shellcheck disable=SC2086 # words
    succeed timeout 20 "$RUNTIME" --root "$ROOT" $way
    if [ "$way" = "kill c KILL" ]; then succeed brig delete --force c; fi
    ended c 1 "killed"
  done
done

# A signal to brig.
for signal in INT TERM HUP QUIT; do
  for kind in prestart createRuntime createContainer startContainer poststart; do
    hang c $kind run --bundle "$WORK/c" c
    kill -$signal $command
    ended c 1 "interrupted by signal SIG$signal"
  done
done
hang c createRuntime create --bundle "$WORK/c" c
kill -INT $command
ended c 1 "interrupted by signal SIGINT"
# One that brig was told to ignore is none.
interruptible=(nohup)
hang c createRuntime run --bundle "$WORK/c" c
kill -HUP $command
assert_eq "status" creating "$(container_status c)"
kill -TERM $command
ended c 1 "interrupted by signal SIGTERM"
BUNDLE=$WORK/c
cp "$BUNDLE/original.json" "$BUNDLE/config.json"
succeed brig create --bundle "$BUNDLE" c
succeed brig delete c
