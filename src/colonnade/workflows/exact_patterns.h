// SPDX-License-Identifier: GPL-3.0-or-later
// Patterns that classifiers are judged with: kinematical sums over every atom of a specimen with its defects
// (simulate/diffraction/atom_sum.h), 40 x 30 x 20 cells of Al or as much of another crystal, on a camera.
#pragma once

#include <string>
#include <vector>

#include "colonnade/workflows/pattern_drawing.h"

namespace colonnade {

/// What a specimen is like; "clean", "100 K" and so on.
struct SpecimenCase {
  std::string name;
  DefectClass defects = DefectClass::none;
  /// thermal: sigma per axis, Angstrom; point: the share of atoms taken out (vacancies) or replaced; strain: the
  /// largest component.
  double amount = 0;
  bool replaced = false;  ///< point defects: other atoms in the place of vacancies
};
/// Clean; 100 and 300 K (0.067 and 0.100 A, as Al trembles); vacancies and impurities of 2 %; strain up to 1, 3 and 5
/// %; twin; dislocations.
const std::vector<SpecimenCase>& specimen_cases();

/// Whether the defect is defined for the crystal: dislocations for fcc and bcc lattices, twins for cubic crystals.
bool can_have(const PatternMaterial& material, DefectClass defects);

/// The specimen, the zone along +z.
Structure exact_specimen(const PatternMaterial& material, const SpecimenCase& specimen, const PatternView& view,
                         Random& random);
/// The recorded pattern, electrons, recorded_side_px x recorded_side_px.
std::vector<float> exact_pattern(const PatternMaterial& material, const SpecimenCase& specimen, const PatternView& view,
                                 Random& random);

}  // namespace colonnade
