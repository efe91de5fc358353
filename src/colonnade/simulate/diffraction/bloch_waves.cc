// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/diffraction/bloch_waves.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/simulate/diffraction/two_beam.h"
#include "colonnade/simulate/electron.h"

namespace colonnade {

struct BlochSolution {
  Eigen::VectorXd numbers;  ///< the waves' wave numbers along the normal, 1/A, less that of the direct beam
  Eigen::MatrixXcd waves;   ///< columns
};

namespace {

struct Beam {
  Miller hkl{};
  Vector3 g{};  ///< in the microscope's frame
  double excitation_per_A = 0;
};

Miller difference(const Miller& a, const Miller& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }

/// U of every difference of two beams, computed once each.
class Couplings {
 public:
  Couplings(const Structure& crystal, const std::vector<Beam>& beams, const BlochOptions& options) {
    for (const Beam& a : beams)
      for (const Beam& b : beams) strengths_.try_emplace(difference(a.hkl, b.hkl));
    std::vector<Vector3> points;
    const Matrix3 star = reciprocal_cell(crystal);
    for (const auto& [hkl, strength] : strengths_)
      points.push_back(combine({double(hkl[0]), double(hkl[1]), double(hkl[2])}, star));
    StructureFactorOptions factors;
    factors.parametrization = options.parametrization;
    factors.b_factors_A2 = options.b_factors_A2;
    const auto values = structure_factors_at(crystal, points, factors);
    const double volume = std::abs(determinant(crystal.cell));
    std::size_t n = 0;
    for (auto& [hkl, strength] : strengths_) strength = potential_strength(values[n++], volume, options.energy_keV);
  }
  std::complex<double> operator()(const Miller& a, const Miller& b) const { return strengths_.at(difference(a, b)); }

