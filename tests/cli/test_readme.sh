#!/usr/bin/env bash
# Every C snippet of a page stands in the example that the page is about, line by line, white space at the ends
# aside.
#
# usage: test_readme.sh ROOT-OF-THE-SOURCE
set -euo pipefail
cd "$1"

check() { # EXAMPLE PAGE
    awk '
    function trim(line) { gsub(/^[ \t]+|[ \t]+$/, "", line); return line }

    # Lines are joined with a character that neither file has.
    FILENAME == ARGV[1] { example = example "\001" trim($0); next }
    /^```/ && inside {
        inside = 0
        snippets++
        if (!index(example "\001", snippet "\001")) {
            print FILENAME ":" start ": this snippet is not in " ARGV[1]
            failed = 1
        }
        next
    }
    /^```c$/ { inside = 1; start = FNR; snippet = ""; next }
    inside { snippet = snippet "\001" trim($0) }
    END {
        print snippets + 0 " snippets of " ARGV[2] " looked for in " ARGV[1]
        exit failed || !snippets
    }
    ' "$1" "$2"
}

failed=0
check examples/tour.c README.md || failed=1
check examples/run_jax_model/run_jax_model.c docs/stablehlo.md || failed=1
exit $failed
