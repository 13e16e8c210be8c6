#!/bin/bash
# Every case of the conformance kit (oci-validation/) on both kernels: how docs/conformance.md's figures of
# the test machines come about: tests/vm/check conformance/all.
# vm: lane=fast runtimes=brig,crun,runc disk=1G append=lsm=landlock,apparmor timeout=2400 only-named
. "$(dirname "$0")/lib.sh"
validate ''
finish_steps
