#!/bin/bash
# RDMA: handles and objects of a device are limited by rdma.max; a device that is not there is refused.
# vm: lane=fast kernels=any runtimes=brig,crun quick=newest
# shellcheck source=tests/vm/limits/lib.sh
. "$(dirname "$0")/lib.sh"
subject cgroups rdma

# A device in software, where the kernel has one.
if modprobe rdma_rxe 2>/dev/null; then
  ip link add limits0 type dummy && ip link set limits0 up && rdma link add limits type rxe netdev limits0
elif modprobe siw 2>/dev/null; then
  ip link add limits0 type dummy && ip link set limits0 up && rdma link add limits type siw netdev limits0
fi

written() {
  up rdma '{rdma: {limits: {hcaHandles: 3, hcaObjects: 1000}}}' 'exec sleep 1000'
  reads rdma rdma.max 'limits hca_handle=3 hca_object=1000'
  update_json rdma '{rdma: {limits: {hcaHandles: 5}}}'
  reads rdma rdma.max 'limits hca_handle=5 hca_object=1000'
}

no_device() { refused nosuch0 wrong '{rdma: {nosuch0: {hcaHandles: 3}}}'; }

step "rdma of a device that does not exist is refused" no_device
if [ -e /sys/class/infiniband/limits ]; then
  step "rdma is written and updated" written
  rdma link delete limits
  ip link delete limits0
else
  no_step "rdma is written and updated" "this kernel has no RDMA device in software (rdma_rxe, siw)"
fi
finish_steps
