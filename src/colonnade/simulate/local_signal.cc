// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/local_signal.h"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <memory>
#include <numbers>
#include <set>
#include <unistd.h>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/structures/elements.h"

namespace colonnade {

namespace {

using Complex = std::complex<float>;
using RowMajor = Eigen::Matrix<Complex, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr double dropped_share = 1e-4;
// Gaps shorter than this are kept: a run costs more than a few weights.
constexpr int shortest_gap = 8;

// exp(-2 pi i k r) with the phase k r reduced in double precision.
Complex phase_factor(double turns) {
  return Complex(std::polar(1.0, -2 * std::numbers::pi * (turns - std::round(turns))));
}

// The magnitude below which weights may be dropped, by a histogram of magnitudes, eight bins to an octave.
float threshold_of(const float* map, std::size_t size) {
  constexpr int shift = 20;
  constexpr std::uint32_t infinite = 0x7F800000U >> shift;
  std::array<double, infinite + 1> sums{};
  for (std::size_t i = 0; i < size; ++i) {
    const float magnitude = std::abs(map[i]);
    sums[std::bit_cast<std::uint32_t>(magnitude) >> shift] += magnitude;
  }
  double allowed = 0;
  for (const double sum : sums) allowed += dropped_share * sum;
  std::uint32_t bin = 0;
  for (; bin < infinite && sums[bin] <= allowed; ++bin) allowed -= sums[bin];
  return std::bit_cast<float>(bin << shift);
}

void check_memory(std::size_t needed) {
  const double present = double(sysconf(_SC_PHYS_PAGES)) * double(sysconf(_SC_PAGE_SIZE));
  if (double(needed) > 0.5 * present) {
    fail(
        "the maps of local signals need over {:.1f} GB of memory and this machine has {:.1f} GB; ask for fewer signals "
        "at once, a coarser sampling or thicker slices",
        double(needed) / 1e9, present / 1e9);
  }
}

}  // namespace

void check_local_signals(const std::vector<LocalSignal>& signals) {
  std::set<std::string> names;
  for (const auto& signal : signals) {
    if (signal.name.empty() || !names.insert(signal.name).second) {
      fail("a local signal is called '{}'; give each its own name", signal.name);
    }
    if (signal.kernels.empty()) fail("local signal '{}' has no kernel; give one for each element", signal.name);
    for (const auto& [number, kernel] : signal.kernels) {
      if (find_element(number) == nullptr) fail("local signal '{}' names element {}", signal.name, number);
      if (!kernel || !std::isfinite(kernel(0))) {
        fail("the kernel of local signal '{}' for {} has no finite cross-section at k = 0", signal.name,
             element(number).symbol);
      }
    }
  }
}

/// Makes one slice after another; one for each thread.
class LocalSignalMaps::Maker {
 public:
  using KernelMaps = std::vector<std::map<int, std::vector<float>>>;

  Maker(const PeriodicCell& cell, const KernelMaps& kernels)
      : cell_(cell),
        kernels_(kernels),
        columns_(cell.grid.nx / 2 + 1),
        to_real_(FftPlan::plane_to_real(cell.grid.ny, cell.grid.nx)),
        map_(cell.grid.size()) {}

  Entry make(const std::vector<Atom>& atoms) {
    spectra_.clear();
    for (const auto& kernels : kernels_) {
      for (const auto& [number, kernel] : kernels) add_structure_factor(atoms, number);
    }
    Entry entry;
    std::vector<Run> runs;
    for (int signal = 0; signal < int(kernels_.size()); ++signal) {
      if (compute(signal)) append(signal, entry, runs);
    }
    sort_by_row(runs, entry);
    return entry;
  }

