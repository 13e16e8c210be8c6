#!/bin/bash
# Counts the D-Bus messages of a create and of a delete, those of crun and runc beside brig's.
# vm: lane=full suites=bookworm,sid runtimes=brig quick=sid
. "$(dirname "$0")/lib.sh"

for folder in "${HELPERS:-/run/brig/tests/helpers}" "$(dirname "$0")/../../../build/tests/helpers"; do
  peer=$folder/bus-peer
  [ ! -x "$peer" ] || break
done

# relayed COMMAND...: runs it where both sockets of systemd lead through a relay that counts. Sets
# $sent, $received and $names.
relayed() {
  local socket relays=()
  rm -rf "$work/relay"
  mkdir "$work/relay"
  for socket in systemd/private dbus/system_bus_socket; do
    "$peer" relay "$work/relay/${socket#*/}" "/run/$socket" >>"$work/relay/log" &
    relays+=($!)
    within 10 test -S "$work/relay/${socket#*/}"
  done
  # shellcheck disable=SC2016 # for the inner shell
  unshare --mount --propagation private bash -c '
    mount --bind "$0/private" /run/systemd/private
    mount --bind "$0/system_bus_socket" /run/dbus/system_bus_socket
    ${WITHOUT_PRIVATE:+umount /run/systemd/private}
    exec "$@"' "$work/relay" "$@"
  within 10 all_ended
  kill "${relays[@]}"
  sent=$(awk '/^sent/ { n += $2 } END { print n + 0 }' "$work/relay/log")
  received=$(awk '/^sent/ { n += $4 } END { print n + 0 }' "$work/relay/log")
  names=$(sed -n 's/^sent.*://p' "$work/relay/log" | tr -d '\n')
}
all_ended() { [ "$(grep -c '^connected' "$work/relay/log")" = "$(grep -c '^sent' "$work/relay/log")" ]; }

# counts RUNTIME: what it says and hears, into $work/counts: the operation, both numbers, the names.
counts() {
  RUNTIME=$1
  local name=${1##*/}
  bundle c sdtest.slice:pre:c 'sleep 1000'
  relayed "$RUNTIME" --root "$work/root" --systemd-cgroup create --bundle "$work/c" c >"$work/c/out" 2>&1
  echo "create $name $sent+$received$names" >>"$work/counts"
  oci start c
  oci kill c KILL
  within 10 has_status c stopped
  within 10 is pre-c.scope LoadState not-found
  relayed "$RUNTIME" --root "$work/root" --systemd-cgroup delete c
  echo "delete $name $sent+$received$names" >>"$work/counts"
  gone pre-c.scope
  bundle c sdtest.slice:pre:c 'sleep 1000'
  create c
  relayed "$RUNTIME" --root "$work/root" --systemd-cgroup delete --force c
  echo "force $name $sent+$received$names" >>"$work/counts"
  gone pre-c.scope
}
# counted OPERATION: "brig 1+3, crun 7+9"
counted() { awk -v operation="$1" '$1 == operation { printf "%s%s %s", separator, $2, $3; separator = ", " }' "$work/counts"; }

step "D-Bus messages of brig" counts "$RUNTIME"
for other in crun runc; do
  step "D-Bus messages of $other" counts "$(command -v $other)"
done
few() {
  cat "$work/counts"
  grep -q "^create brig 1+.* StartTransientUnit" "$work/counts"
  grep -q "^delete brig 0+0" "$work/counts"
  grep -q "^force brig 0+0" "$work/counts"
}
step "brig says one thing for a create and nothing for a delete" few
# The numbers are the table's: sent + received.
row ok 0 "create: $(counted create)" "$(grep ^create "$work/counts" | tr '\n' ';')"
row ok 0 "delete of an ended one: $(counted delete)" "$(grep ^delete "$work/counts" | tr '\n' ';')"
row ok 0 "delete --force: $(counted force)" "$(grep ^force "$work/counts" | tr '\n' ';')"
finish_steps
