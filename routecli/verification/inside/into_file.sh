#!/bin/sh
# into_file.sh NAME COMMAND…: runs the command with all that it prints in the file NAME of the report folder, since a
# large project says more than is kept of an output; its end is printed as well.
file="$ROUTECLI_REPORT_DIR/$1"
shift
"$@" >"$file" 2>&1
code=$?
tail -c 4000 "$file"
exit $code
