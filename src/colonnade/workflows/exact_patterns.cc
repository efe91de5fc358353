// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/exact_patterns.h"

#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/simulate/diffraction/atom_sum.h"
#include "colonnade/structures/crystal_symmetry.h"
#include "colonnade/structures/defects/dislocations.h"
#include "colonnade/structures/defects/oriented_cell.h"
#include "colonnade/structures/defects/planar_defects.h"
#include "colonnade/structures/defects/strain.h"
#include "colonnade/structures/defects/thermal_displacement.h"

namespace colonnade {

namespace {

constexpr Vector3 specimen_size_A{162, 121.5, 81};  // 40 x 30 x 20 cells of Al
/// Where a crystal's own are not in the table: directions of spots hardly depend on it.
const std::vector<double> usual_cubic_stiffness_GPa{180, 110, 80};

Structure grown(Structure cell, double scale) {
  for (Vector3& vector : cell.cell) vector = scaled(vector, scale);
  for (Atom& atom : cell.atoms)
    atom.position = {atom.position.x * scale, atom.position.y * scale, atom.position.z * scale};
  return cell;
}

Structure block_of(const Structure& cell) {
  std::array<int, 3> times{};
  for (std::size_t k = 0; k < 3; ++k)
    times[k] = std::max(1, int(std::lround(specimen_size_A[k] / length(cell.cell[k]))));
  return repeat(cell, times);
}

constexpr double roomy_cell_A = 12;  // of larger ones a specimen holds one dislocation only

Matrix3 strain_gradient(double largest, Random& random) {
  Matrix3 gradient{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      const double part = random.uniform(-largest, largest) * (i == j ? 1 : 0.5);
      gradient[i][j] += part;
      if (i != j) gradient[j][i] += part;
    }
  return gradient;
}

/// Vacancies in the whole specimen, or atoms of one other element, some 20 atomic numbers away.
void put_point_defects(Structure& specimen, const SpecimenCase& kind, Random& random) {
  const int other = 3 + (specimen.atoms.front().number + 20) % 80;
  std::vector<Atom> kept;
  for (Atom atom : specimen.atoms) {
    const bool chosen = random.uniform() < kind.amount;
    if (chosen && kind.replaced) atom.number = other;
    if (!chosen || kind.replaced) kept.push_back(atom);
  }
  specimen.atoms = std::move(kept);
}

bool is_body_centred(const Structure& cell) { return cubic_lattice(cell) == "bcc"; }

Structure twinned(const Structure& cell) {
  PlanarDefectOptions options;
  options.twin = is_body_centred(cell) ? "112" : "111";
  return make_twinned(cell, specimen_size_A, options);
}

Structure dislocated(const Structure& cell) {
  DislocationOptions options;
  options.dislocations = length(cell.cell[0]) < roomy_cell_A ? 2 : 1;
  const bool known = [&] {
    try {
      stiffness_of(cell);
      return true;
    } catch (const Error&) {
      return false;
    }
  }();
  return make_dislocated(cell, specimen_size_A, options, known ? std::vector<double>{} : usual_cubic_stiffness_GPa);
}

/// From the crystal's frame to the specimen's.
Matrix3 frame_of(const Structure& specimen) {
  const auto& defects = specimen.metadata.contains("defects") ? specimen.metadata["defects"] : nlohmann::json::array();
  for (const auto& defect : defects)
    if (defect.contains("crystal_to_specimen")) return defect["crystal_to_specimen"].get<Matrix3>();
  return {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
}

}  // namespace

const std::vector<SpecimenCase>& specimen_cases() {
  static const std::vector<SpecimenCase> cases{{"clean", DefectClass::none, 0, false},
                                               {"100 K", DefectClass::thermal, 0.067, false},
                                               {"300 K", DefectClass::thermal, 0.100, false},
                                               {"vacancies 2 %", DefectClass::point, 0.02, false},
                                               {"impurities 2 %", DefectClass::point, 0.02, true},
                                               {"strain up to 1 %", DefectClass::strain, 0.01, false},
                                               {"strain up to 3 %", DefectClass::strain, 0.03, false},
                                               {"strain up to 5 %", DefectClass::strain, 0.05, false},
                                               {"twin", DefectClass::twin, 0, false},
                                               {"dislocations", DefectClass::dislocation, 0, false}};
  return cases;
}

bool can_have(const PatternMaterial& material, DefectClass defects) {
  if (defects != DefectClass::twin && defects != DefectClass::dislocation) return true;
  const bool cubic = crystal_system(material.crystal->space_group) == CrystalSystem::cubic;
  if (!cubic || defects == DefectClass::twin) return cubic;
  const std::string lattice = cubic_lattice(to_structure(*material.crystal));
  return lattice == "fcc" || lattice == "bcc";
}

Structure exact_specimen(const PatternMaterial& material, const SpecimenCase& kind, const PatternView& view,
                         Random& random) {
  const Structure cell = grown(to_structure(*material.crystal), view.lattice_scale);
  Structure specimen = kind.defects == DefectClass::twin          ? twinned(cell)
                       : kind.defects == DefectClass::dislocation ? dislocated(cell)
                                                                  : block_of(cell);
  if (kind.defects == DefectClass::point) put_point_defects(specimen, kind, random);
  if (kind.defects == DefectClass::strain) deform(specimen, strain_gradient(kind.amount, random));
  if (kind.defects == DefectClass::thermal) {
    ThermalDisplacementOptions thermal;
    thermal.sigma = {fmt::format("{}", kind.amount)};
    displace(specimen, thermal, random);
  }
  const Matrix3 orientation =
      orientation_matrix(cell, {material.zones[view.zone], view.tilt_x_deg, view.tilt_y_deg, view.in_plane_deg});
  rotate(specimen, multiply(orientation, transposed(frame_of(specimen))));
  return specimen;
}

std::vector<float> exact_pattern(const PatternMaterial& material, const SpecimenCase& kind, const PatternView& view,
                                 Random& random) {
  const Structure specimen = exact_specimen(material, kind, view, random);
  RasterOptions camera = draw_camera(view, random);
  camera.camera.centre_x_px = camera.camera.centre_y_px = 0;
  AtomSumOptions options;
  options.energy_keV = view.energy_keV;
  options.pixels = recorded_side_px;
  options.per_A_per_px = camera.camera.per_A_per_px(view.energy_keV);
  Image pattern = atom_pattern(specimen, options);
  PatternRaster(camera, view.energy_keV).record(random, pattern);
  return std::move(pattern.data);
}

}  // namespace colonnade