 private:
  void add_structure_factor(const std::vector<Atom>& atoms, int number) {
    if (spectra_.count(number) != 0) return;
    const WaveGrid& grid = cell_.grid;
    std::vector<Position> positions;
    for (const auto& atom : atoms) {
      if (atom.number == number) positions.push_back(atom.position);
    }
    if (positions.empty()) return;
    const auto count = Eigen::Index(positions.size());
    RowMajor phase_y(grid.ny, count), phase_x(count, columns_);
    for (Eigen::Index i = 0; i < count; ++i) {
      const double x = positions[i].x - cell_.origin.x, y = positions[i].y - cell_.origin.y;
      for (int row = 0; row < grid.ny; ++row) phase_y(row, i) = phase_factor(grid.ky(row) * y);
      for (int column = 0; column < columns_; ++column)
        phase_x(i, column) = phase_factor(column / grid.length_x_A() * x);
    }
    spectra_[number].noalias() = phase_y * phase_x;
  }

  // The dense map of one signal; false where no atom of the slice makes it.
  bool compute(int signal) {
    AlignedArray<Complex> spectrum(std::size_t(cell_.grid.ny) * columns_);
    bool any = false;
    for (const auto& [number, kernel] : kernels_[signal]) {
      const auto found = spectra_.find(number);
      if (found == spectra_.end()) continue;
      any = true;
      for (std::size_t i = 0; i < kernel.size(); ++i) spectrum[i] += kernel[i] * found->second.data()[i];
    }
    if (any) to_real_.execute(spectrum.data(), map_.data());
    return any;
  }

  // Appends the map's runs; `first` counts through the whole map until sort_by_row.
  void append(int signal, Entry& entry, std::vector<Run>& runs) {
    const float threshold = threshold_of(map_.data(), map_.size());
    const int nx = cell_.grid.nx;
    const std::size_t begin = entry.weights.size();
    double total = 0, kept = 0;
    for (int y = 0; y < cell_.grid.ny; ++y) {
      const float* row = map_.data() + std::size_t(y) * nx;
      for (int x = 0, end = 0; x < nx; x = end) {
        while (x < nx && std::abs(row[x]) < threshold) total += row[x++];
        if (x == nx) break;
        end = x + 1;
        for (int next = end; next < nx && next - end < shortest_gap; ++next) {
          if (std::abs(row[next]) >= threshold) end = next + 1;
        }
        runs.push_back({signal, y * nx + x, end - x, entry.weights.size()});
        entry.weights.insert(entry.weights.end(), row + x, row + end);
        for (int i = x; i < end; ++i) kept += row[i];
      }
    }
    total += kept;
    if (std::abs(total - kept) > 2 * dropped_share * std::abs(kept)) return;  // a kernel whose sum vanishes
    const float scale = float(total / kept);
    for (std::size_t i = begin; i < entry.weights.size(); ++i) entry.weights[i] *= scale;
  }

  void sort_by_row(std::vector<Run>& runs, Entry& entry) const {
    const int nx = cell_.grid.nx;
    std::stable_sort(runs.begin(), runs.end(),
                     [nx](const Run& a, const Run& b) { return a.first / nx < b.first / nx; });
    entry.row_begin.assign(std::size_t(cell_.grid.ny) + 1, 0);
    for (const Run& run : runs) ++entry.row_begin[std::size_t(run.first / nx) + 1];
    for (std::size_t y = 1; y < entry.row_begin.size(); ++y) entry.row_begin[y] += entry.row_begin[y - 1];
    for (Run& run : runs) run.first %= nx;
    entry.runs.assign(runs.begin(), runs.end());
    entry.weights.shrink_to_fit();
  }

