#!/bin/bash
# A config.json that cannot be read or is invalid ends in one line that names the place and the cause.
. "$(dirname "$0")/lib.sh"
. "$top_folder/tests/broken/run.sh" configuration
