// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/projected_lattice.h"

#include <cmath>
#include <gmock/gmock.h>

#include "colonnade/core/test_errors.h"
#include "colonnade/structures/known_crystals.h"

namespace colonnade {
namespace {

double length(const std::array<double, 2>& v) { return std::hypot(v[0], v[1]); }
double angle_deg(const ProjectedLattice& lattice) {
  const double along = lattice.a[0] * lattice.b[0] + lattice.a[1] * lattice.b[1];
  return std::acos(along / length(lattice.a) / length(lattice.b)) * 180 / M_PI;
}

struct Expected {
  const char *crystal, *zone;
  double a, b, angle;  ///< of the finest lattice, by hand
  std::size_t columns;
};

TEST(ProjectedLattice, AgreesWithGeometryByHand) {
  const double s = 3.905, si = 5.4310, pt = 3.9236, fe = 2.8665;
  for (const Expected& e : {Expected{"SrTiO3", "001", s, s, 90, 4},                   // Sr, Ti-O, two O
                            Expected{"SrTiO3", "110", s / std::sqrt(2.0), s, 90, 3},  // Sr-O, Ti, O
                            Expected{"Si", "001", si / std::sqrt(8.0), si / std::sqrt(8.0), 90, 1},
                            // Dumbbells: the fcc lattice along [110], two columns in its cell.
                            Expected{"Si", "110", si * std::sqrt(0.375), si * std::sqrt(0.375), 70.5288, 2},
                            Expected{"Pt", "110", pt * std::sqrt(0.375), pt * std::sqrt(0.375), 70.5288, 1},
                            Expected{"Pt", "001", pt / 2, pt / 2, 90, 1},
                            Expected{"Pt", "111", pt / std::sqrt(6.0), pt / std::sqrt(6.0), 60, 1},
                            Expected{"Fe", "001", fe / std::sqrt(2.0), fe / std::sqrt(2.0), 90, 1},
                            Expected{"3.9,4.1,7", "001", 3.9, 4.1, 90, 1}}) {
    const ProjectedLattice lattice = projected_lattice(crystal_from(e.crystal), parse_zone_axis(e.zone));
    EXPECT_NEAR(length(lattice.a), e.a, 1e-6) << e.crystal << e.zone;
    EXPECT_NEAR(length(lattice.b), e.b, 1e-6) << e.crystal << e.zone;
    const double angle = angle_deg(lattice);
    EXPECT_NEAR(std::min(angle, 180 - angle), e.angle, 1e-3) << e.crystal << e.zone;
    EXPECT_EQ(lattice.columns.size(), e.columns) << e.crystal << e.zone;
  }
}

TEST(ProjectedLattice, ColumnsHoldTheAtomsOfTheCell) {
  const auto lattice = projected_lattice(crystal_from("SrTiO3"), parse_zone_axis("001"));
  std::map<int, double> atoms;
  for (const auto& column : lattice.columns) {
    for (const auto& [number, density] : column.atoms) atoms[number] += density;
  }
  EXPECT_NEAR(atoms[38], 1 / 3.905, 1e-9);
  EXPECT_NEAR(atoms[22], 1 / 3.905, 1e-9);
  EXPECT_NEAR(atoms[8], 3 / 3.905, 1e-9);
}

TEST(KnownCrystals, DensitiesAreThoseOfHandbooks) {
  // g/cm^3: an independent check of cells and places.
  struct Density {
    const char* name;
    double cell_mass_u, density;
  };
  for (const Density& d :
       {Density{"SrTiO3", 183.49, 5.12}, Density{"CeO2", 4 * 172.115, 7.22}, Density{"Ti", 2 * 47.867, 4.51},
        Density{"MgO", 4 * 40.304, 3.58}, Density{"GaAs", 4 * 144.645, 5.32}, Density{"Au", 4 * 196.967, 19.3},
        Density{"W", 2 * 183.84, 19.25}, Density{"Si", 8 * 28.0855, 2.33}}) {
    const Structure crystal = crystal_from(d.name);
    const auto& c = crystal.cell;
    const double volume = c[0][0] * (c[1][1] * c[2][2] - c[1][2] * c[2][1]) -
                          c[0][1] * (c[1][0] * c[2][2] - c[1][2] * c[2][0]) +
                          c[0][2] * (c[1][0] * c[2][1] - c[1][1] * c[2][0]);
    EXPECT_NEAR(d.cell_mass_u * 1.66054 / volume / d.density, 1, 0.01) << d.name;
  }
}

TEST(KnownCrystals, WhatIsNotKnownIsRefusedWithTheNearest) {
  EXPECT_THAT(message_of([] { crystal_from("SrTi03"); }), testing::HasSubstr("did you mean SrTiO3"));
  EXPECT_THAT(message_of([] { crystal_from("0.3905"); }), testing::HasSubstr("Angstrom"));
  EXPECT_EQ(crystal_from("fcc:3.92").atoms.size(), 4U);
  for (const std::string& name : known_crystal_names()) EXPECT_FALSE(crystal_from(name).atoms.empty()) << name;
}

}  // namespace
}  // namespace colonnade