  const PeriodicCell& cell_;
  const KernelMaps& kernels_;
  int columns_;
  FftPlan to_real_;
  AlignedArray<float> map_;
  std::map<int, RowMajor> spectra_;
};

LocalSignalMaps::LocalSignalMaps(const Structure& structure, const PeriodicCell& cell, double slice_A,
                                 const std::vector<int>& slice_indices, const std::vector<LocalSignal>& signals,
                                 const WaveGrid& window)
    : count_(int(signals.size())), cell_columns_(cell.grid.nx) {
  if (signals.empty()) return;
  check_local_signals(signals);
  const WaveGrid& grid = cell.grid;
  const int columns = grid.nx / 2 + 1;
  const double scale = 1 / (grid.length_x_A() * grid.length_y_A()) / double(window.size());
  std::set<int> present;
  for (const auto& atom : structure.atoms) present.insert(atom.number);
  Maker::KernelMaps kernels(signals.size());
  for (std::size_t i = 0; i < signals.size(); ++i) {
    for (const auto& [number, kernel] : signals[i].kernels) {
      if (present.count(number) == 0) continue;
      auto& map = kernels[i][number];
      map.reserve(std::size_t(grid.ny) * columns);
      for (int row = 0; row < grid.ny; ++row) {
        for (int column = 0; column < columns; ++column) {
          const double k = std::hypot(column / grid.length_x_A(), grid.ky(row)), value = kernel(k);
          if (!std::isfinite(value)) fail("the kernel of local signal '{}' is {} at {} 1/A", signals[i].name, value, k);
          map.push_back(float(scale * value));
        }
      }
    }
  }
  const auto atoms = slice_atoms(structure, cell, slice_A);
  entries_.resize(slice_indices.size());
  std::atomic<std::size_t> bytes = 0;
  std::vector<std::unique_ptr<Maker>> makers(thread_count());
  parallel_for(std::int64_t(slice_indices.size()), [&](std::int64_t i, int worker) {
    const auto index = std::size_t(slice_indices[i]);
    if (index >= atoms.size() || atoms[index].empty()) return;
    auto& maker = makers[worker];
    if (!maker) maker = std::make_unique<Maker>(cell, kernels);
    entries_[i] = maker->make(atoms[index]);
    check_memory(bytes += entries_[i].bytes());
  });
}

std::vector<float> LocalSignalMaps::dense(int entry, int signal) const {
  const Entry& slice = entries_[std::size_t(entry)];
  std::vector<float> map;
  for (std::size_t y = 0; y + 1 < slice.row_begin.size(); ++y) {
    for (std::size_t i = slice.row_begin[y]; i < slice.row_begin[y + 1]; ++i) {
      const Run& run = slice.runs[i];
      if (run.signal != signal) continue;
      map.resize((slice.row_begin.size() - 1) * std::size_t(cell_columns_));
      std::copy_n(slice.weights.begin() + std::ptrdiff_t(run.offset), run.length,
                  map.begin() + std::ptrdiff_t(y * std::size_t(cell_columns_)) + run.first);
    }
  }
  return map;
}

void LocalSignalMaps::accumulate(int entry, int y, int left, const Complex* psi, int size, float* intensity,
                                 double* sums) const {
  const Entry& slice = entries_[entry];
  if (slice.runs.empty()) return;
  const std::size_t begin = slice.row_begin[y], end = slice.row_begin[std::size_t(y) + 1];
  if (begin == end) return;
  using Row = Eigen::Map<const Eigen::ArrayXf>;
  for (int i = 0; i < size; ++i) intensity[i] = std::norm(psi[i]);
  for (std::size_t i = begin; i < end; ++i) {
    const Run& run = slice.runs[i];
    // The window's columns, and again where it wraps around the cell's edge.
    for (int corner = left; corner > left - 2 * cell_columns_; corner -= cell_columns_) {
      const int from = std::max(run.first, corner), to = std::min(run.first + run.length, corner + size);
      if (from >= to) continue;
      const float* weights = slice.weights.data() + run.offset + (from - run.first);
      sums[run.signal] += double((Row(weights, to - from) * Row(intensity + (from - corner), to - from)).sum());
    }
  }
}

std::size_t LocalSignalMaps::Entry::bytes() const {
  return row_begin.size() * sizeof(std::size_t) + runs.size() * sizeof(Run) + weights.size() * sizeof(float);
}

std::size_t LocalSignalMaps::bytes() const {
  std::size_t sum = 0;
  for (const Entry& entry : entries_) sum += entry.bytes();
  return sum;
}

}  // namespace colonnade
