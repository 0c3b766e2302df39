#!/usr/bin/env bash
# The model that JAX exported gives JAX's path and gradient, fits its observations, and is found where it is.
#     test_run_jax_model.sh RUN_JAX_MODEL
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$1" | tee "$folder/out"
is_below() { # LINE FIELD-FROM-THE-END LIMIT
    awk -v line="$1" -v field="$2" -v limit="$3" '
        index($0, line) == 1 { found = 1; if (!($(NF - field) + 0 <= limit)) exit 1 }
        END { exit !found }' "$folder/out"
}
is_below "relative error of the path" 0 1e-12
is_below "relative error of the gradient" 3 1e-12 # from JAX's
is_below "relative error of the gradient" 0 1e-6  # from differences
is_below "misfit after" 0 5e-4
"$1" "$folder" >"$folder/out" 2>&1 && exit 1
grep -q "run_jax_model.c:[0-9]*: cv_import_file: $folder/model.mlir: cannot be opened" "$folder/out"
