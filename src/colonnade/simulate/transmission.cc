// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/transmission.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/core/parallel.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/simulate/memory.h"
#include "colonnade/simulate/transmission_factors.h"

namespace colonnade {

namespace {

using Complex = std::complex<float>;

// exp(i sigma V).
void expose(const AlignedArray<float>& potential, float sigma, AlignedArray<Complex>& wave) {
  constexpr std::size_t chunk = 512;
  Eigen::Array<float, Eigen::Dynamic, 1, 0, int(chunk), 1> phase, cosine, sine;
  for (std::size_t i = 0; i < potential.size(); i += chunk) {
    const std::size_t count = std::min(chunk, potential.size() - i);
    phase = sigma * Eigen::Map<const Eigen::ArrayXf>(potential.data() + i, Eigen::Index(count));
    cosine = phase.cos();
    sine = phase.sin();
    for (std::size_t j = 0; j < count; ++j) wave[i + j] = {cosine[Eigen::Index(j)], sine[Eigen::Index(j)]};
  }
}

// Takes one slice after another from its content to a band-limited transmission function; one for each thread.
class TransmissionMaker {
 public:
  TransmissionMaker(const PeriodicCell& fine, const WaveGrid& grid, const SliceFactors& factors, double sigma)
      : fine_(fine.grid),
        grid_(grid),
        sigma_(float(sigma)),
        potential_(fine, *factors.elastic, factors.absorptive.get()),
        wave_(fine.grid.size()) {
    rows_ = FftPlan::lines(fine_.nx, 1, 1, fine_.nx, FftSign::forward);
    columns_ = FftPlan::lines(fine_.ny, columns_together, 1, fine_.ny, FftSign::forward);
    block_ = AlignedArray<Complex>(std::size_t(fine_.ny) * columns_together);
    backward_ = FftPlan::plane(grid.ny, grid.nx, FftSign::backward);
    for (int row = 0; row < grid.ny; ++row) {
      for (int column = 0; column < grid.nx; ++column) {
        const double kx = grid.kx(column), ky = grid.ky(row);
        const double sharpened = std::exp(factors.blur_b_A2 / 4 * (kx * kx + ky * ky));
        limits_.push_back(float(grid.band_limit(kx, ky) * sharpened / double(fine_.size())));
      }
    }
  }

  AlignedArray<Complex> make(const SliceContent& content) {
    expose(potential_.compute(content.atoms, content.tails), sigma_, wave_);
    absorb(potential_.absorptive());
    for (int row = 0; row < fine_.ny; ++row) rows_.execute(wave_.data() + std::size_t(row) * fine_.nx);
    AlignedArray<Complex> result(grid_.size());
    for (int column = 0; column < grid_.nx; column += columns_together) crop(column, result);
    backward_.execute(result.data());
    return result;
  }

 private:
  void absorb(const AlignedArray<float>& potential) {
    for (std::size_t i = 0; i < potential.size(); ++i) wave_[i] *= std::exp(-sigma_ * potential[i]);
  }

  // Of the fine grid's columns only those within the coarse one are transformed.
  void crop(int first, AlignedArray<Complex>& result) {
    const int count = std::min(columns_together, grid_.nx - first);
    bool any = false;
    for (int i = 0; i < count; ++i) {
      any = any || grid_.band_limit(grid_.kx(first + i), 0) > 0;
    }
    if (!any) return;
    for (int row = 0; row < fine_.ny; ++row) {
      for (int i = 0; i < count; ++i) {
        const int column = first + i, fine_column = column < (grid_.nx + 1) / 2 ? column : column + fine_.nx - grid_.nx;
        block_[std::size_t(i) * fine_.ny + row] = wave_[std::size_t(row) * fine_.nx + fine_column];
      }
    }
    columns_.execute(block_.data());
    for (int row = 0; row < grid_.ny; ++row) {
      const int fine_row = row < (grid_.ny + 1) / 2 ? row : row + fine_.ny - grid_.ny;
      for (int i = 0; i < count; ++i) {
        const std::size_t place = std::size_t(row) * grid_.nx + first + i;
        result[place] = block_[std::size_t(i) * fine_.ny + fine_row] * limits_[place];
      }
    }
  }

  static constexpr int columns_together = 8;

