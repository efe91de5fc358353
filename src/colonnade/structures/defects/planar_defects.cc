// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/defects/planar_defects.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "colonnade/core/error.h"
#include "colonnade/structures/defects/oriented_cell.h"
#include "colonnade/structures/defects/record.h"
#include "colonnade/structures/defects/shortest_distance.h"
#include "colonnade/structures/neighbours.h"

namespace colonnade {
namespace {

constexpr double same_height_A = 0.01;
constexpr int fewest_layers = 4;

/// The crystal as a pile of lattice planes, turned: x along the normal.
struct Pile {
  Structure layer;       ///< the atoms of one lattice plane's repeat; cell rows: stacking, second (y), first (z)
  double spacing_A = 0;  ///< of the lattice planes
  Matrix3 rotation{};
};

Pile pile_of(const Structure& crystal, const Miller& plane) {
  const PlaneCell cell = plane_cell(crystal, plane);
  Matrix3 rows{cell.stacking, cell.second, cell.first};
  Pile pile{with_vectors(crystal, rows), cell.spacing_A, cell.rotation};
  rotate(pile.layer, cell.rotation);
  // Heights within one spacing, for the layers of the pile to follow each other.
  for (Atom& atom : pile.layer.atoms) {
    Position& p = atom.position;
    const double n = std::floor(p.x / pile.spacing_A + 1e-6);
    const Vector3 back = scaled(pile.layer.cell[0], -n);
    p = {p.x + back[0], p.y + back[1], p.z + back[2]};
  }
  return pile;
}

/// How often the layer repeats along y and z to come near the size.
std::array<int, 2> repeats_across(const Pile& pile, const Vector3& size_A, const std::string& what) {
  const auto& cell = pile.layer.cell;
  const double wide = std::abs(cell[1][1]), deep = length(cell[2]);
  for (const auto& [room, one] : {std::pair{size_A[1], wide}, {size_A[2], deep}}) {
    if (room < one / 2) {
      fail(
          "{} needs a larger cell: one repeat in the plane is {:.2f} A along y and {:.2f} A along z, and the specimen "
          "{:.2f} x {:.2f} A; give a larger --size",
          what, wide, deep, size_A[1], size_A[2]);
    }
  }
  return {std::max(1, int(std::lround(size_A[1] / wide))), std::max(1, int(std::lround(size_A[2] / deep)))};
}

int layers_along(const Pile& pile, double room_A, int needed, const std::string& what) {
  const int layers = int(std::lround(room_A / pile.spacing_A));
  if (layers < needed) {
    fail(
        "{} needs a larger cell: {} planes of {:.3f} A, {:.1f} A in all, and the specimen has {:.1f} A across them; "
        "give "
        "a larger --size",
        what, needed, pile.spacing_A, needed * pile.spacing_A, room_A);
  }
  return layers;
}

Atom shifted(Atom atom, const Vector3& by) {
  atom.position.x += by[0];
  atom.position.y += by[1];
  atom.position.z += by[2];
  return atom;
}

/// Atoms of the pile's one repeat in the plane with low <= x < high (to rounding).
std::vector<Atom> atoms_between(const Pile& pile, double low, double high) {
  std::vector<Atom> atoms;
  const int first = int(std::floor(low / pile.spacing_A)) - 1, last = int(std::ceil(high / pile.spacing_A)) + 1;
  for (int n = first; n <= last; ++n) {
    for (const Atom& atom : pile.layer.atoms) {
      const Atom placed = shifted(atom, scaled(pile.layer.cell[0], n));
      const double x = placed.position.x;
      if (x >= low - same_height_A && x < high - same_height_A) atoms.push_back(placed);
    }
  }
  return atoms;
}

/// Heights from 0 to one spacing where a cut can lie: at the atoms (where asked), and half way between.
std::vector<double> cuts_of(const Pile& pile, bool through_atoms) {
  std::vector<double> heights;
  for (const Atom& atom : pile.layer.atoms) heights.push_back(atom.position.x);
  std::sort(heights.begin(), heights.end());
  heights.erase(std::unique(heights.begin(), heights.end(), [](double a, double b) { return b - a < same_height_A; }),
                heights.end());
  std::vector<double> cuts = through_atoms ? heights : std::vector<double>();
  for (std::size_t i = 0; i < heights.size(); ++i) {
    const double next = i + 1 < heights.size() ? heights[i + 1] : heights.front() + pile.spacing_A;
    cuts.push_back((heights[i] + next) / 2);
  }
  return cuts;
}

/// Brings the atoms into the cell and repeats them along its second and third vector.
Structure finished(Structure repeat_in_plane, const std::array<int, 2>& across) {
  const Matrix3 planes = reciprocal(repeat_in_plane.cell);
  for (Atom& atom : repeat_in_plane.atoms) {
    Position& p = atom.position;
    Vector3 f = multiply(planes, Vector3{p.x, p.y, p.z});
    for (double& part : f) part -= std::floor(part + 1e-7);
    const Vector3 at = combine(f, repeat_in_plane.cell);
    p = {at[0], at[1], at[2]};
  }
  return repeat(repeat_in_plane, {1, across[0], across[1]});
}

/// Lamellae of `layers` planes each, crystal and mirror image in turn, one repeat in the plane; mirrors at `cut`.
Structure lamellae(const Pile& pile, int count, int layers, double cut) {
  Structure specimen;
  specimen.periodic = {true, true, true};
  const double thickness = layers * pile.spacing_A;
  specimen.cell = {Vector3{count * thickness, 0, 0}, pile.layer.cell[1], pile.layer.cell[2]};
  // The crystal from the first mirror to the second; its image in the second has the first's place two thicknesses on.
  // A plane of atoms in a mirror belongs to both sides and is counted once.
  for (const Atom& atom : atoms_between(pile, cut, cut + thickness + 2 * same_height_A)) {
    const double x = atom.position.x - cut;
    for (int pair = 0; pair < count / 2; ++pair) {
      const double start = 2 * pair * thickness;
      Atom placed = atom;
      placed.position.x = start + x;
      specimen.atoms.push_back(placed);
      const bool in_mirror = std::abs(x) < same_height_A || std::abs(x - thickness) < same_height_A;
      if (in_mirror) continue;
      placed.position.x = start + 2 * thickness - x;
      specimen.atoms.push_back(placed);
    }
  }
  return specimen;
}

Miller plane_from(const std::string& text) {
  try {
    return parse_zone_axis(text);
  } catch (const Error&) {
    fail("plane '{}' is not understood; write three indices, e.g. 111, 1-11 or 1,-1,1", text);
  }
}

Vector3 partial_of(const Miller& plane, const Structure& crystal) {
  const Vector3 shift{plane[0] / 6.0, plane[1] / 6.0, -2.0 * plane[2] / 6.0};
  return combine(shift, crystal.cell);
}

/// Where the faults lie and how far each shifts what is above it.
struct Faults {
  double cut = 0;
  Vector3 shift{};
};

/// `layers` planes with faults above planes spaced evenly, one repeat in the plane.
Structure pile_with_faults(const Pile& pile, int layers, const Faults& faults, int count, int steps) {
  Structure specimen;
  specimen.periodic = {true, true, true};
  int done = 0;
  for (int n = 0; n < layers; ++n) {
    // The fault k lies half way through the k-th part of the pile, its second step one plane on.
    for (int k = 0; k < count; ++k) {
      const int at = int((2LL * k + 1) * layers / (2LL * count));
      done += n == at || (steps == 2 && n == at + 1) ? 1 : 0;
    }
    for (const Atom& atom :
         atoms_between(pile, faults.cut + n * pile.spacing_A, faults.cut + (n + 1) * pile.spacing_A)) {
      specimen.atoms.push_back(shifted(atom, scaled(faults.shift, done)));
    }
  }
  Vector3 up = scaled(pile.layer.cell[0], layers);
  for (std::size_t k = 0; k < 3; ++k) up[k] += done * faults.shift[k];
  // As upright as the lattice allows.
  const auto& cell = pile.layer.cell;
  for (const std::size_t row : {std::size_t(1), std::size_t(2)}) {
    const double n = std::round(up[row] / cell[row][row]);
    for (std::size_t k = 0; k < 3; ++k) up[k] -= n * cell[row][k];
  }
  specimen.cell = {up, cell[1], cell[2]};
  return specimen;
}

/// How well a structure's atoms sit: how far apart the nearest are, then how many bonds they have.
struct Fit {
  double apart_A = -1;
  std::size_t bonds = 0;

