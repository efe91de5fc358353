// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/cell_parameters.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/random.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/structures/crystal.h"
#include "colonnade/structures/structure_file.h"

namespace colonnade {
namespace {

using ::testing::HasSubstr;

Structure with_cell(const Matrix3& cell) {
  Structure structure;
  structure.cell = cell;
  return structure;
}

TEST(CellParameters, VectorsAndBackOfAnyCell) {
  Random random(5);
  int cells = 0;
  while (cells < 500) {
    const CellParameters cell{2 + 10 * random.uniform(),   2 + 10 * random.uniform(),   2 + 10 * random.uniform(),
                              30 + 120 * random.uniform(), 30 + 120 * random.uniform(), 30 + 120 * random.uniform()};
    Structure structure;
    try {
      structure = with_cell(cell_vectors(cell));
      if (cell_volume_A3(structure) < 1) continue;
    } catch (const Error&) {
      continue;
    }
    ++cells;
    EXPECT_EQ(structure.cell[0][1], 0);
    EXPECT_EQ(structure.cell[1][2], 0);
    EXPECT_GT(determinant(structure.cell), 0);
    rotate(structure, zone_axis_rotation(structure, {1, -2, 3}));
    const CellParameters back = cell_parameters(structure);
    EXPECT_NEAR(back.a_A, cell.a_A, 1e-9);
    EXPECT_NEAR(back.b_A, cell.b_A, 1e-9);
    EXPECT_NEAR(back.c_A, cell.c_A, 1e-9);
    EXPECT_NEAR(back.alpha_deg, cell.alpha_deg, 1e-7);
    EXPECT_NEAR(back.beta_deg, cell.beta_deg, 1e-7);
    EXPECT_NEAR(back.gamma_deg, cell.gamma_deg, 1e-7);
    // The volume by its closed form in the angles.
    const double degree = std::acos(-1.0) / 180;
    const double ca = std::cos(cell.alpha_deg * degree), cb = std::cos(cell.beta_deg * degree),
                 cg = std::cos(cell.gamma_deg * degree);
    const double closed =
        cell.a_A * cell.b_A * cell.c_A * std::sqrt(1 - ca * ca - cb * cb - cg * cg + 2 * ca * cb * cg);
    EXPECT_NEAR(cell_volume_A3(structure), closed, 1e-6 * closed);
  }
}

TEST(CellParameters, AgreeWithTheReaderOfCif) {
  const Structure read = read_cif(
      "data_x\n_cell_length_a 3\n_cell_length_b 4\n_cell_length_c 5\n_cell_angle_alpha 80\n_cell_angle_beta 95\n"
      "_cell_angle_gamma 110\n_space_group_name_H-M_alt 'P 1'\nloop_\n_atom_site_label\n_atom_site_fract_x\n"
      "_atom_site_fract_y\n_atom_site_fract_z\nFe 0 0 0\n",
      "in.cif");
  const Matrix3 ours = cell_vectors({3, 4, 5, 80, 95, 110});
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(ours[i][j], read.cell[i][j], 1e-9);
  }
}

TEST(CellParameters, HexagonalCellsKeepTheirZeros) {
  const Matrix3 cell = cell_vectors({3.2093, 3.2093, 5.2107, 90, 90, 120});
  EXPECT_EQ(cell[2][0], 0);
  EXPECT_EQ(cell[2][1], 0);
  EXPECT_EQ(cell[2][2], 5.2107);
  EXPECT_EQ(cell[1][0], -3.2093 / 2);
}

TEST(CellParameters, ImpossibleOnesAreRefused) {
  const auto error = [](const CellParameters& cell) { return message_of([&] { cell_vectors(cell); }); };
  EXPECT_THAT(error({0, 4, 5, 90, 90, 90}), HasSubstr("edge of 0 A"));
  EXPECT_THAT(error({3, NAN, 5, 90, 90, 90}), HasSubstr("edge of nan A"));
  EXPECT_THAT(error({3, 4, 5, 0, 90, 90}), HasSubstr("no cell has the angles 0, 90, 90"));
  EXPECT_THAT(error({3, 4, 5, 90, 180, 90}), HasSubstr("no cell has the angles"));
  EXPECT_THAT(error({3, 4, 5, 120, 120, 120}), HasSubstr("no cell has the angles"));
  EXPECT_THAT(error({3, 4, 5, 30, 40, 80}), HasSubstr("no cell has the angles"));
  EXPECT_THAT(error({3, 4, 5, 90, NAN, 90}), HasSubstr("no cell has the angles"));
}

TEST(CellParameters, DensityIsThatOfTheHandbook) {
  EXPECT_NEAR(density_g_cm3(cubic_crystal("fcc", "Au", 4.0782)), 19.29, 0.02);
  EXPECT_NEAR(density_g_cm3(cubic_crystal("diamond", "Si", 5.4310)), 2.329, 0.001);
  EXPECT_NEAR(density_g_cm3(cubic_crystal("bcc", "W", 3.1652)), 19.25, 0.02);
  EXPECT_THAT(message_of([] { density_g_cm3({}); }), HasSubstr("no unit cell"));
}

}  // namespace
}  // namespace colonnade
