// Option `tmpcopyup`: a tmpfs that starts with the content of the directory it covers.
//
// Runs in the child before enter(). The source is part of a hostile image: links in it are copied,
// never followed.
#pragma once

namespace brig::rootfs {

// Copies everything in directory `from` (O_PATH) to directory `to` (the root of a detached mount):
// files, directories, links, fifos, sockets and devices with mode, owner and times; the two
// directories' own mode and owner too. Expects umask 0. Throws Error.
void copy_up(int from, int to);

}  // namespace brig::rootfs