  static Fit of(const Structure& specimen) {
    Fit fit{shortest_distance(specimen), 0};
    const NeighbourList list(specimen, 1.1 * fit.apart_A);
    for (std::size_t i = 0; i < list.size(); ++i) fit.bonds += list.of(i).size();
    return fit;
  }
  bool beats(const Fit& other) const {
    if (std::abs(apart_A - other.apart_A) > 1e-3) return apart_A > other.apart_A;
    return bonds > other.bonds;
  }
};

/// The cut and the sense of the shift that fit best.
Faults best_fault(const Pile& pile, const Vector3& shift, int steps) {
  Faults best;
  Fit fit;
  for (const double cut : cuts_of(pile, false)) {
    for (const double sense : {1.0, -1.0}) {
      const Faults faults{cut, scaled(shift, sense)};
      const Fit own = Fit::of(pile_with_faults(pile, 9, faults, 1, steps));
      if (!own.beats(fit)) continue;
      fit = own;
      best = faults;
    }
  }
  return best;
}

}  // namespace

void PlanarDefectOptions::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section.empty() ? "" : section + ".";
  table.add(prefix + "twin", &twin, "", "Twins by mirror in this plane, e.g. 111 of fcc, 112 of bcc; empty: none");
  table.add(prefix + "lamella", &lamella_nm, "nm", "Thickness of the twins' lamellae; 0: two halves");
  table.add(prefix + "fault", &fault, "", "Stacking faults on this plane of an fcc crystal, e.g. 111; empty: none");
  table.add(prefix + "fault_kind", &fault_kind, "", "intrinsic (a/6<112> at one plane) or extrinsic (at two)");
  table.add(prefix + "faults", &faults, "", "How many stacking faults, evenly spaced");
}

