// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/simulate_patterns.h"

#include <cmath>
#include <vector>

#include "colonnade/core/error.h"
#include "colonnade/core/units.h"
#include "colonnade/image/formats/signal_file.h"
#include "colonnade/simulate/memory.h"

namespace colonnade {
namespace {

/// Scan points along one side of the field.
struct ScanLine {
  double low_A, step_A;
  int count;
  ScanLine(double low, int pixels, double pixel_nm, double step_nm)
      : low_A(low),
        step_A(step_nm * angstrom_per_nm),
        count(1 + int(std::floor((pixels - 1) * pixel_nm / step_nm + 1e-9))) {}
  double at(int i) const { return low_A + i * step_A; }
  double high_A() const { return at(count - 1); }
};

SignalDescription describe_patterns(const ScanLine& y, const ScanLine& x, const PatternGrid& camera,
                                    const Optics& optics) {
  const double step_nm = x.step_A / angstrom_per_nm, pixel = camera.mrad_per_pixel(), first = camera.mrad(0);
  SignalDescription description;
  description.title = "patterns";
  description.quantity = "fraction of beam";
  description.axes = {{"y", "nm", y.count, step_nm, 0, true},
                      {"x", "nm", x.count, step_nm, 0, true},
                      {"ky", "mrad", camera.pixels, pixel, first, false},
                      {"kx", "mrad", camera.pixels, pixel, first, false}};
  description.beam_energy_keV = optics.energy_keV;
  description.convergence_mrad = optics.semiangle_mrad;
  return description;
}

/// One run of the experiment with atoms and defocus held still.
struct Still {
  Structure structure;
  Optics optics;
  double weight;
};

std::vector<Still> stills_of(const Structure& structure, const StemExperiment& experiment) {
  const ThermalMotion& thermal = experiment.multislice.thermal;
  const int configurations = thermal.frozen_phonons() ? thermal.configurations : 1;
  std::vector<Still> stills;
  for (int n = 0; n < configurations; ++n) {
    const Structure atoms = thermal.frozen_phonons() ? configuration(structure, thermal, n) : structure;
    for (const auto& [offset_A, weight] : defocus_values(experiment.coherence)) {
      stills.push_back({atoms, experiment.optics, weight / configurations});
      stills.back().optics.aberrations.C10 += offset_A;
    }
  }
  return stills;
}

}  // namespace

void simulate_patterns(const Structure& structure, const StemExperiment& experiment, const FieldOfView& field,
                       double step_nm, const PatternGrid& camera, const std::filesystem::path& path,
                       const nlohmann::json& record, const StemAlgorithmFactory& algorithms) {
  camera.check();
  const ScanLine x(field.low_x_A, field.width_px, field.pixel_size_nm, step_nm),
      y(field.low_y_A, field.height_px, field.pixel_size_nm, step_nm);
  std::vector<ProbePosition> positions;
  for (int row = 0; row < y.count; ++row) {
    for (int column = 0; column < x.count; ++column) positions.push_back({x.at(column), y.at(row)});
  }
  SignalDescription description = describe_patterns(y, x, camera, experiment.optics);
  description.metadata = record;
  SignalFile file(path);
  file.begin(description);
  const std::size_t pattern = std::size_t(camera.pixels) * camera.pixels, row_size = pattern * std::size_t(x.count);
  const auto stills = stills_of(structure, experiment);
  const bool averaged = stills.size() > 1;
  if (averaged) {
    require_memory(double(pattern) * double(positions.size()) * sizeof(float), experiment.multislice.memory_limit_GB,
                   "patterns that are averaged", "scan a smaller field or with a larger --pattern-step");
  }
  std::vector<float> held(averaged ? pattern * positions.size() : row_size);
  // Detectors decide how far the grid reaches.
  const AnnularDetector whole{"camera", 0, camera.half_mrad};
  for (std::size_t i = 0; i < stills.size(); ++i) {
    const Still& still = stills[i];
    const MultisliceOptions multislice = settled(still.structure, experiment.multislice);
    const auto specimen =
        specimen_around(still.structure, still.optics, {whole},
                        {x.low_A, x.high_A(), y.low_A, y.high_A(), double(positions.size())}, multislice);
    const auto algorithm = algorithms(specimen.atoms, specimen.cell, still.optics, Signals{{whole}}, multislice);
    const auto take = [&](std::size_t position, const std::vector<float>& values) {
      float* to = held.data() + (averaged ? position * pattern : position % std::size_t(x.count) * pattern);
      for (std::size_t k = 0; k < pattern; ++k) to[k] = (averaged ? to[k] : 0) + float(still.weight) * values[k];
      if (!averaged && (position + 1) % std::size_t(x.count) == 0) file.append(held);
    };
    const std::string which = averaged ? fmt::format(" {} of {}", i + 1, stills.size()) : "";
    algorithm->scan_patterns(positions, camera, take, "Simulating patterns" + which);
  }
  if (averaged) file.append(held);
  file.close();
}

}  // namespace colonnade
