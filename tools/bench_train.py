#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A step of training beside the same network in Python's PyTorch on this machine: tools/bench_train.py BENCH_PROGRAM.
Short runs of both in turn, with the same number of threads; prints images per second, medians, and ours over theirs, which
must be at least 1. Theirs is the faster of PyTorch's two orders of axes. On a machine that others use too (a load well above
its processors) the ratio by processor time counts, else that by the clock. Without PyTorch only ours is measured. Exit code 1
where ours is slower."""
import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

# Those that training_bench.cc has.
CASES = [(8, 128, 16), (16, 128, 16), (32, 256, 4)]
PEER = Path(__file__).with_name("bench_train_peer.py")


def ours(program, width, side, batch, threads):
    case = f"^training_step/width:{width}/side:{side}/batch:{batch}/"
    out = subprocess.run([program, f"--benchmark_filter={case}", "--benchmark_format=json"], check=True, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         env={**os.environ, "COLONNADE_THREADS": str(threads)}).stdout
    run = json.loads(out)["benchmarks"][0]
    return run["real_time"] / 1e3, run["cpu_time"] / 1e3  # from ms


def theirs(python, width, side, batch, threads, channels_last):
    command = [python, str(PEER), f"--width={width}", f"--side={side}", f"--batch={batch}",
               f"--threads={threads}"] + (["--channels-last"] if channels_last else [])
    run = json.loads(subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout)
    return run["seconds"], run["processor_seconds"]


def python_with_torch():
    """This Python, or the system's where another one is first in the path; None where neither has PyTorch."""
    for python in (sys.executable, "/usr/bin/python3"):
        if os.path.exists(python) and not subprocess.run([python, "-c", "import torch"], stderr=subprocess.DEVNULL).returncode:
            return python
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", help="colonnade_learn_bench")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--case", action="append", choices=[",".join(map(str, case)) for case in CASES],
                        help="WIDTH,SIDE,BATCH, may be repeated; default: all")
    options = parser.parse_args()
    cases = [tuple(map(int, case.split(","))) for case in options.case] if options.case else CASES
    peer = python_with_torch()
    if not peer:
        print("Python's PyTorch is not installed (Debian: python3-torch): no comparison, only our own figures")
    slower = False
    for width, side, batch in cases:
        runs = {"ours": []}
        for _ in range(options.repeats):
            runs["ours"].append(ours(options.program, width, side, batch, options.threads))
            for name, last in (("PyTorch", False), ("PyTorch, channels last", True)) if peer else ():
                runs.setdefault(name, []).append(theirs(peer, width, side, batch, options.threads, last))
        medians = {name: [statistics.median(values) for values in zip(*list_of)] for name, list_of in runs.items()}
        print(f"width {width}, {side} px, batch {batch}, {options.threads} threads:")
        for name, (seconds, processor) in medians.items():
            print(f"  {name:24} {batch / seconds:8.2f} images/s  {batch / processor:8.2f} images per processor second")
        if not peer:
            continue
        best = [min(values) for values in zip(*(medians[name] for name in medians if name != "ours"))]
        ratios = [there / here for there, here in zip(best, medians["ours"])]
        print(f"  ours / theirs {ratios[0]:.2f} (by processor time {ratios[1]:.2f}), medians of {options.repeats} runs")
        busy = os.getloadavg()[0] > 1.5 * os.cpu_count()
        if busy:
            print(f"  the load is {os.getloadavg()[0]:.1f}: the ratio by processor time counts")
        slower = slower or ratios[1 if busy else 0] < 1
    sys.exit(1 if slower else 0)


if __name__ == "__main__":
    main()
