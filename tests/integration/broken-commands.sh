#!/bin/bash
# A misuse of the command line or of the life cycle ends in one line and changes nothing.
. "$(dirname "$0")/lib.sh"
. "$top_folder/tests/broken/run.sh" commands
