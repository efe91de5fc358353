// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/make_dataset.h"

#include "colonnade/columns/counts.h"
#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/core/progress.h"
#include "colonnade/core/units.h"
#include "colonnade/structures/elements.h"
#include "colonnade/workflows/dataset_folder.h"
#include "colonnade/workflows/estimate_dataset.h"
#include "colonnade/workflows/stem_device.h"

namespace colonnade {
namespace fs = std::filesystem;
namespace {

double draw(const Range& range, Random& random) { return random.uniform(range.low, range.high); }

NanoparticleOptions draw_particle(const DatasetOptions& options, Random& random) {
  NanoparticleOptions particle = options.particle;
  particle.diameter_nm = draw(options.diameter_nm, random);
  particle.roughness = draw(options.roughness, random);
  particle.aggregation = draw(options.aggregation, random);
  particle.rotation_deg = random.uniform(0, 360);
  if (particle.fractions.empty()) particle.fractions.assign(particle.elements.size(), 1.0 / particle.elements.size());
  double sum = 0;
  for (double& fraction : particle.fractions) {
    fraction *= random.uniform(1 - options.composition_spread, 1 + options.composition_spread);
    sum += fraction;
  }
  for (double& fraction : particle.fractions) fraction /= sum;
  return particle;
}

Optics draw_optics(const DatasetOptions& options, Random& random) {
  Optics optics;
  optics.energy_keV = draw(options.energy_keV, random);
  optics.semiangle_mrad = draw(options.semiangle_mrad, random);
  optics.aberrations.C10 = draw(options.C10_A, random);
  optics.aberrations.C12 = draw(options.C12_A, random);
  optics.aberrations.phi12 = draw(options.phi12_deg, random);
  optics.aberrations.C30 = draw(options.C30_um, random) * 1e4;
  return optics;
}

Sample make_view(const DatasetOptions& options, const Structure& particle, Random& random,
                 const StemAlgorithmFactory& algorithms) {
  const double pixel_A = options.pixel_size_nm * angstrom_per_nm;
  FieldOfView field;
  field.height_px = field.width_px = options.size_px;
  field.pixel_size_nm = options.pixel_size_nm;
  // Atoms that stand outside the field still scatter a probe whose tails reach them.
  const double margin_A = options.multislice.window_A > 0 ? options.multislice.window_A / 2 + 2 : 8;
  const Structure seen = view_of(particle, options.size_px * pixel_A, draw(options.view, random), margin_A, random);
  const Optics optics = draw_optics(options, random);
  Sample sample;
  const Signals signals{{parse_detector(options.detector, optics.semiangle_mrad)}};
  sample.image = simulate_stem(seen, optics, signals, field, options.multislice, "", algorithms).front();
  for (const auto& column : true_columns(seen, options.particle.elements)) {
    const double x = column.x_A / pixel_A, y = column.y_A / pixel_A;
    if (x < 0 || y < 0 || x > options.size_px - 1 || y > options.size_px - 1) continue;
    sample.columns.push_back({x, y, column.counts});
  }
  return sample;
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
  table.add("particle.elements", &particle.elements, "", "Elements of the alloy");
  table.add("particle.fractions", &particle.fractions, "", "Mean atomic fractions in that order; empty: equal");
  table.add("particle.composition_spread", &composition_spread, "",
            "Each fraction varies by up to this part of itself");
  table.add("particle.lattice", &particle.lattice_A, "A", "Lattice parameter; 0: by Vegard's law");
  table.add("particle.shape", &particle.shape, "", "truncated_octahedron or sphere");
  table.add("particle.surface_ratio", &particle.surface_ratio, "", "Surface energy of (100) over that of (111)");
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
  table.add("optics.detector", &detector, "mrad", "Annular detector, NAME:INNER-OUTER");
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
  parse_detector(detector, semiangle_mrad.high);
  multislice.check();
}

ParticleSamples make_particle_samples(const DatasetOptions& options, int particle,
                                      const StemAlgorithmFactory& algorithms) {
  Random random = Random(options.seed).stream(particle);
  ParticleSamples samples;
  samples.particle = particle;
  samples.seed = options.seed;
  samples.elements = options.particle.elements;
  const NanoparticleOptions drawn = draw_particle(options, random);
  const Structure structure = make_nanoparticle(drawn, random);
  for (int view = 0; view < options.views; ++view) {
    samples.views.push_back(make_view(options, structure, random, algorithms));
  }
  DatasetOptions copy = options;
  samples.options = copy.table().to_json();
  return samples;
}

DatasetResult make_dataset(DatasetOptions options, const fs::path& folder, const ProcessGroup& group) {
  options.particle.elements = checked_elements(options.particle.elements);
  options.check();
  const StemAlgorithmFactory algorithms = stem_algorithms_on(options.device, group);
  DatasetFolder dataset(folder, options);
  std::vector<int> missing = dataset.missing(options.particles, group);
  const int done = options.particles - static_cast<int>(missing.size());
  if (done > 0) info("{} of {} particles are there already", done, options.particles);
  if (missing.size() > 1 && group.rank == 0) {
    const auto estimate = estimate_dataset(options, missing.front(), algorithms);
    info("{}", estimate.text(static_cast<int>(missing.size()), group.size));
  }
  DatasetResult result;
  Progress progress("Simulating particles", options.particles, done);
  // Another process may die and leave what it had claimed: passes are made until one finds nothing to do.
  for (int made_before = -1; result.made > made_before && !missing.empty();) {
    made_before = result.made;
    std::vector<int> elsewhere;
    for (const int particle : missing) {
      if (dataset.claim(particle)) {
        write_particle(folder, make_particle_samples(options, particle, algorithms),
                       options.label_sigma_nm / options.pixel_size_nm);
        dataset.release(particle);
        ++result.made;
      } else if (!dataset.has(particle)) {
        elsewhere.push_back(particle);
        continue;
      }
      progress.advance();
    }
    missing = elsewhere;
  }
  for (const int particle : missing) result.elsewhere += dataset.has(particle) ? 0 : 1;
  result.there = options.particles - result.made - result.elsewhere;
  return result;
}

}  // namespace colonnade
