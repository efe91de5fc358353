// SPDX-License-Identifier: GPL-3.0-or-later
// The options of the job "dataset": described, checked, read from older records.
#include <algorithm>

#include "colonnade/core/error.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/structure_file.h"
#include "colonnade/workflows/make_dataset.h"
#include "colonnade/workflows/stem_device.h"
#include "colonnade/workflows/stem_signals.h"

namespace colonnade {
namespace {

constexpr const char* dataset_detectors_help =
    "Annular detectors, NAME:INNER-OUTER; the first makes the image, the others are further signals";

/// The options of X-rays that a dataset without noise has.
void describe_eds(EdsOptions& eds, OptionTable& table) {
  OptionTable all;
  eds.describe(all);
  for (const auto& option : all.options()) {
    const std::string name = option.name();
    if (name == "eds_elements" || name == "eds_electrons" || name.starts_with("eds_background")) continue;
    table.add(option.key, option.value, option.unit, option.help);
  }
}

void check_detectors_of(const DatasetOptions& options) {
  if (options.detectors.empty()) fail("optics.detectors is empty; a dataset needs one, e.g. HAADF:60-100");
  const auto detectors = parse_detectors(options.detectors, options.semiangle_mrad.high);
  if (detectors.front().moment != DetectorMoment::none) {
    fail("optics.detectors begins with {}; the first makes the image and must be a ring, e.g. HAADF:60-100",
         options.detectors.front());
  }
}

}  // namespace

OptionTable DatasetOptions::table() {
  OptionTable table;
  table.add("seed", &seed, "", "Seed of everything random; particle n of a seed is always the same");
  table.add("dataset.particles", &particles, "", "Number of particles");
  table.add("dataset.views", &views, "", "Views of each particle");
  table.add("dataset.size", &size_px, "px", "Side of the square images");
  table.add("dataset.pixel_size", &pixel_size_nm, "nm", "Pixel size of the images");
  table.add("dataset.label_sigma", &label_sigma_nm, "nm", "Width (sigma) of the Gaussian that labels a column");
  table.add("dataset.labels", &labels, "", "Store the labels, which also follow from the columns");
  table.add("particle.elements", &particle.elements, "", "Elements of the alloy");
  table.add("particle.fractions", &particle.fractions, "", "Mean atomic fractions in that order; empty: equal");
  table.add("particle.composition_spread", &composition_spread, "",
            "Each fraction varies by up to this part of itself");
  table.add("particle.lattice", &particle.lattice_A, "A", "Lattice parameter; 0: by Vegard's law");
  table.add("particle.shape", &particle.shape, "", "truncated_octahedron or sphere");
  table.add("particle.surface_ratio", &particle.surface_ratio, "", "Surface energy of (100) over that of (111)");
  table.add("particle.rows_along_beam", &rows_along_beam, "",
            "Turn such structures first so that rows of nearest neighbours run along the beam");
  table.add("particle.structures", &structures, "",
            "Structure files (.xyz, .cif) in place of drawn particles, taken in turn; the beam is along their z");
  table.add("particle.diameter", &diameter_nm, "nm", "Diameter of the sphere of equal volume");
  table.add("particle.roughness", &roughness, "", "Part of the outermost atoms taken away");
  table.add("particle.aggregation", &aggregation, "", "0: random alloy; towards 1: like atoms cluster");
  table.add("particle.zone_axis", &particle.zone_axis, "", "Crystal direction along the beam");
  table.add("particle.view", &view, "", "Where the field looks: 0 the centre, 1 the particle's rim");
  table.add("optics.energy", &energy_keV, "keV", "Beam energy");
  table.add("optics.semiangle", &semiangle_mrad, "mrad", "Convergence semi-angle");
  table.add("optics.C10", &C10_A, "A", "Defocus as C10 (positive C10: overfocus)");
  table.add("optics.C12", &C12_A, "A", "Twofold astigmatism");
  table.add("optics.phi12", &phi12_deg, "deg", "Its azimuth");
  table.add("optics.C30", &C30_um, "um", "Spherical aberration");
  table.add("optics.source_size", &source_size_A, "A", "Full width at half maximum of the source at the specimen");
  table.add("optics.detectors", &detectors, "mrad", dataset_detectors_help);
  table.add("signals.eds", &eds_maps, "", "X-ray maps of all elements: counts per incident electron");
  describe_eds(eds, table);
  table.add("dataset.device", &device, "", stem_device_help);
  multislice.describe(table);
  return table;
}

void DatasetOptions::check() const {
  if (particles < 1) fail("dataset.particles is {}; at least 1 is needed", particles);
  if (views < 1) fail("dataset.views is {}; at least 1 is needed", views);
  if (size_px < 32 || size_px > 4096) fail("dataset.size is {}; it must lie in 32 .. 4096", size_px);
  if (!(pixel_size_nm >= 0.001 && pixel_size_nm <= 0.1)) {
    fail("dataset.pixel_size is {} nm; atomic columns need 0.001 .. 0.1 nm", pixel_size_nm);
  }
  if (!(label_sigma_nm > 0)) fail("dataset.label_sigma is {} nm; it must be positive", label_sigma_nm);
  if (!(composition_spread >= 0 && composition_spread < 1)) {
    fail("particle.composition_spread is {}; it must lie in 0 .. 1", composition_spread);
  }
  for (const double end : {diameter_nm.low, diameter_nm.high}) {
    NanoparticleOptions probe = particle;
    probe.diameter_nm = end;
    probe.check();
  }
  if (view.low < 0 || view.high > 1) fail("particle.view must lie in 0 .. 1");
  if (roughness.low < 0 || roughness.high > 1) fail("particle.roughness must lie in 0 .. 1");
  if (aggregation.low < 0 || aggregation.high >= 1) fail("particle.aggregation must lie in 0 .. 1 (less than 1)");
  Optics ends;
  for (const double energy : {energy_keV.low, energy_keV.high}) {
    ends.energy_keV = energy;
    ends.semiangle_mrad = semiangle_mrad.high;
    ends.check();
  }
  if (source_size_A.low < 0) fail("optics.source_size must not be negative");
  check_detectors_of(*this);
  multislice.check();
  if (multislice.algorithm == "lensing") {
    fail("multislice.algorithm is lensing; a dataset is simulated by multislice, prism or partitioned_prism");
  }
  if (eds_maps) eds_lines(eds, atomic_numbers(), energy_keV.low);
}

void DatasetOptions::read_record(nlohmann::json record) {
  if (record.contains("optics.detector")) {
    record["optics.detectors"] = nlohmann::json::array({record["optics.detector"]});
    record.erase("optics.detector");
  }
  if (!record.contains("multislice.thermal_motion")) record["multislice.thermal_motion"] = "none";
  OptionTable options = table();
  options.from_json(record);
}

std::vector<int> DatasetOptions::atomic_numbers() const {
  std::vector<int> numbers;
  for (const auto& symbol : particle.elements) numbers.push_back(element(symbol).number);
  return numbers;
}

DatasetOptions DatasetOptions::prepared() const {
  DatasetOptions options = *this;
  options.particle.elements = checked_elements(particle.elements);
  const std::vector<int> numbers = options.atomic_numbers();
  complete_factors(numbers, options.multislice.thermal);
  options.check();
  for (const auto& file : structures) {
    for (const int number : elements_of(read_structure(file).atoms)) {
      if (std::find(numbers.begin(), numbers.end(), number) != numbers.end()) continue;
      fail("{} holds {}, which is not among particle.elements; add it there", file, element(number).symbol);
    }
  }
  return options;
}

}  // namespace colonnade
