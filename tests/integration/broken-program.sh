#!/bin/bash
# A program that cannot be executed ends in one line that says why.
. "$(dirname "$0")/lib.sh"
. "$top_folder/tests/broken/run.sh" program
