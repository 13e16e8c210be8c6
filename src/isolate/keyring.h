// The session key ring of a container.
//
// Runs in the container's init or in an exec'd process, as root of its user namespace and before
// the user changes.
#pragma once

#include <string>

namespace brig::isolate {

struct KeyringOptions {
  std::string container_id;
  std::string selinux_label;    // process.selinuxLabel, for the key ring; empty: none
  bool user_namespace = false;  // the container has a user namespace of its own
  bool set_permissions = true;  // init: make it searchable; exec joins what init made
};

// Joins the session key ring "_ses.<id>" (as runc names it), so that the container does not share
// the caller's. `proc` is a handle of sys::open_private_proc(), needed only with a label. A kernel
// without key rings is no error.
void join_session_keyring(int proc, const KeyringOptions& options);

}  // namespace brig::isolate
