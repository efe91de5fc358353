// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/diffraction/atom_sum.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numbers>

#include "colonnade/core/parallel.h"
#include "colonnade/core/random.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/simulate/thermal_motion.h"
#include "colonnade/structures/crystal.h"

namespace colonnade {

namespace {

using std::numbers::pi;

Structure block_of_aluminium(const std::array<int, 3>& cells, double displacement_A) {
  ThermalMotion motion;
  motion.factors = fmt::format("{} A", displacement_A);
  Random random(8);
  return displaced(repeat(cubic_crystal("fcc", "Al", 4.0495), cells), motion, random);
}

struct Error2 {
  double rms = 0, largest = 0;  ///< of amplitudes, over the rms amplitude
};

Error2 error_of(const Structure& structure, const AtomSumOptions& options, int samples) {
  const AmplitudeGrid grid = atom_amplitudes(structure, options);
  Random random(2);
  std::vector<Vector3> q;
  std::vector<std::complex<double>> fast;
  for (int n = 0; n < samples; ++n) {
    // Every fourth near the middle, where the amplitudes are largest.
    const int reach = n % 4 ? grid.points : 5, from = (grid.points - reach) / 2;
    const int row = from + int(random.below(std::uint64_t(reach)));
    const int column = from + int(random.below(std::uint64_t(reach)));
    const double x = grid.q(column), y = grid.q(row);
    q.push_back({x, y, ewald_depth(x, y, options.energy_keV)});
    fast.emplace_back(grid.at(row, column));
  }
  const auto direct = atom_amplitudes_directly(structure, q, options);
  double squares = 0, errors = 0;
  Error2 error;
  for (std::size_t n = 0; n < q.size(); ++n) {
    squares += std::norm(direct[n]);
    errors += std::norm(direct[n] - fast[n]);
    error.largest = std::max(error.largest, std::abs(direct[n] - fast[n]) / std::abs(direct[n]));
  }
  error.rms = std::sqrt(errors / squares);
  return error;
}

TEST(AtomSum, FastIsDirectForAnyAtoms) {
  Random random(1);
  Structure structure;
  for (int n = 0; n < 500; ++n)
    structure.atoms.push_back(
        {n % 3 ? 13 : 79, {random.uniform(-70, 90), random.uniform(-20, 60), random.uniform(5, 130)}});
  AtomSumOptions options;
  for (const auto& [pixels, size, energy] : {std::tuple{64, 0.04, 200.0}, {75, 0.0301, 80.0}, {32, 0.002, 300.0}}) {
    options.pixels = pixels;
    options.per_A_per_px = size;
    options.energy_keV = energy;
    const Error2 error = error_of(structure, options, 400);
    RecordProperty("rms", fmt::format("{:.2g}", error.rms));
    EXPECT_LT(error.rms, 1e-5) << pixels;
    EXPECT_LT(error.largest, 1e-3) << pixels;  // of the weakest amplitudes, too
  }
}

TEST(AtomSum, OfOneAtomIsItsScatteringFactor) {
  Structure structure;
  structure.atoms = {{79, {3.3, -2.1, 40}}};
  AtomSumOptions options;
  options.pixels = 33;
  options.per_A_per_px = 0.1;
  const AmplitudeGrid grid = atom_amplitudes(structure, options);
  for (int row = 0; row < grid.points; row += 5)
    for (int column = 0; column < grid.points; column += 3) {
      const double x = grid.q(column), y = grid.q(row), z = ewald_depth(x, y, 200);
      const double f = scattering_factor(Parametrization::lobato, 79, length({x, y, z}));
      const auto wanted = std::polar(f, 2 * pi * (3.3 * x - 2.1 * y + 40 * z));
      EXPECT_LT(std::abs(std::complex<double>(grid.at(row, column)) - wanted), 2e-5 * f);
    }
}

TEST(AtomSum, OfAPerfectCrystalIsStructureFactorTimesShape) {
  const double a = 4.0495;
  const std::array<int, 3> cells{9, 7, 5};
  const Structure cell = cubic_crystal("fcc", "Al", a);
  AtomSumOptions options;
  options.pixels = 48;
  options.per_A_per_px = 0.05;
  const AmplitudeGrid grid = atom_amplitudes(repeat(cell, cells), options);
  double squares = 0, errors = 0;
  for (int row = 0; row < grid.points; ++row)
    for (int column = 0; column < grid.points; ++column) {
      const Vector3 q{grid.q(column), grid.q(row), ewald_depth(grid.q(column), grid.q(row), 200)};
      std::complex<double> wanted = structure_factor(cell, q, {});
      for (std::size_t k = 0; k < 3; ++k) {
        const double angle = pi * q[k] * a;
        const double shape = std::abs(std::sin(angle)) < 1e-9 ? cells[k] : std::sin(cells[k] * angle) / std::sin(angle);
        const double sign = std::abs(std::sin(angle)) < 1e-9 && std::lround(q[k] * a * (cells[k] - 1)) % 2 ? -1 : 1;
        wanted *= sign * shape * std::polar(1.0, (cells[k] - 1) * angle);
      }
      squares += std::norm(wanted);
      errors += std::norm(wanted - std::complex<double>(grid.at(row, column)));
    }
  EXPECT_LT(std::sqrt(errors / squares), 1e-5);
}

double spot_sum(const Image& image, double x_per_A, double y_per_A, double half_per_A, double per_A_per_px) {
  double sum = 0;
  for (int row = 0; row < image.height; ++row)
    for (int column = 0; column < image.width; ++column) {
      const double x = (column - 0.5 * (image.width - 1)) * per_A_per_px;
      const double y = (row - 0.5 * (image.height - 1)) * per_A_per_px;
      if (std::abs(x - x_per_A) < half_per_A && std::abs(y - y_per_A) < half_per_A)
        sum += double(image.at(row, column));
    }
  return sum * per_A_per_px * per_A_per_px;
}

TEST(AtomSum, SpotsKeepTheirElectronsWhateverThePixels) {
  const double a = 4.0495;
  const std::array<int, 3> cells{12, 10, 4};
  const Structure structure = repeat(cubic_crystal("fcc", "Al", a), cells);
  for (const Miller& hkl : {Miller{0, 0, 0}, Miller{2, 0, 0}, Miller{2, -2, 0}}) {
    const double x = hkl[0] / a, y = hkl[1] / a, s = ewald_depth(x, y, 200);
    // Integrated over a period of reciprocal space, sin^2(N x) / sin^2(x) is N per period.
    const auto f = structure_factor(cubic_crystal("fcc", "Al", a), {x, y, s}, {});
    const double along = std::abs(s) < 1e-9 ? cells[2] : std::sin(pi * cells[2] * s * a) / std::sin(pi * s * a);
    const double whole = std::norm(f) * cells[0] * cells[1] / (a * a) * along * along;
    for (const double pixel : {0.011, 0.019}) {
      AtomSumOptions options;
      options.per_A_per_px = pixel;
      options.pixels = int(2 * 0.65 / pixel);
      const double sum = spot_sum(atom_pattern(structure, options), x, y, 0.11, pixel);
      EXPECT_NEAR(sum / whole, 1, 0.05) << pixel;  // what the square about the spot leaves out
      options.oversampling = 8;
      EXPECT_NEAR(sum, spot_sum(atom_pattern(structure, options), x, y, 0.11, pixel), 0.003 * whole) << pixel;
    }
  }
}

TEST(AtomSum, TremblingAtomsDampSpotsByDebyeAndWaller) {
  const double u = 0.11;
  const Structure still = repeat(cubic_crystal("fcc", "Al", 4.0495), {16, 16, 12});
  const Structure moved = block_of_aluminium({16, 16, 12}, u);
  AtomSumOptions damped;
  damped.b_factors_A2[13] = 8 * pi * pi * u * u;
  for (const double h : {2.0, 4.0}) {
    const std::vector<Vector3> q{{h / 4.0495, 0, 0}};
    const double wanted = std::norm(atom_amplitudes_directly(still, q, damped)[0]);
    EXPECT_NEAR(std::norm(atom_amplitudes_directly(moved, q, {})[0]) / wanted, 1, 0.06);
  }
}

TEST(AtomSum, IsTheSameOnAnyNumberOfThreads) {
  const Structure structure = block_of_aluminium({5, 5, 5}, 0.1);
  AtomSumOptions options;
  options.pixels = 64;
  options.per_A_per_px = 0.03;
  const int threads = thread_count();
  set_thread_count(1);
  const Image one = atom_pattern(structure, options);
  set_thread_count(3);
  const Image three = atom_pattern(structure, options);
  set_thread_count(threads);
  EXPECT_EQ(one.data, three.data);
}

TEST(AtomSum, TwinsAddIncoherently) {
  // Two crystals a fraction of the beam's coherence apart would interfere; each alone gives its own spots, and the
  // spots of both stand where the lattice and its mirror image say.
  const double a = 4.0495;
  const Structure matrix = repeat(cubic_crystal("fcc", "Al", a), {10, 10, 4});
  Structure twin = matrix;  // mirrored across (210), a plane that is no mirror of the lattice
  const Vector3 normal{2 / std::sqrt(5), 1 / std::sqrt(5), 0};
  for (Atom& atom : twin.atoms) {
    const double along = atom.position.x * normal[0] + atom.position.y * normal[1];
    atom.position.x -= 2 * along * normal[0];
    atom.position.y -= 2 * along * normal[1];
  }
  Structure both = matrix;
  // Far apart, so that their interference is fringes much finer than a pixel.
  for (Atom atom : twin.atoms) {
    atom.position.x += 400;
    both.atoms.push_back(atom);
  }
  AtomSumOptions options;
  options.pixels = 60;
  options.per_A_per_px = 0.03;
  options.oversampling = 16;
  const Image m = atom_pattern(matrix, options), t = atom_pattern(twin, options), sum = atom_pattern(both, options);
  double difference = 0, total = 0;
  for (std::size_t i = 0; i < sum.data.size(); ++i) {
    difference += std::abs(double(sum.data[i]) - m.data[i] - t.data[i]);
    total += sum.data[i];
  }
  EXPECT_LT(difference / total, 0.05);
  const double g = 2 / a;
  const double mirrored_x = g * (1 - 2 * normal[0] * normal[0]), mirrored_y = -2 * g * normal[0] * normal[1];
  for (const auto& [x, y] : {std::pair{g, 0.0}, {mirrored_x, mirrored_y}})
    EXPECT_GT(spot_sum(sum, x, y, 0.04, 0.03), 0.3 * spot_sum(m, g, 0, 0.04, 0.03));
}

TEST(AtomSum, BadInputIsRefused) {
  const Structure structure = block_of_aluminium({2, 2, 2}, 0);
  const auto refusal = [&](const Structure& specimen, auto change) {
    AtomSumOptions options;
    change(options);
    return message_of([&] { atom_pattern(specimen, options); });
  };
  EXPECT_THAT(refusal({}, [](auto&) {}), testing::HasSubstr("no atoms"));
  EXPECT_THAT(refusal(structure, [](auto& o) { o.per_A_per_px = 0; }), testing::HasSubstr("positive size"));
  EXPECT_THAT(refusal(structure, [](auto& o) { o.pixels = 0; }), testing::HasSubstr("0 pixels"));
  EXPECT_THAT(refusal(structure, [](auto& o) { o.per_A_per_px = 1; }), testing::HasSubstr("Ewald sphere"));
  Structure broken = structure;
  broken.atoms[0].position.x = std::nan("");
  EXPECT_THAT(refusal(broken, [](auto&) {}), testing::HasSubstr("no number"));
  Structure wide = structure;
  wide.atoms[0].position.x = 1e5;
  EXPECT_THAT(refusal(wide, [](auto&) {}), testing::HasSubstr("points per pixel"));
}

}  // namespace

}  // namespace colonnade
