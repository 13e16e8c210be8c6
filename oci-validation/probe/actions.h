// What the probe does besides looking: how it ends, and what it does as a hook.
#ifndef OCI_VALIDATION_PROBE_ACTIONS_H
#define OCI_VALIDATION_PROBE_ACTIONS_H

#include <string>

namespace probe {

// then=ACTION: exit:STATUS, kill:SIGNAL (itself), wait (until SIGTERM ends it), catch (prints the
// name of each signal as a line, until SIGTERM), fork (a child waits; itself as wait), memory:BYTES
// (touches that much), children:COUNT (prints how many it could fork). Returns the exit status.
int act(const std::string& action);
// Before the report is printed: who has read it may send a signal at once, which must not be lost.
void prepare_to_act(const std::string& action);

// `probe hook NAME LOG [exit:STATUS|sleep|make:PATH]`: appends one line of JSON to LOG: its name,
// the state on standard input, arguments, environment, namespaces; does what is asked; returns the
// status.
int run_hook(int argc, char** argv);

}  // namespace probe

#endif
