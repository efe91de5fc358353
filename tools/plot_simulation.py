#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws two figures of docs/images from tables in docs/design/data: simulation_speed (error against time of every
algorithm beside independent codes, the table that `./dev bench simulate` writes) and simulation_convergence (error
against each algorithm's parameter). Needs python3-matplotlib."""
import csv
import pathlib

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
STYLE = {"window": ("o", "#1f77b4"), "PRISM": ("s", "#2ca02c"), "partitioned": ("^", "#9467bd"), "peer": ("x", "#d62728")}


def kind(method):
    for name in ("peer", "partitioned", "PRISM", "window"):
        if method.startswith(name):
            return name
    return "window"


def plot_convergence():
    rows = list(csv.DictReader((ROOT / "docs/design/data/convergence.csv").open()))
    labels = {"window": "side of the window, A", "prism": "interpolation f (1: every beam)", "rings": "rings of parents"}
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.8), constrained_layout=True)
    for axis, name in zip(axes, labels):
        for series in dict.fromkeys(row["series"] for row in rows if row["figure"] == name):
            points = [(float(r["parameter"]), float(r["error_percent"])) for r in rows if r["series"] == series]
            axis.plot(*zip(*points), "o-", label=series)
        axis.set(yscale="log", xlabel=labels[name], ylabel="error, rms / mean, %")
        axis.grid(True, which="both", alpha=0.25)
        axis.legend(fontsize=8)
    figure.savefig(ROOT / "docs/images/simulation_convergence.png", dpi=110)


def plot_speed():
    rows = list(csv.DictReader((ROOT / "docs/design/data/simulation_speed.csv").open()))
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.6), constrained_layout=True)
    titles = {"large": "7 nm particle, 256 x 256 pixels", "small": "2.5 nm particle, 84 x 84 probes"}
    for axis, image in zip(axes, titles):
        shown = [row for row in rows if row["image"] == image and float(row["error_percent"]) > 0.01 and
                 row["method"] not in ("window 5 A", "window 3.75 A")]
        for row in shown:
            marker, colour = STYLE[kind(row["method"])]
            seconds, error = float(row["wall_s"]), float(row["error_percent"])
            axis.plot(seconds, error, marker, color=colour, markersize=8, mew=2)
            name = row["method"].removeprefix("peer: ")
            axis.annotate(name, (seconds, error), xytext=(6, 5 if marker == "x" else -12), textcoords="offset points",
                          fontsize=7.5)
        axis.set(xscale="log", yscale="log", title=titles[image], xlabel="wall time on two cores, s",
                 ylabel="error, rms / mean, %")
        low, high = axis.get_xlim()
        axis.set_xlim(low, high * 3)
        axis.grid(True, which="both", alpha=0.25)
    figure.savefig(ROOT / "docs/images/simulation_speed.png", dpi=110)


if __name__ == "__main__":
    plot_speed()
    plot_convergence()
