#!/bin/bash
# When the creating brig is killed half-way, delete still removes all that it had made.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle half "$(shell_command 'exec sleep 1000')"
edit_config '.hooks = {($kind): [{path: "/bin/sh", args: ["sh", "-c", "touch \($file); exec sleep 1000"]}]}' \
  --arg kind prestart --arg file "$WORK/in-hook"
for kind in prestart createRuntime createContainer; do
  rm -f in-hook
  edit_config '.hooks |= with_entries(.key = $kind)' --arg kind $kind
  if [ $kind = createContainer ]; then edit_config '.hooks[] |= map(.args[2] = "mkdir -p /tmp; exec sleep 1000")'; fi
  "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" half >/dev/null 2>&1 </dev/null &
  creator=$!
  in_hook() { list_processes | grep -q '(sleep)'; }
  wait_until in_hook
  kill -KILL $creator
  wait $creator 2>/dev/null || true
  wait_until has_status half stopped
  refuse "has stopped" brig start half
  echo "{}" >none.json
  refuse "not running" brig update --resources none.json half
  # Without --force too: it is a container that has stopped.
  if [ $kind = prestart ]; then succeed brig delete half; else succeed brig delete --force half; fi
  assert_eq "$kind: state" "" "$(ls -A "$ROOT")"
  assert_eq "$kind: cgroups" "" "$(list_cgroups)"
  # The hook itself is the host's process, not the container's; one of the container's may be ending by itself.
  no_processes || awk '{ print $2 }' "$WORK/processes" | xargs kill -KILL 2>/dev/null || true
  wait_until no_processes
done
