// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/defects/strain.h"

#include <cmath>
#include <optional>

#include "colonnade/core/error.h"
#include "colonnade/structures/defects/record.h"
#include "colonnade/structures/xyz_comment.h"

namespace colonnade {
namespace {

constexpr double largest_stretch = 0.5;

struct Entry {
  std::size_t row = 0, column = 0;
  double value = 0;
};

std::optional<std::size_t> axis_of(char letter) {
  if (letter < 'x' || letter > 'z') return std::nullopt;
  return std::size_t(letter - 'x');
}

/// "PREFIXxy=0.01".
std::optional<Entry> entry_of(const std::string& text, const std::string& prefix) {
  const auto equals = text.find('=');
  if (equals != prefix.size() + 2 || !text.starts_with(prefix)) return std::nullopt;
  const auto row = axis_of(text[prefix.size()]), column = axis_of(text[prefix.size() + 1]);
  const auto value = parse_number<double>(text.substr(equals + 1));
  if (!row || !column || !value || !std::isfinite(*value)) return std::nullopt;
  return Entry{*row, *column, *value};
}

Matrix3 stress_from(const std::vector<std::string>& texts) {
  Matrix3 stress{};
  for (const std::string& text : texts) {
    const auto entry = entry_of(text, "");
    if (!entry) fail("stress '{}' is not understood; write xx=1 or xy=0.2, in GPa", text);
    stress[entry->row][entry->column] = stress[entry->column][entry->row] = entry->value;
  }
  return stress;
}

Matrix3 gradient_from(const std::vector<std::string>& texts) {
  Matrix3 gradient{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  for (const std::string& text : texts) {
    if (const auto strain = entry_of(text, "e")) {
      const bool normal = strain->row == strain->column;
      gradient[strain->row][strain->column] = gradient[strain->column][strain->row] = strain->value + (normal ? 1 : 0);
    } else if (const auto place = entry_of(text, "F")) {
      gradient[place->row][place->column] = place->value;
    } else {
      fail("strain '{}' is not understood; write exx=0.02, exy=0.01 (tensor shear) or Fxy=0.02 (a place of F)", text);
    }
  }
  return gradient;
}

}  // namespace

void StrainOptions::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section.empty() ? "" : section + ".";
  table.add(prefix + "strain", &strain, "",
            "Strain, e.g. exx=0.02,exy=0.01 (tensor shear), or places of F, e.g. Fxy=0.02");
  table.add(prefix + "stress", &stress, "GPa", "Stress in place of a strain, e.g. xx=1,xy=0.2; by Hooke's law");
  table.add(prefix + "stress_axes", &stress_axes, "", "Of the stress: crystal (its cell's) or specimen (the box's)");
  table.add(prefix + "elastic", &elastic_GPa, "GPa", "C11,C12,C44 or C11,C12,C13,C33,C44; empty: of the table");
}

void StrainOptions::check() const {
  if (!strain.empty() && !stress.empty()) fail("both a strain and a stress are given; give one of --strain, --stress");
  if (stress_axes != "crystal" && stress_axes != "specimen") {
    fail("stress axes '{}' are unknown; use crystal or specimen", stress_axes);
  }
  stress_from(stress);
  gradient_from(strain);
}

Matrix3 strain_of_stress(const Voigt66& stiffness, const Matrix3& stress_GPa) {
  return strain_tensor(multiply(inverse_of(stiffness), stress_vector(stress_GPa)));
}

Matrix3 stress_of_strain(const Voigt66& stiffness, const Matrix3& strain) {
  return stress_tensor(multiply(stiffness, strain_vector(strain)));
}

Matrix3 deformation_of(const StrainOptions& options, const Structure& crystal, const Matrix3& rotation) {
  options.check();
  if (options.stress.empty()) return gradient_from(options.strain);
  const Matrix3 stress = stress_from(options.stress);
  const Voigt66 stiffness = stiffness_of(crystal, options.elastic_GPa);
  Matrix3 strain{};
  if (options.stress_axes == "specimen") {
    strain = strain_of_stress(turned(stiffness, rotation), stress);
  } else {
    strain = multiply(multiply(rotation, strain_of_stress(stiffness, stress)), transposed(rotation));
  }
  for (std::size_t k = 0; k < 3; ++k) strain[k][k] += 1;
  return strain;
}

void deform(Structure& structure, const Matrix3& gradient) {
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      const double off = gradient[i][j] - (i == j ? 1 : 0);
      if (!(std::abs(off) <= largest_stretch)) {
        fail("a strain of {:.3g} is beyond {}, where no crystal holds; give less", off, largest_stretch);
      }
    }
  }
  if (!(determinant(gradient) > 0))
    fail("this deformation turns the specimen inside out (det F <= 0); give less strain");
  for (Atom& atom : structure.atoms) {
    Position& p = atom.position;
    const Vector3 moved = multiply(gradient, Vector3{p.x, p.y, p.z});
    p = {moved[0], moved[1], moved[2]};
  }
  for (Vector3& row : structure.cell) row = multiply(gradient, row);
  record_defect(structure, {{"kind", "strain"}, {"deformation_gradient", gradient}});
}

}  // namespace colonnade
