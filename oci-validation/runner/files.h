// The files that a case wants: in the root file system of its bundle, or beside it on the host. A
// map from paths to
//   null                 a directory
//   a text               a file with it
//   {link: TARGET}, {dir: MODE}, {device: "c 1 3"}, {fifo: MODE}, {probe: true} (a copy of the
//   probe) {mount: TYPE, options: DATA, propagation: shared|private|slave|unbindable, flags: ...}
//   {bind: SOURCE}       a bind mount
//   {content: TEXT, mode: MODE, uid: N, gid: N}      modes are octal texts: "0644"
#ifndef OCI_VALIDATION_RUNNER_FILES_H
#define OCI_VALIDATION_RUNNER_FILES_H

#include <sys/types.h>

#include <string>

#include "value.h"

namespace kit {

// Throws KitError.
void make_files(const std::string& folder, const Value& files, const std::string& probe);
void make_mount(const std::string& target, const Value& what);
void give_to(const std::string& folder, uid_t owner);
void write_text(const std::string& path, const std::string& text);
// Whatever is mounted in it goes first.
void remove_folder(const std::string& folder);

}  // namespace kit

#endif