 private:
  std::map<Miller, std::complex<double>> strengths_;
};

std::vector<Beam> beams_near_sphere(const Structure& crystal, const Matrix3& orientation, const BlochOptions& options,
                                    double largest_excitation) {
  const double k = 1 / electron_wavelength_A(options.energy_keV);
  std::vector<Beam> beams{{}};
  for (const ReciprocalPoint& point : reciprocal_points(crystal, options.longest_per_A)) {
    const Vector3 g = multiply(orientation, point.g);
    const double s = excitation_error(g, k);
    if (std::abs(s) <= largest_excitation) beams.push_back({point.hkl, g, s});
  }
  if (std::ssize(beams) > options.most_beams)
    fail("{} beams are more than {}; give a smaller excitation error or a shorter longest reflection", beams.size(),
         options.most_beams);
  return beams;
}

/// Those that are connected to the direct beam by couplings, which keep their order.
std::vector<Beam> fed_beams(const std::vector<Beam>& beams, const Couplings& couplings) {
  std::vector<bool> fed(beams.size(), false);
  std::vector<std::size_t> fresh{0};
  fed[0] = true;
  while (!fresh.empty()) {
    const std::size_t from = fresh.back();
    fresh.pop_back();
    for (std::size_t to = 0; to < beams.size(); ++to)
      if (!fed[to] && couplings(beams[to].hkl, beams[from].hkl) != 0.0) {
        fed[to] = true;
        fresh.push_back(to);
      }
  }
  std::vector<Beam> kept;
  for (std::size_t n = 0; n < beams.size(); ++n)
    if (fed[n]) kept.push_back(beams[n]);
  return kept;
}

/// Of K^2 - (K + g)^2 on the diagonal and U_{g-h} beside it; K is the wave number within the crystal. The beam meets a
/// surface across it, which keeps its direction.
struct Equations {
  Eigen::MatrixXcd matrix;
  Eigen::VectorXd forward;  ///< K_z + g_z
};

Equations equations_of(const std::vector<Beam>& beams, const Couplings& couplings, double energy_keV) {
  const auto count = Eigen::Index(beams.size());
  const double vacuum = 1 / electron_wavelength_A(energy_keV);
  const double k = std::sqrt(vacuum * vacuum + couplings(Miller{}, Miller{}).real());
  Equations equations{Eigen::MatrixXcd(count, count), Eigen::VectorXd(count)};
  for (Eigen::Index i = 0; i < count; ++i) {
    const Beam& a = beams[std::size_t(i)];
    equations.forward[i] = k + a.g[2];
    equations.matrix(i, i) = -(2 * k * a.g[2] + dot(a.g, a.g));
    for (Eigen::Index j = 0; j < i; ++j) {
      equations.matrix(i, j) = couplings(a.hkl, beams[std::size_t(j)].hkl);
      equations.matrix(j, i) = std::conj(equations.matrix(i, j));
    }
  }
  return equations;
}

/// The weak beams' amplitudes follow the strong ones': what they do to these, to first order.
Equations without_weak(const Equations& all, const std::vector<Beam>& beams, double largest_excitation) {
  std::vector<Eigen::Index> strong, weak;
  for (std::size_t n = 0; n < beams.size(); ++n)
    (std::abs(beams[n].excitation_per_A) <= largest_excitation ? strong : weak).push_back(Eigen::Index(n));
  Equations rest{all.matrix(strong, strong), all.forward(strong)};
  if (weak.empty()) return rest;
  const Eigen::MatrixXcd coupling = all.matrix(strong, weak);
  const Eigen::VectorXcd diagonal = all.matrix.diagonal()(weak);
  rest.matrix -= coupling * diagonal.cwiseInverse().asDiagonal() * coupling.adjoint();
  return rest;
}

// D^(-1/2) M D^(-1/2) with D = 2 (K_z + g_z) is Hermitian; its eigenvalues are the wave numbers along the normal.
std::shared_ptr<const BlochSolution> solution_of(const Equations& equations) {
  const Eigen::VectorXd root = (2 * equations.forward).cwiseSqrt().cwiseInverse();
  const Eigen::MatrixXcd scaled = root.asDiagonal() * equations.matrix * root.asDiagonal();
  // With a centre of symmetry at the origin all is real, and several times as fast.
  if (scaled.imag().cwiseAbs().maxCoeff() <= 1e-13 * scaled.cwiseAbs().maxCoeff()) {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(scaled.real());
    return std::make_shared<BlochSolution>(
        BlochSolution{solver.eigenvalues(), solver.eigenvectors().cast<std::complex<double>>()});
  }
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd> solver(scaled);
  return std::make_shared<BlochSolution>(BlochSolution{solver.eigenvalues(), solver.eigenvectors()});
}

DiffractionSpot spot_of(const Beam& beam) {
  return {beam.hkl, length(beam.g), beam.g[0], beam.g[1], beam.excitation_per_A, 0};
}

}  // namespace

void BlochOptions::check() const {
  if (!(energy_keV >= 1 && energy_keV <= 10000)) fail("an energy of {} keV; give 1 to 10000", energy_keV);
  if (!(std::isfinite(longest_per_A) && longest_per_A > 0))
    fail("the longest reflection is {} 1/A; give a positive number, e.g. 2", longest_per_A);
  if (!(std::isfinite(largest_excitation_per_A) && largest_excitation_per_A > 0))
    fail("beams up to an excitation error of {} 1/A; give a positive number, e.g. 0.06", largest_excitation_per_A);
  if (!(std::isfinite(largest_perturbing_per_A) && largest_perturbing_per_A >= 0))
    fail("perturbing beams up to an excitation error of {} 1/A; give a number above the other beams', or 0",
         largest_perturbing_per_A);
  if (most_beams < 2) fail("at most {} beams; give 2 or more", most_beams);
}

BlochWaves::BlochWaves(const Structure& crystal, const Matrix3& orientation, const BlochOptions& options) {
  options.check();
  const double largest = std::max(options.largest_excitation_per_A, options.largest_perturbing_per_A);
  auto beams = beams_near_sphere(crystal, orientation, options, largest);
  const Couplings couplings(crystal, beams, options);
  beams = fed_beams(beams, couplings);
  if (beams.size() < 2)
    fail("no reflection is within {} 1/A of the Ewald sphere; give another orientation or a larger excitation error",
         options.largest_excitation_per_A);
  const Equations equations =
      without_weak(equations_of(beams, couplings, options.energy_keV), beams, options.largest_excitation_per_A);
  for (const Beam& beam : beams)
    if (std::abs(beam.excitation_per_A) <= options.largest_excitation_per_A) beams_.push_back(spot_of(beam));
  solution_ = solution_of(equations);
}

BlochWaves::BlochWaves(const Structure& crystal, const Matrix3& orientation, const std::vector<Miller>& chosen,
                       const BlochOptions& options) {
  options.check();
  std::vector<Beam> beams{{}};
  const Matrix3 star = reciprocal_cell(crystal);
  for (const Miller& hkl : chosen) {
    const Vector3 g = multiply(orientation, combine({double(hkl[0]), double(hkl[1]), double(hkl[2])}, star));
    if (hkl != Miller{}) beams.push_back({hkl, g, excitation_error(g, 1 / electron_wavelength_A(options.energy_keV))});
  }
  if (beams.size() == chosen.size() + 1) fail("the direct beam 000 is not among the chosen beams; add it");
  const Couplings couplings(crystal, beams, options);
  const Equations equations = equations_of(beams, couplings, options.energy_keV);
  for (const Beam& beam : beams) beams_.push_back(spot_of(beam));
  solution_ = solution_of(equations);
}

// Flux along the normal, not density, is conserved: amplitudes are those of the scaled equations.
std::vector<std::complex<double>> BlochWaves::amplitudes(double thickness_A) const {
  if (!(std::isfinite(thickness_A) && thickness_A >= 0))
    fail("a crystal {} A thick; give a thickness of 0 or more", thickness_A);
  const Eigen::VectorXcd phases =
      (std::complex<double>(0, 2 * std::numbers::pi * thickness_A) * solution_->numbers.cast<std::complex<double>>())
          .array()
          .exp();
  const Eigen::VectorXcd excited = solution_->waves.row(0).adjoint();
  const Eigen::VectorXcd result = solution_->waves * phases.cwiseProduct(excited);
  return {result.data(), result.data() + result.size()};
}

std::vector<double> BlochWaves::intensities(double thickness_A) const {
  std::vector<double> result;
  for (const auto& amplitude : amplitudes(thickness_A)) result.push_back(std::norm(amplitude));
  return result;
}

std::vector<DiffractionSpot> BlochWaves::spots(double thickness_A, double weakest) const {
  const auto shares = intensities(thickness_A);
  std::vector<DiffractionSpot> list;
  for (std::size_t n = 0; n < shares.size(); ++n)
    if (n == 0 || shares[n] >= weakest) {
      list.push_back(beams_[n]);
      list.back().intensity = shares[n];
    }
  return list;
}

}  // namespace colonnade
