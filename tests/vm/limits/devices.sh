#!/bin/bash
# Device rules as an eBPF program: allow, deny, order, wildcards, types and accesses; replaced without a gap.
# vm: lane=fast kernels=any runtimes=brig,crun quick=newest
# shellcheck source=tests/vm/limits/lib.sh
. "$(dirname "$0")/lib.sh"
subject cgroups devices

# The filter is asked before the driver, so numbers without a driver do: they give ENXIO. The kernel
# is not to look for a module each time.
modprobe=$(cat /proc/sys/kernel/modprobe)
echo >/proc/sys/kernel/modprobe
nodes='for n in b-200-1 b-200-2 b-201-1 c-200-1 c-200-2 c-201-1 c-1-3; do
    mknod /tmp/$n $(echo $n | tr - " "); done 2>&1'
# Prints which accesses to them are allowed: r, w and + for both at once.
verdicts='for n in b-200-1 b-200-2 b-201-1 c-200-1 c-200-2 c-201-1 c-1-3; do
    a=""; f=/tmp/$n
    probe access $f r && a=${a}r; probe access $f w && a=${a}w; probe access $f rw && a=${a}+
    echo "$n=$a"
  done | tr "\n" " "'
deny_all='{allow: false, access: "rwm"}'

# allowed RULES TEXT: with these rules after a denial of everything, exactly TEXT is allowed.
allowed() {
  update_json rules "{devices: [$deny_all, $1]}"
  equals "$2 c-1-3=rw+ " "$(oci exec rules sh -c "$verdicts")" "$1"
}
none='b-200-1= b-200-2= b-201-1= c-200-1= c-200-2= c-201-1='

rules() {
  up rules "{devices: [$deny_all]}" "$nodes; echo made; exec sleep 1000" "$all_capabilities"
  says rules made
  equals made "$(output_of rules)"
  equals "$none c-1-3=rw+ " "$(oci exec rules sh -c "$verdicts")" "nothing but the default devices"
  "$@"
}

at_create() {
  run created "{devices: [$deny_all, {allow: true, type: \"c\", major: 200, minor: 1, access: \"r\"}]}" \
    "$nodes; $verdicts" "$all_capabilities"
  equals "${none/c-200-1=/c-200-1=r} c-1-3=rw+ " "$output"
}

accesses() {
  allowed '{allow: true, type: "c", major: 200, minor: 1, access: "r"}' "${none/c-200-1=/c-200-1=r}"
  allowed '{allow: true, type: "c", major: 200, minor: 1, access: "w"}' "${none/c-200-1=/c-200-1=w}"
  allowed '{allow: true, type: "b", major: 200, minor: 1, access: "rw"}' "${none/b-200-1=/b-200-1=rw+}"
  allowed '{allow: true, type: "b", major: 200, minor: 1, access: "m"}' "$none"
}

wildcards() {
  allowed '{allow: true, type: "c", major: 200, access: "rwm"}' \
    'b-200-1= b-200-2= b-201-1= c-200-1=rw+ c-200-2=rw+ c-201-1='
  allowed '{allow: true, type: "b", minor: 1, access: "r"}' \
    'b-200-1=r b-200-2= b-201-1=r c-200-1= c-200-2= c-201-1='
  allowed '{allow: true, type: "c", major: -1, minor: -1, access: "rw"}' \
    'b-200-1= b-200-2= b-201-1= c-200-1=rw+ c-200-2=rw+ c-201-1=rw+'
  allowed '{allow: true, access: "rwm"}' \
    'b-200-1=rw+ b-200-2=rw+ b-201-1=rw+ c-200-1=rw+ c-200-2=rw+ c-201-1=rw+'
}

order() {
  local wide='type: "c", major: 200, access: "rw"' narrow='type: "c", major: 200, minor: 1, access: "w"'
  allowed "{allow: true, $wide}, {allow: false, $narrow}" \
    'b-200-1= b-200-2= b-201-1= c-200-1=r c-200-2=rw+ c-201-1='
  allowed "{allow: true, $narrow}, {allow: false, $wide}" "$none"
  allowed "{allow: true, $wide}, {allow: false, $narrow}, {allow: true, $narrow}" \
    'b-200-1= b-200-2= b-201-1= c-200-1=rw+ c-200-2=rw+ c-201-1='
}

mknod_denied() {
  run mknod "{devices: [$deny_all, {allow: false, type: \"c\", major: 200, access: \"m\"}]}" \
    'mknod /tmp/a c 201 1 && echo made; mknod /tmp/b c 200 1 && echo wrong; true' "$all_capabilities"
  # config-linux.md lets every container make any node, which runc and crun add after all rules.
  contains made "$output"
}

no_gap() {
  local i allow='{allow: true, type: "c", major: 200, minor: 1, access: "rwm"}'
  up gap "{devices: [$deny_all, $allow]}" \
    "$nodes; exec probe hammer /tmp/c-200-1 /tmp/c-201-1 /tmp/stop" "$all_capabilities"
  says gap hammering
  for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
    update_json gap "{devices: [$deny_all, $allow, {allow: true, type: \"c\", major: 240, minor: $i, access: \"rwm\"}]}"
  done
  oci exec gap touch /tmp/stop
  says gap rounds
  echo "12 updates: $(output_of gap)"
  contains "denied 0 allowed 0" "$(output_of gap)"
  more "$(awk '/rounds/ { print $2 }' "$work/gap/out")" 100 "rounds"
}

step "devices: rules at create" at_create
step "devices: accesses and types" rules accesses
step "devices: wildcards" rules wildcards
step "devices: the last rule that matches decides" rules order
step "devices: any node can be made" mknod_denied
step "devices: update without a gap" no_gap
echo "$modprobe" >/proc/sys/kernel/modprobe
finish_steps
