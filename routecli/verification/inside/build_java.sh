#!/bin/sh
# build_java.sh COMMAND…: runs a build by Maven or Gradle and gathers the JUnit reports of its tests in one file. Reports
# of an earlier run must not count, so they go first.
find . -type d \( -name surefire-reports -o -name test-results \) -prune -exec rm -rf {} +
"$@" >"$ROUTECLI_REPORT_DIR/build.txt" 2>&1
code=$?
find . -type f -name 'TEST-*.xml' \( -path '*/surefire-reports/*' -o -path '*/test-results/*' \) -exec cat {} + \
    >"$ROUTECLI_REPORT_DIR/junit.xml"
tail -c 4000 "$ROUTECLI_REPORT_DIR/build.txt"
exit $code
