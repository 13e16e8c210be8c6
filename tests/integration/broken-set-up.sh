#!/bin/bash
# What this machine cannot give a container ends in one line, and nothing of the container is left.
. "$(dirname "$0")/lib.sh"
. "$top_folder/tests/broken/run.sh" set-up
