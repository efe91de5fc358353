// SPDX-License-Identifier: GPL-3.0-or-later
// What a scale between 0 and 1 makes of the experiment of Ragone et al. (2021). With f = scale^(1/4):
//   images              10,000 scale^(2/3)
//   epochs              800 scale^(2/5)
//   field of view       256 f pixels, in steps of 16, of 0.02 nm as in the paper
//   particles' diameter 6.5 to 7.5 nm, times the field over 5.12 nm, so that views show the same part of them
//   widths, batch       32 f, in steps of 4; the other widths 2, 4 and 8 times the first
// At 1 it is the paper's protocol.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "colonnade/learn/training.h"
#include "colonnade/report/text_table.h"
#include "colonnade/workflows/make_dataset.h"

namespace colonnade {

struct ReproduceOptions {
  std::uint64_t seed = 2021;
  double scale = 0.001;
  /// "paper": slices of 2 A and atoms at rest; "right": a slice for each layer of atoms, which tremble.
  std::string physics = "paper";
  std::string split = "both";  ///< particle, image, both
  int views = 5;               ///< of each particle in the split by image
  double dose_per_A2 = 50000;  ///< the paper does not say its noise
  std::string response;        ///< file of calibrate; empty: no bounds
  std::string device = "fftw";
  std::string training_device = "auto";
  bool by_particle() const { return split != "image"; }
  bool by_image() const { return split != "particle"; }
  OptionTable table();
  void check() const;
};

struct ReproducePlan {
  DatasetOptions particle_data;  ///< one view of each of as many particles as images
  DatasetOptions image_data;     ///< several views of each particle; other particles
  TrainingOptions training;      ///< of both
  int images() const { return particle_data.particles; }
};
ReproducePlan plan_of(const ReproduceOptions& options);

/// The paper's protocol beside the plan.
TextTable plan_table(const ReproduceOptions& options, const ReproducePlan& plan);
/// Where the paper leaves a choice, and what is chosen.
std::vector<std::string> open_choices();

}  // namespace colonnade
