// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/specimen.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/core/units.h"
#include "colonnade/structures/crystal.h"
#include "colonnade/structures/structure_file.h"

namespace colonnade {

void SpecimenOptions::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section + ".";
  table.add(prefix + "zone_axis", &zone_axis, "", "Direction of the file's cell along the beam; empty: the cell's z");
  table.add(prefix + "rotation", &rotation_deg, "deg", "Rotation in the image plane, from x towards y");
  table.add(prefix + "repeat", &repeat, "", "Cells along a, b and c");
  table.add(
      prefix + "thickness", &thickness_nm, "nm",
      "Cut a block of this thickness from the file's crystal, which is taken as endless; 0: the atoms as they are");
  table.add(prefix + "width", &width_nm, "nm", "Side of that block; 0: the field of view and a border");
}

void SpecimenOptions::check() const {
  const bool whole =
      std::all_of(repeat.begin(), repeat.end(), [](double n) { return n >= 1 && n <= 10000 && n == std::floor(n); });
  if (repeat.size() != 3 || !whole) fail("--repeat takes three whole numbers of 1 or more, e.g. 4,4,10");
  if (!(thickness_nm >= 0) || !std::isfinite(thickness_nm)) {
    fail("--thickness is {} nm; give the block's thickness along the beam, or 0 for the atoms as they are",
         thickness_nm);
  }
  if (!(width_nm >= 0) || !std::isfinite(width_nm)) fail("--width is {} nm; it must not be negative", width_nm);
  if (width_nm > 0 && thickness_nm == 0) fail("--width is given without --thickness; both make the block that is cut");
}

Structure make_specimen(const std::filesystem::path& file, const SpecimenOptions& options, double block_width_nm) {
  options.check();
  Structure structure = read_structure(file);
  const bool crystal = options.thickness_nm > 0 || options.repeat != std::vector<double>{1, 1, 1};
  if ((crystal || !options.zone_axis.empty()) && !structure.has_cell()) {
    fail("{} has no cell; --zone-axis, --repeat and --thickness need one", file.string());
  }
  if (!options.zone_axis.empty()) {
    rotate(structure, zone_axis_rotation(structure, parse_zone_axis(options.zone_axis)));
  }
  if (options.rotation_deg != 0) rotate(structure, rotation_about_z(options.rotation_deg));
  if (structure.has_cell()) {
    structure = repeat(structure, {int(options.repeat[0]), int(options.repeat[1]), int(options.repeat[2])});
  }
  if (options.thickness_nm > 0) {
    const double width = angstrom_per_nm * (options.width_nm > 0 ? options.width_nm : block_width_nm);
    structure = cut_block(structure, {width, width, angstrom_per_nm * options.thickness_nm});
  }
  return structure;
}

}  // namespace colonnade
