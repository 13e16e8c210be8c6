#!/bin/bash
# The conformance kit (oci-validation/) on a cgroup v2 that has all controllers, with AppArmor: the
# cases that a machine without them skips, and the chapters in which the kernel has its say. The other
# cases say the same everywhere, and `make validate` runs them; all.sh runs all of them here.
# vm: lane=fast kernels=6.1 runtimes=brig,crun,runc disk=1G append=lsm=landlock,apparmor timeout=600
. "$(dirname "$0")/lib.sh"
validate 'controller: |cgroup: |lsm: |CAP_SYS_RESOURCE|^runtime/(kill|start|delete)'
finish_steps
