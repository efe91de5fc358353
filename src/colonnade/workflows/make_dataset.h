// SPDX-License-Identifier: GPL-3.0-or-later
// The job "dataset": particles drawn at random, each looked at from several places, simulated and labelled. Several
// processes may do it together (dataset_folder.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/core/process_group.h"
#include "colonnade/learn/dataset.h"
#include "colonnade/simulate/multislice.h"
#include "colonnade/simulate/stem_algorithm.h"
#include "colonnade/structures/nanoparticle.h"

namespace colonnade {

/// Ranges follow Ragone et al. (Comput. Mater. Sci. 2021, 110905); the paper does not print the detector's angles.
struct DatasetOptions {
  std::uint64_t seed = 1;
  int particles = 100;
  int views = 1;
  int size_px = 256;
  double pixel_size_nm = 0.02;
  double label_sigma_nm = 0.03;
  NanoparticleOptions particle;  ///< what is the same for all; the ranges below replace its own values
  Range diameter_nm{6.5, 7.5};
  Range roughness{0, 0.3};
  Range aggregation{0, 0.5};
  Range view{0, 1};
  double composition_spread = 0.1;
  Range energy_keV{180, 220};
  Range semiangle_mrad{15, 20};
  Range C10_A{-10, 10};
  Range C12_A{18, 22};
  Range phi12_deg{12, 16};
  Range C30_um{-5, 5};
  std::string detector = "HAADF:60-100";
  std::string device = "fftw";  ///< see stem_device.h
  MultisliceOptions multislice;

  OptionTable table();
  void check() const;
};

/// One particle with its views; depends on the options, the seed and the number alone.
ParticleSamples make_particle_samples(const DatasetOptions& options, int particle,
                                      const StemAlgorithmFactory& algorithms = make_stem_algorithm);

struct DatasetResult {
  int made = 0;       ///< by this process
  int there = 0;      ///< finished before, or by other processes
  int elsewhere = 0;  ///< still under way in other processes, or lost with them
};

/// Fills the folder with the particles that are missing in it, together with whoever else does. Says before how long it
/// will take. Fails where the folder was made with other options.
DatasetResult make_dataset(DatasetOptions options, const std::filesystem::path& folder,
                           const ProcessGroup& group = process_group());

}  // namespace colonnade
