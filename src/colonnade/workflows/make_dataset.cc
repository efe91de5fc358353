// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/make_dataset.h"

#include "colonnade/columns/counts.h"
#include "colonnade/core/file.h"
#include "colonnade/core/log.h"
#include "colonnade/core/progress.h"
#include "colonnade/core/units.h"
#include "colonnade/simulate/stem_experiment.h"
#include "colonnade/structures/atomic_rows.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/structure_file.h"
#include "colonnade/workflows/dataset_folder.h"
#include "colonnade/workflows/estimate_dataset.h"
#include "colonnade/workflows/stem_device.h"
#include "colonnade/workflows/stem_signals.h"

namespace colonnade {
namespace fs = std::filesystem;
namespace {

constexpr double neighbour_reach_A = 3.2;  // between the first and the second shell of fcc metals

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

PartialCoherence draw_coherence(const DatasetOptions& options, Random& random) {
  PartialCoherence coherence;
  // Without a source nothing is drawn: datasets from before there was one stay the same.
  if (options.source_size_A.high > 0) coherence.source_size_A = draw(options.source_size_A, random);
  return coherence;
}

Structure particle_of(const DatasetOptions& options, int particle, Random& random) {
  if (options.structures.empty()) {
    const NanoparticleOptions drawn = draw_particle(options, random);
    return make_nanoparticle(drawn, random);
  }
  const fs::path file = options.structures[std::size_t(particle) % options.structures.size()];
  Structure structure = read_structure(file);
  if (options.rows_along_beam) turn_to_beam(structure, densest_rows(structure, neighbour_reach_A));
  const double rotation_deg = random.uniform(0, 360);
  rotate(structure, rotation_about_z(rotation_deg));
  structure.metadata = {
      {"file", file.filename().string()}, {"sha256", sha256_file(file)}, {"rotation_deg", rotation_deg}};
  return structure;
}

/// The signals of a computed field with a border: the image with its metadata, the others as they are stored.
Sample sample_of(std::vector<Image> computed, const std::vector<EdsLine>& lines, int border, int size_px) {
  Sample sample;
  nlohmann::json records = nlohmann::json::object();
  const std::size_t detectors = computed.size() - lines.size();
  for (std::size_t i = 0; i < computed.size(); ++i) {
    Image image = border > 0 ? crop(computed[i], border, border, size_px, size_px) : std::move(computed[i]);
    if (i == 0) {
      sample.image = std::move(image);
      continue;
    }
    if (i < detectors) {
      records[image.title] = image.metadata.at("simulation").at("detector");
      image.metadata = nlohmann::json::object();
    } else {
      const EdsLine& line = lines[i - detectors];
      for (float& value : image.data) value *= float(line.counts_per_ionisation);
      image.intensity = "counts per electron";
      records[image.title] = line.record();
      image.metadata = {{"element", element(line.atomic_number).symbol}};
    }
    sample.signals.push_back(std::move(image));
  }
  if (!records.empty()) sample.image.metadata["signals"] = records;
  return sample;
}

/// Atoms farther outside the field are left out: those nearer still scatter a probe whose tails reach them.
double margin_A(const DatasetOptions& options, const FieldOfView& field) {
  PartialCoherence widest;
  widest.source_size_A = options.source_size_A.high;
  const double border_A = border_px(source_reach_px(widest, field)) * field.pixel_size_nm * angstrom_per_nm;
  return border_A + (options.multislice.window_A > 0 ? options.multislice.window_A / 2 + 2 : 8);
}

/// What is drawn for a view, without its field.
StemExperiment draw_experiment(const DatasetOptions& options, Random& random) {
  StemExperiment experiment;
  experiment.optics = draw_optics(options, random);
  experiment.coherence = draw_coherence(options, random);
  experiment.multislice = options.multislice;
  if (options.multislice.thermal.frozen_phonons()) experiment.multislice.thermal.seed = random.bits();
  experiment.signals.detectors = parse_detectors(options.detectors, experiment.optics.semiangle_mrad);
  return experiment;
}

FieldOfView field_of(const DatasetOptions& options) {
  FieldOfView field;
  field.height_px = field.width_px = options.size_px;
  field.pixel_size_nm = options.pixel_size_nm;
  return field;
}

DrawnView drawn_view(const DatasetOptions& options, const Structure& particle, Random& random) {
  const double offset = draw(options.view, random), side_A = options.size_px * options.pixel_size_nm * angstrom_per_nm;
  Structure seen = view_of(particle, side_A, offset, margin_A(options, field_of(options)), random);
  return {std::move(seen), draw_experiment(options, random)};
}

Sample make_view(const DatasetOptions& options, const Structure& particle, Random& random,
                 const StemAlgorithmFactory& algorithms) {
  const double pixel_A = options.pixel_size_nm * angstrom_per_nm;
  auto [seen, experiment] = drawn_view(options, particle, random);
  const FieldOfView field = field_of(options);
  std::vector<EdsLine> lines;
  if (options.eds_maps) lines = eds_lines(options.eds, options.atomic_numbers(), experiment.optics.energy_keV);
  add_eds_signals(lines, options.multislice.thermal, experiment.signals);
  const int border = border_px(source_reach_px(experiment.coherence, field));
  experiment.field = widened(field, border);
  Sample sample = sample_of(simulate_experiment(seen, experiment, "", algorithms), lines, border, options.size_px);
  sample.image.metadata["particle"] = seen.metadata;
  for (const auto& column : true_columns(seen, options.particle.elements)) {
    const double x = column.x_A / pixel_A, y = column.y_A / pixel_A;
    if (x < 0 || y < 0 || x > options.size_px - 1 || y > options.size_px - 1) continue;
    sample.columns.push_back({x, y, column.counts});
  }
  return sample;
}

}  // namespace

DrawnView draw_view(const DatasetOptions& options, int particle) {
  Random random = Random(options.seed).stream(particle);
  const Structure structure = particle_of(options, particle, random);
  return drawn_view(options, structure, random);
}

ParticleSamples make_particle_samples(const DatasetOptions& options, int particle,
                                      const StemAlgorithmFactory& algorithms) {
  Random random = Random(options.seed).stream(particle);
  ParticleSamples samples;
  samples.particle = particle;
  samples.seed = options.seed;
  samples.elements = options.particle.elements;
  const Structure structure = particle_of(options, particle, random);
  for (int view = 0; view < options.views; ++view) {
    samples.views.push_back(make_view(options, structure, random, algorithms));
  }
  DatasetOptions copy = options;
  samples.options = copy.table().to_json();
  return samples;
}

DatasetResult make_dataset(DatasetOptions options, const fs::path& folder, const ProcessGroup& group) {
  options = options.prepared();
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
                       options.label_sigma_nm / options.pixel_size_nm, options.labels);
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
