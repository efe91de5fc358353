// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/defects/dislocations.h"

#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/structures/defects/elastic_constants.h"
#include "colonnade/structures/defects/oriented_cell.h"
#include "colonnade/structures/defects/record.h"
#include "colonnade/structures/defects/stroh.h"

namespace colonnade {
namespace {

constexpr int fewest_repeats = 8, fewest_layers = 4;

/// How many repeats each half has along x, and all along y and z.
struct Repeats {
  int above = 0, below = 0, high = 0, deep = 0;
  double width_A = 0;
};

double layer_spacing(const Structure& block) {
  std::vector<double> heights;
  for (const Atom& atom : block.atoms) heights.push_back(atom.position.y);
  std::sort(heights.begin(), heights.end());
  int layers = 1;
  for (std::size_t i = 1; i < heights.size(); ++i) layers += heights[i] - heights[i - 1] > 0.3 ? 1 : 0;
  return block.cell[1][1] / layers;
}

Repeats repeats_for(const Structure& block, const Vector3& size_A, int dislocations) {
  Repeats repeats;
  const double b = length(block.cell[0]), h = length(block.cell[1]), d = length(block.cell[2]);
  // The mean of both halves is the width: whole or half repeats.
  repeats.below = int(std::lround(size_A[0] / b - dislocations / 2.0));
  repeats.above = repeats.below + dislocations;
  repeats.high = std::max(1, int(std::lround(size_A[1] / h)));
  repeats.deep = std::max(1, int(std::lround(size_A[2] / d)));
  repeats.width_A = b * (repeats.above + repeats.below) / 2;
  if (repeats.below < dislocations * fewest_repeats) {
    fail(
        "{} dislocations in a specimen {:.0f} A wide leave fewer than {} repeats ({:.1f} A) between them; give a "
        "larger "
        "--size or fewer",
        dislocations, size_A[0], fewest_repeats, fewest_repeats * b);
  }
  const double needed = 2 * fewest_layers * layer_spacing(block);
  if (size_A[1] < needed) {
    fail(
        "a specimen of {:.0f} A has no room for {} layers above and below a dislocation; give {:.0f} A or more as the "
        "second --size",
        size_A[1], fewest_layers, needed);
  }
  return repeats;
}

/// Half way between the two layers that are nearest to the middle of the block's height, of the wider gaps.
double glide_height(const Structure& block, int high) {
  std::vector<double> heights;
  for (const Atom& atom : block.atoms) heights.push_back(atom.position.y);
  std::sort(heights.begin(), heights.end());
  const double period = block.cell[1][1];
  double widest = 0, middle = 0;
  for (std::size_t i = 0; i < heights.size(); ++i) {
    const double next = i + 1 < heights.size() ? heights[i + 1] : heights.front() + period;
    if (next - heights[i] <= widest + 1e-4) continue;
    widest = next - heights[i];
    middle = (next + heights[i]) / 2;
  }
  return middle + period * std::clamp(double(std::lround(high / 2.0 - middle / period)), 0.0, high - 1.0);
}

/// The block with right angles: its vectors lie along x, y and z already, to rounding.
Structure oriented_block(const Structure& crystal, const SlipSystem& system) {
  Structure block = with_vectors(crystal, {system.burgers, system.normal, system.line});
  rotate(block, system.rotation);
  return block;
}

class RowOfDislocations {
 public:
  RowOfDislocations(const Structure& block, const Repeats& repeats, const DislocationOptions& options,
                    const StrohSolution* solution)
      : block_(block), repeats_(repeats), solution_(solution), height_(glide_height(block, repeats.high)) {
    const double b = length(block.cell[0]);
    period_ = repeats.width_A / options.dislocations;
    core_ = options.core_A > 0 ? options.core_A : b / 2;
  }

  void fill(Structure& specimen) const {
    for (const bool above : {false, true}) {
      const int count = above ? repeats_.above : repeats_.below;
      const double stretch = repeats_.width_A / (count * length(block_.cell[0]));
      for (int i = 0; i < count; ++i) {
        for (int j = 0; j < repeats_.high; ++j) add_column(specimen, i, j, above, stretch);
      }
    }
  }

