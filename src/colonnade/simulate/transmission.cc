// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/transmission.h"

#include <Eigen/Dense>
#include <cmath>
#include <memory>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/simulate/memory.h"

namespace colonnade {

namespace {

using Complex = std::complex<float>;

// Takes one slice after another from atoms to a band-limited transmission function; one for each thread.
class TransmissionMaker {
 public:
  TransmissionMaker(const PeriodicCell& fine, const WaveGrid& grid, const ScatteringFactorMaps& factors, double sigma)
      : fine_(fine.grid), grid_(grid), sigma_(float(sigma)), potential_(fine, factors), wave_(fine.grid.size()) {
    forward_ = FftPlan::plane(fine_.ny, fine_.nx, FftSign::forward);
    backward_ = FftPlan::plane(grid.ny, grid.nx, FftSign::backward);
  }

  AlignedArray<Complex> make(const std::vector<Atom>& atoms) {
    expose(potential_.compute(atoms));
    forward_.execute(wave_.data());
    AlignedArray<Complex> result(grid_.size());
    crop(result);
    backward_.execute(result.data());
    return result;
  }

 private:
  void expose(const AlignedArray<float>& potential) {
    constexpr std::size_t chunk = 512;
    Eigen::Array<float, Eigen::Dynamic, 1, 0, int(chunk), 1> phase, cosine, sine;
    for (std::size_t i = 0; i < potential.size(); i += chunk) {
      const std::size_t count = std::min(chunk, potential.size() - i);
      phase = sigma_ * Eigen::Map<const Eigen::ArrayXf>(potential.data() + i, Eigen::Index(count));
      cosine = phase.cos();
      sine = phase.sin();
      for (std::size_t j = 0; j < count; ++j) wave_[i + j] = {cosine[Eigen::Index(j)], sine[Eigen::Index(j)]};
    }
  }

  void crop(AlignedArray<Complex>& result) const {
    const auto scale = 1.0 / double(fine_.size());
    for (int row = 0; row < grid_.ny; ++row) {
      const int fine_row = row < (grid_.ny + 1) / 2 ? row : row + fine_.ny - grid_.ny;
      for (int column = 0; column < grid_.nx; ++column) {
        const double limit = grid_.band_limit(std::hypot(grid_.kx(column), grid_.ky(row)));
        if (limit == 0) continue;
        const int fine_column = column < (grid_.nx + 1) / 2 ? column : column + fine_.nx - grid_.nx;
        result[std::size_t(row) * grid_.nx + column] =
            wave_[std::size_t(fine_row) * fine_.nx + fine_column] * float(limit * scale);
      }
    }
  }

  WaveGrid fine_, grid_;
  float sigma_;
  SlicePotential potential_;
  AlignedArray<Complex> wave_;
  FftPlan forward_, backward_;
};

PeriodicCell finer(const PeriodicCell& cell, int times) {
  const WaveGrid& grid = cell.grid;
  return {cell.origin, {grid.ny * times, grid.nx * times, grid.pitch_y_A / times, grid.pitch_x_A / times}};
}

}  // namespace

TransmissionStack::TransmissionStack(const Structure& structure, const PeriodicCell& cell,
                                     const TransmissionOptions& options)
    : grid_(cell.grid) {
  if (grid_.nx < 2 || grid_.ny < 2 || grid_.nx % 2 != 0 || grid_.ny % 2 != 0) {
    fail("a wave of {} x {} pixels cannot be propagated; both sides must be even", grid_.ny, grid_.nx);
  }
  auto atoms = slice_atoms(structure, cell, options.slice_A);
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    if (!atoms[i].empty()) indices_.push_back(int(i));
  }
  if (indices_.empty()) {
    indices_.push_back(0);
    atoms.resize(1);
  }
  const auto memory = estimate_stack_memory(structure, grid_, indices_.size(), options.oversampling);
  require_stack_memory(memory, options.memory_limit_GB, grid_, indices_.size());
  const PeriodicCell fine = finer(cell, options.oversampling);
  const ScatteringFactorMaps factors(structure, fine.grid, options.parametrization);
  const double sigma = interaction_constant(options.energy_keV);
  slices_.resize(indices_.size());
  std::vector<std::unique_ptr<TransmissionMaker>> makers(thread_count());
  parallel_for(std::int64_t(indices_.size()), [&](std::int64_t i, int worker) {
    auto& maker = makers[worker];
    if (!maker) maker = std::make_unique<TransmissionMaker>(fine, grid_, factors, sigma);
    slices_[i] = maker->make(atoms[indices_[i]]);
  });
}

}  // namespace colonnade
