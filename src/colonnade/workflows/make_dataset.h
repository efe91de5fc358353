// SPDX-License-Identifier: GPL-3.0-or-later
// The job "dataset": particles drawn at random, each looked at from several places, simulated and labelled. Several
// processes may do it together (dataset_folder.h). Each view gets every signal of options: annular detectors, X-rays.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/core/process_group.h"
#include "colonnade/learn/dataset.h"
#include "colonnade/simulate/eds.h"
#include "colonnade/simulate/multislice.h"
#include "colonnade/simulate/stem_algorithm.h"
#include "colonnade/simulate/stem_experiment.h"
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
  bool labels = true;            ///< stored; they follow from the columns
  NanoparticleOptions particle;  ///< what is the same for all; the ranges below replace its own values
  /// Structure files in place of drawn particles: particle n is file n modulo their number, as it stands, the beam
  /// along its z, turned in the plane at random.
  std::vector<std::string> structures;
  bool rows_along_beam = false;  ///< such structures are first turned so that rows of nearest neighbours run along z
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
  Range source_size_A{0, 0};
  std::vector<std::string> detectors{"HAADF:60-100"};  ///< the first makes the image
  bool eds_maps = false;                               ///< X-rays of all elements
  EdsOptions eds;                                      ///< without its electrons and background: there is no noise
  std::string device = "fftw";                         ///< see stem_device.h
  MultisliceOptions multislice;

  /// One slice for each layer of atoms, and atoms that tremble, as in simulate_image.h.
  DatasetOptions() {
    multislice.slice_A = 0;
    multislice.thermal.model = "absorptive";
  }
  OptionTable table();
  void check() const;
  /// Sets what an older or this version recorded, e.g. in a model: what did not exist then is as it was then.
  void read_record(nlohmann::json record);
  /// Checked, also against the structure files, elements spelt properly, and thermal factors known for all of them.
  DatasetOptions prepared() const;
  std::vector<int> atomic_numbers() const;
};

/// One particle with its views, of prepared options; depends on the options, the seed and the number alone.
ParticleSamples make_particle_samples(const DatasetOptions& options, int particle,
                                      const StemAlgorithmFactory& algorithms = make_stem_algorithm);

/// The first view of a particle, before it is simulated: what atoms are seen, and how.
struct DrawnView {
  Structure structure;
  StemExperiment experiment;  ///< but for its field and X-rays
};
DrawnView draw_view(const DatasetOptions& options, int particle);

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