void PlanarDefectOptions::check() const {
  if (!twin.empty() && !fault.empty()) fail("twins and stacking faults are made one at a time; give --twin or --fault");
  if (!twin.empty()) plane_from(twin);
  if (!fault.empty()) plane_from(fault);
  if (fault_kind != "intrinsic" && fault_kind != "extrinsic") {
    fail("fault kind '{}' is unknown; use intrinsic or extrinsic", fault_kind);
  }
  if (!(lamella_nm >= 0 && lamella_nm <= 1e4)) fail("lamellae of {} nm are not possible; give 0 or more", lamella_nm);
  if (faults < 1 || faults > 10000) fail("{} stacking faults are not possible; give 1 or more", faults);
}

Structure make_twinned(const Structure& crystal, const Vector3& size_A, const PlanarDefectOptions& options) {
  options.check();
  const std::string what = fmt::format("a twin on ({})", options.twin);
  const Pile pile = pile_of(crystal, plane_from(options.twin));
  const auto across = repeats_across(pile, size_A, what);
  const int all = layers_along(pile, size_A[0], 2 * fewest_layers, what);
  const double lamella_A = options.lamella_nm * 10;
  const int half = all / 2;
  const int layers = lamella_A > 0 ? int(std::lround(lamella_A / pile.spacing_A)) : half;
  if (layers < 1 || 2 * layers > all) {
    fail(
        "lamellae of {} nm do not fit: planes are {:.4f} nm apart and the specimen has {:.2f} nm across them; give "
        "from "
        "{:.3f} to {:.3f}",
        options.lamella_nm, pile.spacing_A / 10, size_A[0] / 10, pile.spacing_A / 10, half * pile.spacing_A / 10);
  }
  const int count = 2 * std::max(1, int(std::lround(double(all) / (2 * layers))));
  double best_cut = 0;
  Fit fit;
  for (const double cut : cuts_of(pile, true)) {
    const Fit own = Fit::of(lamellae(pile, 2, std::max(layers, fewest_layers), cut));
    if (!own.beats(fit)) continue;
    fit = own;
    best_cut = cut;
  }
  Structure specimen = finished(lamellae(pile, count, layers, best_cut), across);
  specimen.metadata = crystal.metadata;
  record_defect(specimen, {{"kind", "twins"},
                           {"plane", options.twin},
                           {"lamellae", count},
                           {"lamella_A", layers * pile.spacing_A},
                           {"shortest_distance_A", fit.apart_A},
                           {"crystal_to_specimen", pile.rotation}});
  return specimen;
}

Structure make_faulted(const Structure& crystal, const Vector3& size_A, const PlanarDefectOptions& options) {
  options.check();
  const Miller plane = plane_from(options.fault);
  const bool octahedral = std::abs(plane[0]) == 1 && std::abs(plane[1]) == 1 && std::abs(plane[2]) == 1;
  if (cubic_lattice(crystal) != "fcc" || !octahedral) {
    fail("stacking faults are made on the {{111}} planes of fcc crystals, not on ({}) of this one", options.fault);
  }
  const std::string what = fmt::format("a stacking fault on ({})", options.fault);
  const Pile pile = pile_of(crystal, plane);
  const auto across = repeats_across(pile, size_A, what);
  const int layers = layers_along(pile, size_A[0], options.faults * 2 * fewest_layers, what);
  const int steps = options.fault_kind == "extrinsic" ? 2 : 1;
  const Faults faults = best_fault(pile, multiply(pile.rotation, partial_of(plane, crystal)), steps);
  Structure specimen = finished(pile_with_faults(pile, layers, faults, options.faults, steps), across);
  specimen.metadata = crystal.metadata;
  record_defect(specimen, {{"kind", "stacking faults"},
                           {"fault", options.fault_kind},
                           {"plane", options.fault},
                           {"count", options.faults},
                           {"shift_A", faults.shift},
                           {"crystal_to_specimen", pile.rotation}});
  return specimen;
}

}  // namespace colonnade
