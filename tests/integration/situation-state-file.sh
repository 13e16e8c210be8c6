#!/bin/bash
# A record that is empty, filled with NUL bytes, cut short or of a newer version: each command says so in one line
# that names the remedy, which works; list goes on with the others.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle c "$(shell_command 'exec sleep 1000')"
make_bundle other "$(shell_command 'exec sleep 1000')"
start_container other
BUNDLE=$WORK/c
record=$ROOT/c/state.json
damage_empty() { : >"$record"; }
damage_nul() { dd if=/dev/zero of="$record" bs="$(stat -c %s "$record")" count=1 status=none; }
damage_cut() { truncate -s $(($(stat -c %s "$record") / 2)) "$record"; }
damage_newer() { edit_record '.version = 2 | .pid = {"in": "a new way"}'; }
edit_record() {
  jq -c "$1" "$record" >record.new
  cat record.new >"$record"
}
remedy="remove it with brig delete --force c"

# row KIND PART...: what the line says then.
while read -r kind said; do
  succeed brig create --bundle "$BUNDLE" c
  [ "$kind" = cut ] || succeed brig start c
  pid=$(container_pid c)
  "damage_$kind"
  says=("container c: state.json: the record of the container is damaged: $said" "$remedy")
  if [ "$kind" = newer ]; then says=("format version 2, but this brig reads only version 1" "use the brig that created the container"); fi
  for command in state start "kill c" delete pause resume ps "exec c true" "update --pids-limit -1" "events --stats"; do
    name=${command%% *}
    # shellcheck disable=SC2206 # words
    arguments=($command)
    [ "${arguments[1]:-}" = c ] || arguments+=(c)
    refuse_within 20 "${says[0]}" brig "${arguments[@]}"
    assert_contains "$kind: remedy of $name" "${says[1]}" "$stderr"
    if [ "$name" = exec ]; then assert_status 255; else assert_status 1; fi
  done
  refuse_within 20 "container with given ID already exists: c" brig create --bundle "$BUNDLE" c
  succeed brig list -q
  assert_eq "$kind: list -q" other "$stdout"
  assert_contains "$kind: warning of list -q" "${says[0]}" "$stderr"
  assert_eq "$kind: lines" 1 "$(grep -c '' <<<"$stderr")"
  succeed brig list --format json
  assert_eq "$kind: list" "other running" "$(jq -r '.[] | .id + " " + .status' <<<"$stdout")"
  [ -d "/proc/$pid" ] || fail "$kind: the process has ended"
  succeed brig delete --force c
  [ ! -e "$ROOT/c" ] || fail "$kind: the state is left"
  [ ! -d "/proc/$pid" ] || wait_until test ! -d "/proc/$pid"
  assert_lacks "$kind: cgroups" "/c" "$(list_cgroups | sed "s,.*/$TEST_CGROUP,,")"
done <<'END'
empty it is empty
nul it holds NUL bytes instead of text
cut line 1, column
newer -
END
assert_eq "status of the other" running "$(container_status other)"
succeed brig delete --force other
succeed brig create --bundle "$BUNDLE" c
succeed brig delete c
