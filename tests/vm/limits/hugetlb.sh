#!/bin/bash
# Huge pages: a container can neither reserve nor touch more of them than its limit.
# vm: lane=fast kernels=any runtimes=brig,crun quick=newest
# shellcheck source=tests/vm/limits/lib.sh
. "$(dirname "$0")/lib.sh"
subject cgroups hugetlb

limit='{hugepageLimits: [{pageSize: "2MB", limit: 4194304}]}'
pages=$(cat /proc/sys/vm/nr_hugepages)
echo 8 >/proc/sys/vm/nr_hugepages

reserved() {
  up reserved "$limit" 'probe huge 2 reserve; probe huge 3 reserve; exec sleep 1000'
  reads reserved hugetlb.2MB.rsvd.max 4194304
  says reserved "Cannot allocate memory"
  equals $'used\nmmap: Cannot allocate memory' "$(output_of reserved)"
}

touched() {
  up touched "$limit" 'probe huge 2 touch; probe huge 3 touch; exec sleep 1000'
  reads touched hugetlb.2MB.max 4194304
  says touched SIGBUS
  equals $'used\nSIGBUS' "$(output_of touched)"
  counted touched hugetlb.2MB.events max
}

updated() {
  up updated "$limit" 'until [ -e /tmp/go ]; do sleep 0.05; done; probe huge 3 reserve; exec sleep 1000'
  update_json updated '{hugepageLimits: [{pageSize: "2MB", limit: 6291456}]}'
  reads updated hugetlb.2MB.max 6291456
  oci exec updated touch /tmp/go
  says updated .
  equals used "$(output_of updated)"
}

no_size() { refused 'hugepageLimits[0]' wrong '{hugepageLimits: [{pageSize: "3MB", limit: 4194304}]}'; }

step "hugepageLimits bounds what is reserved" reserved
step "hugepageLimits bounds what is touched" touched
step "update of hugepageLimits" updated
step "hugepageLimits of a size that does not exist is refused" no_size

echo "$pages" >/proc/sys/vm/nr_hugepages
finish_steps