  WaveGrid fine_, grid_;
  float sigma_;
  SlicePotential potential_;
  AlignedArray<Complex> wave_, block_;
  std::vector<float> limits_;
  FftPlan rows_, columns_, backward_;
};

PeriodicCell finer(const PeriodicCell& cell, int times) {
  const WaveGrid& grid = cell.grid;
  return {cell.origin, {grid.ny * times, grid.nx * times, grid.pitch_y_A / times, grid.pitch_x_A / times, grid.band}};
}

void limit_band(const WaveGrid& grid, const FftPlan& forward, const FftPlan& backward, AlignedArray<Complex>& wave) {
  forward.execute(wave.data());
  for (int row = 0; row < grid.ny; ++row) {
    for (int column = 0; column < grid.nx; ++column) {
      const double limit = grid.band_limit(grid.kx(column), grid.ky(row)) / double(grid.size());
      wave[std::size_t(row) * grid.nx + column] *= float(limit);
    }
  }
  backward.execute(wave.data());
}

void require_even(const WaveGrid& grid) {
  if (grid.nx < 2 || grid.ny < 2 || grid.nx % 2 != 0 || grid.ny % 2 != 0) {
    fail("a wave of {} x {} pixels cannot be propagated; both sides must be even", grid.ny, grid.nx);
  }
}

void warn_of_range(const WaveGrid& grid, Parametrization parametrization) {
  const double end = largest_valid_q(parametrization);
  if (grid.band_end() > 1.001 * end) {
    warn("the grid reaches {:.1f} 1/A and the '{}' factors are good to {} 1/A; for larger angles use lobato",
         grid.band_end(), parametrization_name(parametrization), end);
  }
}

// Plain factors, and blurred or absorptive ones where they apply.
struct FactorChoice {
  std::unique_ptr<SliceFactors> plain, smooth;
  const SliceFactors& of(const SliceContent& content) const {
    return smooth && (!plain || !overlapping(content.atoms)) ? *smooth : *plain;
  }
};

FactorChoice choose_factors(const Structure& structure, const WaveGrid& fine, const WaveGrid& grid,
                            const TransmissionOptions& options, const std::vector<const SliceContent*>& slices) {
  FactorChoice choice;
  if (options.thermal.absorptive()) {
    choice.smooth = std::make_unique<SliceFactors>(absorptive_factors(structure, fine, options));
    return choice;
  }
  const bool blurred = options.oversampling > 1 && options.projection == Projection::infinite;
  const auto crowded = [](const SliceContent* content) { return overlapping(content->atoms); };
  if (blurred) choice.smooth = std::make_unique<SliceFactors>(blurred_factors(structure, fine, grid, options));
  if (!blurred || std::any_of(slices.begin(), slices.end(), crowded)) {
    choice.plain = std::make_unique<SliceFactors>(plain_factors(structure, fine, options));
  }
  return choice;
}

}  // namespace

TransmissionStack::TransmissionStack(const Structure& structure, const PeriodicCell& cell,
                                     const TransmissionOptions& options)
    : grid_(cell.grid) {
  require_even(grid_);
  warn_of_range(grid_, options.parametrization);
  auto content = slice_contents(structure, cell, options.slice_A, options.projection, options.parametrization);
  if (content.empty()) content[0];
  std::vector<const SliceContent*> slices;
  for (const auto& [index, slice] : content) {
    indices_.push_back(index);
    slices.push_back(&slice);
  }
  const auto memory = estimate_stack_memory(structure, grid_, indices_.size(), options.oversampling);
  require_stack_memory(memory, options.memory_limit_GB, grid_, indices_.size());
  const PeriodicCell fine = finer(cell, options.oversampling);
  const FactorChoice factors = choose_factors(structure, fine.grid, grid_, options, slices);
  const double sigma = interaction_constant(options.energy_keV);
  slices_.resize(indices_.size());
  std::vector<std::map<const SliceFactors*, std::unique_ptr<TransmissionMaker>>> makers(thread_count());
  parallel_for(std::int64_t(indices_.size()), [&](std::int64_t i, int worker) {
    const SliceFactors& chosen = factors.of(*slices[i]);
    auto& maker = makers[std::size_t(worker)][&chosen];
    if (!maker) maker = std::make_unique<TransmissionMaker>(fine, grid_, chosen, sigma);
    slices_[i] = std::make_shared<const AlignedArray<Complex>>(maker->make(*slices[i]));
  });
}

TransmissionStack TransmissionStack::from_potentials(const WaveGrid& grid,
                                                     const std::vector<std::vector<float>>& potentials,
                                                     double energy_keV, bool band_limited) {
  require_even(grid);
  if (potentials.empty()) fail("no slice's potential is given");
  require_stack_memory(estimate_stack_memory(Structure{}, grid, potentials.size(), 1), 0, grid, potentials.size());
  TransmissionStack stack;
  stack.grid_ = grid;
  const auto forward = FftPlan::plane(grid.ny, grid.nx, FftSign::forward);
  const auto backward = FftPlan::plane(grid.ny, grid.nx, FftSign::backward);
  AlignedArray<float> potential(grid.size());
  for (const auto& given : potentials) {
    const int index = int(stack.slices_.size());
    if (given.size() != grid.size()) {
      fail("the potential of slice {} has {} values and the grid of {} x {} pixels {}", index, given.size(), grid.ny,
           grid.nx, grid.size());
    }
    if (!std::all_of(given.begin(), given.end(), [](float value) { return std::isfinite(value); })) {
      fail("the potential of slice {} holds what is no finite number", index);
    }
    std::copy(given.begin(), given.end(), potential.data());
    AlignedArray<Complex> wave(grid.size());
    expose(potential, float(interaction_constant(energy_keV)), wave);
    if (band_limited) limit_band(grid, forward, backward, wave);
    stack.indices_.push_back(index);
    stack.slices_.push_back(std::make_shared<const AlignedArray<Complex>>(std::move(wave)));
  }
  return stack;
}

}  // namespace colonnade
