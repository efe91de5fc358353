#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/fuzz/run.sh BUILD SECONDS JOBS [READER...]: runs the fuzzers in BUILD/bin, JOBS at a time, SECONDS each, and
# prints a line for each: executions, coverage, what it ended in. What they learn stays in BUILD/corpus; files that crash
# a reader are left in BUILD/crashes. Exit code 1 where any fell.
set -uo pipefail
build=$1 seconds=$2 jobs=$3
shift 3
bin=$build/bin corpus=$build/corpus crashes=$build/crashes logs=$build/fuzz-logs
mkdir -p "$corpus" "$crashes" "$logs"
seeds=$build/seeds
rm -rf "$seeds"
"$bin/fuzz_seeds" "$seeds" || exit 2
readers=("$@")
if ((${#readers[@]} == 0)); then
  for program in "$bin"/fuzz_*; do
    reader=${program##*/fuzz_}
    [[ $reader == seeds ]] || readers+=("$reader")
  done
fi

# 1 GB of memory, 10 s for an input (more by FUZZ_TIMEOUT where the machine is busy), 64 KB of input: what a reader may
# take. FUZZ_FLAGS: more for libFuzzer, such as a seed. A fall inside HDF5 (not ours to mend) is counted, and the run goes on.
fuzz_one() {
  local reader=$1 log=$logs/$1.log status=0 falls=0 end=$((SECONDS + seconds)) runs=0
  mkdir -p "$corpus/$reader" "$crashes/$reader" "$seeds/$reader"
  : >"$log"
  while ((SECONDS < end)); do
    "$bin/fuzz_$reader" -max_total_time=$((end - SECONDS)) -rss_limit_mb=1024 -malloc_limit_mb=1024 \
      -timeout="${FUZZ_TIMEOUT:-10}" ${FUZZ_FLAGS:-} -max_len=65536 -print_final_stats=1 -artifact_prefix="$crashes/$reader/" \
      "$corpus/$reader" "$seeds/$reader" >"$log.part" 2>&1
    status=$?
    runs=$((runs + $(awk '/stat::number_of_executed_units/ {print $2}' "$log.part" | tail -1)))
    cat "$log.part" >>"$log"
    if ((status == 0)) || ! grep -Eq '^ *#[0-9]+ .*libhdf5' "$log.part"; then break; fi
    falls=$((falls + 1)) status=0
  done
  awk -v reader="$reader" -v status="$status" -v runs="$runs" -v falls="$falls" '
    /stat::peak_rss_mb/ && $2 > memory {memory = $2}
    / cov: / {for (i = 1; i < NF; ++i) {if ($i == "cov:") cov = $(i + 1); if ($i == "corp:") files = $(i + 1)}}
    /^SUMMARY|^==.*ERROR|not one line|values in place/ {what = $0}
    END {printf "%-6s %9d runs, %5d edges, corpus %-12s %4d MB  %s%s\n", reader, runs, cov, files, memory,
         status == 0 ? "ok" : "FELL (" status "): " what, falls ? ", " falls " falls inside libhdf5" : ""}' "$log"
  return $status
}
export -f fuzz_one
export bin corpus crashes logs seeds seconds
printf '%s\n' "${readers[@]}" | xargs -P "$jobs" -I{} bash -c 'fuzz_one {}' || exit 1
