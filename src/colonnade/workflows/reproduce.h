// SPDX-License-Identifier: GPL-3.0-or-later
// The job "reproduce": a published experiment from one command, and an account of what its scores are made of. So far
// one: Ragone et al., Comput. Mater. Sci. 2021, 110905. Two networks are trained alike on as many images, one with
// whole particles held out, the other with images of the same particles on both sides (the naive split), and scored
// beside a predictor that knows the thickness alone, the published figures and, with a response, the best possible.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "colonnade/core/process_group.h"
#include "colonnade/workflows/reproduce_plan.h"
#include "colonnade/workflows/reproduce_scores.h"

namespace colonnade {

/// Works in the folder, where everything that was finished before, or half finished, is gone on with; fails where the
/// folder was made with other options. Writes report.html, tables.txt, tables.md, results.json, figures/. With several
/// processes all simulate and train; the first alone scores, and the others get nothing back.
Reproduction reproduce(const ReproduceOptions& options, const std::filesystem::path& out,
                       const ProcessGroup& group = {});

/// What it would come to, and how long the images would take on this machine. Nothing is written.
std::string reproduction_estimate(const ReproduceOptions& options);

}  // namespace colonnade
