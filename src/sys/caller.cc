#include "sys/caller.h"

#include <unistd.h>

#include "sys/ns.h"

namespace brig::sys {

namespace {

Caller ask() {
  Caller caller;
  caller.uid = ::geteuid();
  caller.gid = ::getegid();
  caller.initial_user_namespace = in_initial_user_namespace();
  if (caller.uid != 0)
    caller.may_mount = false;
  else if (!caller.initial_user_namespace)
    caller.may_mount = owns_mount_namespace();
  return caller;
}

}  // namespace

const Caller& caller() {
  static const Caller kCaller = ask();
  return kCaller;
}

}  // namespace brig::sys
