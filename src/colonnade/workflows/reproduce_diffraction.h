// SPDX-License-Identifier: GPL-3.0-or-later
// The job "reproduce jeong2024": Jeong, Ra, Jeong and Lee, RSC Adv. 14, 18489 (2024), space groups of cubic crystals
// from selected-area diffraction patterns by residual networks, at a scale. A network trained on perfect crystals, as
// published, beside one trained over defects, as its authors ask for, both judged on specimens with defects, summed
// over their atoms, of materials that neither has seen.
#pragma once

#include <filesystem>
#include <string>

#include "colonnade/workflows/score_classifier.h"
#include "colonnade/workflows/train_classifier.h"

namespace colonnade {

struct ReproduceDiffractionOptions {
  std::uint64_t seed = 2024;
  double scale = 0.01;
  std::string perfect, defects;  ///< trained models; empty: trained in the folder
  int materials = 4, patterns = 8;
  std::vector<std::string> specimens;  ///< empty: all
  std::string device = "auto";
  OptionTable table();
  void check() const;
};

/// What the scale makes of training: at 1 ResNet-101 of the published width, 40,000 patterns in each of 100 epochs;
/// with f = scale^(1/4) 100 f epochs, 40,000 f^2 patterns and a width of 64 f in steps of 8; 50 layers below 0.5, 18
/// below 0.1.
ClassifierTrainingOptions training_at(double scale, std::uint64_t seed);

/// Works in the folder, where what was finished before, or half finished, is gone on with; writes report.html,
/// tables.txt, tables.md, results.json, figures/.
ClassifierScores reproduce_diffraction(const ReproduceDiffractionOptions& options, const std::filesystem::path& out);

}  // namespace colonnade
