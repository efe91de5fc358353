// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/simulate_lensing.h"

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/log.h"
#include "colonnade/core/units.h"
#include "colonnade/image/filter.h"
#include "colonnade/simulate/thermal_diffuse.h"
#include "colonnade/structures/elements.h"
#include "colonnade/workflows/cache_folder.h"

namespace colonnade {
namespace {

/// Detectors as their thermal diffuse parts, then what else is made at the atoms.
Signals local_signals(const Structure& structure, const StemExperiment& experiment) {
  Signals signals;
  const auto parametrization = parse_parametrization(experiment.multislice.parametrization);
  for (const auto& detector : experiment.signals.detectors) {
    if (detector.moment != DetectorMoment::none || detector.inner_mrad < 2 * experiment.optics.semiangle_mrad) {
      fail(
          "'{}' is not the thermal diffuse scattering that lensing predicts; give a ring that begins beyond {:.0f} "
          "mrad, or use another algorithm",
          detector.name, 2 * experiment.optics.semiangle_mrad);
    }
    signals.local.push_back(thermal_diffuse_signal(detector, elements_of(structure.atoms),
                                                   experiment.multislice.thermal, experiment.optics, parametrization));
    signals.local.back().name = detector.name;
  }
  for (const auto& signal : experiment.signals.local) signals.local.push_back(signal);
  return signals;
}

/// What the calibration learns from: the elastic part included, though the model's waves meet the thermal diffuse one.
LensingSimulator whole_experiment(StemExperiment experiment, const MultisliceOptions& multislice) {
  experiment.multislice = multislice;
  experiment.coherence = {};
  return [experiment](const Structure& structure, const FieldOfView& field) {
    StemExperiment there = experiment;
    there.field = field;
    return simulate_experiment(structure, there, "");
  };
}

void check(const StemExperiment& experiment) {
  if (!experiment.multislice.thermal.absorptive()) {
    fail("lensing predicts incoherent signals; give --thermal-motion absorptive, or use another algorithm");
  }
  if (experiment.coherence.focal_spread_A > 0) {
    fail("lensing is calibrated for one defocus; give --focal-spread 0, or use another algorithm");
  }
  if (!experiment.signals.depths_A.empty()) fail("lensing predicts no images of parts; give no --depths");
}

}  // namespace

void LensingRun::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section + ".";
  table.add(prefix + "calibration", &calibration, "",
            "algorithm lensing: file of the calibration, made where it is missing; empty: in the user's cache folder");
  table.add(prefix + "lensing_lattice", &lattice_A, "A",
            "algorithm lensing: fcc lattice parameter to calibrate for; 0: by Vegard's law");
}

std::vector<Image> simulate_by_lensing(const Structure& structure, const StemExperiment& experiment,
                                       const LensingRun& run, std::uint64_t seed) {
  check(experiment);
  MultisliceOptions multislice = settled(structure, experiment.multislice);
  multislice.algorithm = "multislice";
  LensingSource source = multislice_source(experiment.optics, local_signals(structure, experiment), multislice);
  source.simulate = whole_experiment(experiment, multislice);
  source.simulator = "experiment";
  for (const auto& detector : experiment.signals.detectors) source.simulator += " " + detector.record().dump();
  LensingOptions options;
  options.elements.clear();
  for (const int number : elements_of(structure.atoms)) options.elements.emplace_back(element(number).symbol);
  options.lattice_A = run.lattice_A;
  options.zone_axis = run.zone_axis;
  options.seed = seed;
  std::filesystem::path file = run.calibration;
  if (file.empty()) {
    file = cache_folder() / ("lensing-" + sha256(source.key().dump() + run.zone_axis).substr(0, 16) + ".json");
    std::filesystem::create_directories(file.parent_path());
  }
  const LensingModel model = calibrated_lensing(file, source, options, "Calibrating the lensing model");
  for (std::size_t i = 0; i < model.fits().size(); ++i) {
    const double error = model.fits()[i].errors.rms_over_mean;
    info("{}: cross-sections of held-out columns are predicted to {:.1f} % of their mean", source.signal_names()[i],
         100 * error);
    if (error > 0.05) warn("the calibration of '{}' is poor; use another algorithm", source.signal_names()[i]);
  }
  auto images = model.images(structure, experiment.field);
  const double sigma_px =
      experiment.coherence.source_deviation_A() / (experiment.field.pixel_size_nm * angstrom_per_nm);
  for (auto& image : images) image = gaussian_filter(image, sigma_px);
  return images;
}

}  // namespace colonnade
