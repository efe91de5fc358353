// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/stem_experiment.h"

#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/core/units.h"
#include "colonnade/image/filter.h"
#include "colonnade/simulate/thermal_diffuse.h"

namespace colonnade {

namespace {

const std::string diffuse_suffix = " thermal diffuse";

/// The experiment's signals, and for the absorptive model of each detector the thermal diffuse part.
Signals with_diffuse(const Structure& structure, const StemExperiment& experiment) {
  Signals signals = experiment.signals;
  if (!experiment.multislice.thermal.absorptive() || structure.atoms.empty()) return signals;
  const auto parametrization = parse_parametrization(experiment.multislice.parametrization);
  for (const auto& detector : experiment.signals.detectors) {
    if (detector.moment != DetectorMoment::none) continue;
    signals.local.push_back(thermal_diffuse_signal(detector, elements_of(structure.atoms),
                                                   experiment.multislice.thermal, experiment.optics, parametrization));
    signals.local.back().name = detector.name + diffuse_suffix;
  }
  return signals;
}

void add(Image& to, const Image& image, double weight) {
  for (std::size_t i = 0; i < to.data.size(); ++i) to.data[i] += float(weight * image.data[i]);
}

/// Adds each detector's thermal diffuse part to its image and drops that part's own.
std::vector<Image> joined(std::vector<Image> images, const Signals& wanted, const Signals& all) {
  if (wanted.local.size() == all.local.size()) return images;
  const std::size_t detectors = wanted.detectors.size(), given = wanted.local.size();
  const std::size_t per_depth = all.values_per_depth() - 1;
  std::vector<Image> result;
  for (std::size_t start = 0; start < images.size(); start += per_depth) {
    for (std::size_t i = 0; i < detectors; ++i) {
      for (std::size_t k = given; k < all.local.size(); ++k) {
        if (all.local[k].name != wanted.detectors[i].name + diffuse_suffix) continue;
        add(images[start + i], images[start + detectors + k], 1);
        images[start + i].metadata["simulation"]["detector"]["thermal_diffuse"] = "added";
      }
    }
    for (std::size_t i = 0; i < detectors + given; ++i) result.push_back(std::move(images[start + i]));
  }
  return result;
}

/// The mean over the focal spread, for atoms that stand as they do.
std::vector<Image> over_focus(const Structure& structure, const StemExperiment& experiment, const Signals& signals,
                              const std::string& label, const StemAlgorithmFactory& factory) {
  const auto values = defocus_values(experiment.coherence);
  std::vector<Image> mean;
  for (std::size_t i = 0; i < values.size(); ++i) {
    Optics optics = experiment.optics;
    optics.aberrations.C10 += values[i].offset_A;
    const std::string which = values.size() > 1 ? fmt::format(", defocus {} of {}", i + 1, values.size()) : "";
    auto images = simulate_stem(structure, optics, signals, experiment.field, experiment.multislice,
                                label.empty() ? "" : label + which, factory);
    if (mean.empty()) {
      mean = images;
      for (auto& image : mean) std::fill(image.data.begin(), image.data.end(), 0.0F);
    }
    for (std::size_t k = 0; k < images.size(); ++k) add(mean[k], images[k], values[i].weight);
  }
  return mean;
}

}  // namespace

std::vector<DefocusValue> defocus_values(const PartialCoherence& coherence) {
  const int steps = coherence.focal_spread_A > 0 ? coherence.defocus_steps : 1;
  std::vector<DefocusValue> values;
  double sum = 0;
  for (int i = 0; i < steps; ++i) {
    const double deviations = steps > 1 ? -2 + 4.0 * i / (steps - 1) : 0;
    values.push_back({deviations * coherence.focal_spread_A, std::exp(-deviations * deviations / 2)});
    sum += values.back().weight;
  }
  for (auto& value : values) value.weight /= sum;
  return values;
}

void PartialCoherence::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section.empty() ? "" : section + ".";
  table.add(prefix + "source_size", &source_size_A, "A",
            "full width at half maximum of the source, seen at the specimen (0.5 to 1 is usual)");
  table.add(prefix + "focal_spread", &focal_spread_A, "A", "standard deviation of the defocus by chromatic aberration");
  table.add(prefix + "defocus_steps", &defocus_steps, "", "defocus values to average over that spread");
}

void PartialCoherence::check() const {
  const auto require = [](bool right, const char* name, double value, const char* wanted) {
    if (!right || !std::isfinite(value)) fail("--{} is {}; give {}", name, value, wanted);
  };
  require(source_size_A >= 0, "source-size", source_size_A, "a width of 0 A or more");
  require(focal_spread_A >= 0, "focal-spread", focal_spread_A, "a deviation of 0 A or more");
  require(defocus_steps >= 1 && defocus_steps <= 1000, "defocus-steps", defocus_steps, "1 to 1000 defocus values");
}

double PartialCoherence::source_deviation_A() const { return source_size_A / (2 * std::sqrt(2 * std::log(2.0))); }

std::vector<Image> simulate_experiment(const Structure& structure, const StemExperiment& experiment,
                                       const std::string& label, const StemAlgorithmFactory& factory) {
  experiment.coherence.check();
  const ThermalMotion& thermal = experiment.multislice.thermal;
  thermal.check();
  const Signals signals = with_diffuse(structure, experiment);
  std::vector<Image> images;
  if (thermal.frozen_phonons()) {
    ConfigurationAverage average;
    for (int n = 0; n < thermal.configurations; ++n) {
      const std::string which = fmt::format("{}, configuration {} of {}", label, n + 1, thermal.configurations);
      average.add(
          over_focus(configuration(structure, thermal, n), experiment, signals, label.empty() ? "" : which, factory));
    }
    images = average.mean();
  } else {
    images = joined(over_focus(structure, experiment, signals, label, factory), experiment.signals, signals);
  }
  const double sigma_px =
      experiment.coherence.source_deviation_A() / (experiment.field.pixel_size_nm * angstrom_per_nm);
  for (auto& image : images) {
    if (sigma_px > 0) image = gaussian_filter(image, sigma_px);
    image.metadata["simulation"]["source_size_A"] = experiment.coherence.source_size_A;
    image.metadata["simulation"]["focal_spread_A"] = experiment.coherence.focal_spread_A;
  }
  return images;
}

}  // namespace colonnade
