#!/bin/sh
# nextest.sh COMMAND…: runs cargo-nextest with a profile of ours, which adds a report to what the project configures.
# Each test is a process of its own that ends with status 0 where it passes, and also where the code under test ends it:
# so what each one printed is kept, with libtest's own word.
report="$ROUTECLI_REPORT_DIR"
unset ROUTECLI_REPORT_DIR
printf '[profile.routecli.junit]\npath = "%s/nextest.xml"\nstore-success-output = true\n' "$report" \
    >"$report/profile.toml"
"$@" --profile routecli --tool-config-file "routecli:$report/profile.toml" >"$report/nextest.txt" 2>&1
code=$?
tail -c 4000 "$report/nextest.txt"
exit $code