 private:
  void add_column(Structure& specimen, int i, int j, bool above, double stretch) const {
    for (const Atom& atom : block_.atoms) {
      const double y = atom.position.y + j * block_.cell[1][1] - height_;
      if ((y > 0) != above) continue;
      const double x = (atom.position.x + i * block_.cell[0][0]) * stretch;
      const Vector3 u = solution_ == nullptr ? Vector3{} : solution_->row_displacement(x, y, period_, core_);
      // Both halves are in register between the lines, which stand at x = 0 and so on here, half a period on in the
      // box.
      double moved = x + u[0] + period_ / 2;
      moved -= repeats_.width_A * std::floor(moved / repeats_.width_A);
      for (int k = 0; k < repeats_.deep; ++k) {
        const double z = atom.position.z + k * block_.cell[2][2];
        specimen.atoms.push_back({atom.number, {moved, y + height_ + u[1], z + u[2]}});
      }
    }
  }

  const Structure& block_;
  const Repeats& repeats_;
  const StrohSolution* solution_;
  double height_, period_ = 0, core_ = 0;
};

}  // namespace

void DislocationOptions::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section.empty() ? "" : section + ".";
  table.add(prefix + "dislocations", &dislocations, "", "Edge dislocations in a row across the specimen; 0: none");
  table.add(prefix + "dislocation_method", &dislocation_method, "",
            "elastic: displacements of anisotropic elasticity; half_planes: inserted planes, to be relaxed");
  table.add(prefix + "core", &core_A, "A", "Displacements nearer to a line are those at this distance; 0: b/2");
}

void DislocationOptions::check() const {
  if (dislocations < 0 || dislocations > 10000) fail("{} dislocations are not possible; give 0 or more", dislocations);
  if (dislocation_method != "elastic" && dislocation_method != "half_planes") {
    fail("dislocation method '{}' is unknown; use elastic or half_planes", dislocation_method);
  }
  if (!(core_A >= 0 && core_A <= 50)) fail("a core of {} A is outside 0 to 50 A", core_A);
}

SlipSystem slip_system(const Structure& crystal) {
  const std::string lattice = cubic_lattice(crystal);
  SlipSystem system;
  if (lattice == "fcc") {
    system = {{0.5, -0.5, 0}, {1, 1, 1}, {0.5, 0.5, -1}, {}};
  } else if (lattice == "bcc") {
    system = {{0.5, 0.5, 0.5}, {1, -1, 0}, {1, 1, -2}, {}};
  } else {
    fail("edge dislocations are made in fcc and bcc crystals, and this one is neither");
  }
  // Right-handed: x cross y along z.
  if (determinant({system.burgers, system.normal, system.line}) < 0) system.line = scaled(system.line, -1);
  system.rotation = {scaled(system.burgers, 1 / length(system.burgers)),
                     scaled(system.normal, 1 / length(system.normal)), scaled(system.line, 1 / length(system.line))};
  const Matrix3& cell = crystal.cell;
  if (length({cell[0][0] - length(cell[0]), cell[1][1] - length(cell[1]), cell[2][2] - length(cell[2])}) > 1e-4) {
    fail("dislocations need a cubic cell along x, y and z; turn the crystal back");
  }
  return system;
}

Structure make_dislocated(const Structure& crystal, const Vector3& size_A, const DislocationOptions& options,
                          const std::vector<double>& elastic_GPa) {
  options.check();
  if (options.dislocations < 1) fail("no dislocation is asked for; give --dislocations 1 or more");
  const SlipSystem system = slip_system(crystal);
  const Structure block = oriented_block(crystal, system);
  const Repeats repeats = repeats_for(block, size_A, options.dislocations);
  const double b = length(block.cell[0]);
  Structure specimen;
  specimen.metadata = crystal.metadata;
  specimen.cell = {
      {{repeats.width_A, 0, 0}, {0, repeats.high * block.cell[1][1], 0}, {0, 0, repeats.deep * block.cell[2][2]}}};
  specimen.periodic = {true, false, true};
  if (options.dislocation_method == "elastic") {
    const StrohSolution solution(turned(stiffness_of(crystal, elastic_GPa), system.rotation), {b, 0, 0});
    RowOfDislocations(block, repeats, options, &solution).fill(specimen);
  } else {
    RowOfDislocations(block, repeats, options, nullptr).fill(specimen);
  }
  record_defect(specimen, {{"kind", "edge dislocations"},
                           {"count", options.dislocations},
                           {"method", options.dislocation_method},
                           {"burgers_vector_A", b},
                           {"spacing_A", repeats.width_A / options.dislocations},
                           {"crystal_to_specimen", system.rotation}});
  return specimen;
}

}  // namespace colonnade
