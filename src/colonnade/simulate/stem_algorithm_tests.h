// SPDX-License-Identifier: GPL-3.0-or-later
// For tests: what every StemAlgorithm must do, whatever computes it. A test of an algorithm is a call of these with its
// factory, its options and the difference from the whole-cell multislice on the processor that it may have.
#pragma once

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/core/random.h"
#include "colonnade/simulate/multislice_engine.h"
#include "colonnade/simulate/reference_data.h"
#include "colonnade/simulate/stem_algorithm.h"

namespace colonnade::stem_algorithm_tests {

struct Subject {
  StemAlgorithmFactory make;
  MultisliceOptions options;
  double tolerance = 1e-4;  ///< root mean square difference from multislice over the mean
};

/// A cell, not square, with columns of five elements, heights from 1 to `layers` atoms, off centre.
struct Scene {
  PeriodicCell cell{{-0.6, 1.1, 0.3}, {96, 120, 0.08, 0.08}};
  Structure structure;
  Optics optics;
  Signals signals{{{"HAADF", 50, 100}, {"ADF", 25, 50}, {"BF", 0, 15}}, {}};
};

inline Scene make_scene(int layers = 5, const WaveGrid& grid = {96, 120, 0.08, 0.08}) {
  Scene scene;
  scene.cell.grid = grid;
  Random random(11);
  const int kinds[] = {78, 46, 28, 27, 26};
  for (double y = 0.9; y < grid.length_y_A() - 0.5; y += 2.63) {
    for (double x = 0.7; x < grid.length_x_A() - 0.5; x += 1.86) {
      const int element = kinds[random.below(5)], atoms = 1 + int(random.below(std::uint64_t(layers)));
      for (int i = 0; i < atoms; ++i) {
        scene.structure.atoms.push_back(
            {element, {scene.cell.origin.x + x, scene.cell.origin.y + y, scene.cell.origin.z + 1 + 2.6 * i}});
      }
    }
  }
  return scene;
}

/// Spread over the whole cell, beyond its edges too, at no special places between pixels.
inline std::vector<ProbePosition> scattered_probes(const PeriodicCell& cell, int count) {
  Random random(5);
  std::vector<ProbePosition> positions;
  for (int i = 0; i < count; ++i) {
    positions.push_back({cell.origin.x + random.uniform(-0.2, 1.2) * cell.grid.length_x_A(),
                         cell.origin.y + random.uniform(-0.2, 1.2) * cell.grid.length_y_A()});
  }
  return positions;
}

inline void expect_agreement(const Subject& subject, const Scene& scene, int probes = 12) {
  MultisliceOptions exact = subject.options;
  exact.algorithm = "multislice";
  exact.window_A = 0;
  const auto positions = scattered_probes(scene.cell, probes);
  const auto expected = Multislice(scene.structure, scene.cell, scene.optics, scene.signals, exact).scan(positions);
  const auto found =
      subject.make(scene.structure, scene.cell, scene.optics, scene.signals, subject.options)->scan(positions, "");
  ASSERT_EQ(found.size(), expected.size());
  ASSERT_EQ(found.front().size(), expected.front().size());
  for (std::size_t signal = 0; signal < expected.front().size(); ++signal) {
    std::vector<float> a, b;
    for (std::size_t i = 0; i < found.size(); ++i) {
      a.push_back(expected[i][signal]);
      b.push_back(found[i][signal]);
    }
    EXPECT_LT(rms_over_mean(a, b), subject.tolerance) << "signal " << signal;
  }
}

inline void agrees_with_multislice(const Subject& subject) { expect_agreement(subject, make_scene()); }

inline void agrees_under_aberrations(const Subject& subject) {
  Scene scene = make_scene();
  scene.optics.aberrations.C10 = -30;
  scene.optics.aberrations.C12 = 25;
  scene.optics.aberrations.phi12 = 14;
  scene.optics.aberrations.C21 = 200;
  scene.optics.aberrations.phi21 = 50;
  expect_agreement(subject, scene);
}

/// Pitches that differ in x and y; a window needs them equal.
inline void agrees_on_unequal_pitches(const Subject& subject) {
  expect_agreement(subject, make_scene(3, {90, 128, 0.083, 0.076}));
}

inline void does_not_depend_on_threads(const Subject& subject) {
  const Scene scene = make_scene(2);
  const auto positions = scattered_probes(scene.cell, 9);
  const int threads = thread_count();
  const auto scan = [&](int count) {
    set_thread_count(count);
    return subject.make(scene.structure, scene.cell, scene.optics, scene.signals, subject.options)->scan(positions, "");
  };
  const auto one = scan(1), three = scan(3);
  set_thread_count(threads);
  EXPECT_EQ(one, three);
}

/// In vacuum the beam stays within the aperture, wherever the probe is.
inline void keeps_the_beam_in_vacuum(const Subject& subject, double lost = 1e-4) {
  Scene scene = make_scene();
  scene.signals.detectors = {{"bright", 0, 25}, {"dark", 40, 100}};
  const auto algorithm = subject.make(Structure{}, scene.cell, scene.optics, scene.signals, subject.options);
  for (const auto& probe : algorithm->scan(scattered_probes(scene.cell, 3), "")) {
    EXPECT_NEAR(probe[0], 1, lost);
    EXPECT_NEAR(probe[1], 0, lost);
    EXPECT_NEAR(probe.back(), 1, lost);
  }
}

inline std::string complaint(const Subject& subject, const Scene& scene) {
  try {
    subject.make(scene.structure, scene.cell, scene.optics, scene.signals, subject.options);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

inline void refuses_angles_beyond_the_grid(const Subject& subject) {
  Scene scene = make_scene(1);
  scene.signals.detectors = {{"HAADF", 60, 200}};
  EXPECT_THAT(complaint(subject, scene), testing::HasSubstr("104.5 mrad"));
}

/// All of the above that an algorithm must pass which is exact to within its tolerance.
inline void passes_every_test_of_an_exact_algorithm(const Subject& subject) {
  agrees_with_multislice(subject);
  agrees_under_aberrations(subject);
  agrees_on_unequal_pitches(subject);
  does_not_depend_on_threads(subject);
  keeps_the_beam_in_vacuum(subject);
  refuses_angles_beyond_the_grid(subject);
}

}  // namespace colonnade::stem_algorithm_tests
