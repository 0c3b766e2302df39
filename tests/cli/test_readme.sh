#!/usr/bin/env bash
# Every C snippet of README.md stands in examples/tour.c, line by line, white space at the ends aside.
#
# usage: test_readme.sh ROOT-OF-THE-SOURCE
set -euo pipefail
cd "$1"

awk '
    function trim(line) { gsub(/^[ \t]+|[ \t]+$/, "", line); return line }

    # Lines are joined with a character that neither file has.
    FILENAME == ARGV[1] { tour = tour "\001" trim($0); next }
    /^```/ && inside {
        inside = 0
        snippets++
        if (!index(tour "\001", snippet "\001")) {
            print "README.md:" start ": this snippet is not in examples/tour.c"
            failed = 1
        }
        next
    }
    /^```c$/ { inside = 1; start = FNR; snippet = ""; next }
    inside { snippet = snippet "\001" trim($0) }
    END {
        print snippets + 0 " snippets of README.md looked for in examples/tour.c"
        exit failed || !snippets
    }
' examples/tour.c README.md
