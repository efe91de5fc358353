// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/specimen_check.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/test_errors.h"
#include "colonnade/simulate/multislice_engine.h"

namespace colonnade {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Structure three_atoms() {
  Structure structure;
  structure.atoms = {{78, {1, 1, 1}}, {28, {1, 1, 3}}, {46, {3, 1, 1}}};
  return structure;
}

TEST(SpecimenCheck, NamesTheAtomsConcerned) {
  const auto of = [](const Structure& structure, Parametrization kind = Parametrization::lobato) {
    return message_of([&] { check_specimen(structure, kind); });
  };
  EXPECT_EQ(of(three_atoms()), "no error");
  EXPECT_EQ(of(Structure{}), "no error");
  Structure near = three_atoms();
  near.atoms.push_back({26, {1.2, 1, 2.7}});
  EXPECT_THAT(of(near), AllOf(HasSubstr("atom 2 (Ni)"), HasSubstr("atom 4 (Fe)"), HasSubstr("0.36 A apart")));
  Structure nowhere = three_atoms();
  nowhere.atoms[2].position.y = NAN;
  EXPECT_THAT(of(nowhere), AllOf(HasSubstr("atom 3 (Pd)"), HasSubstr("finite")));
  Structure heavy = three_atoms();
  heavy.atoms[0].number = 100;
  EXPECT_EQ(of(heavy), "no error");
  EXPECT_THAT(of(heavy, Parametrization::peng), AllOf(HasSubstr("atom 1 (Fm)"), HasSubstr("1 to 98")));
  heavy.atoms[0].number = 0;
  EXPECT_THAT(of(heavy), HasSubstr("Z = 0"));
}

TEST(SpecimenCheck, AtomsOutsideTheCell) {
  const PeriodicCell cell{{0, 0, 0}, {40, 50, 0.1, 0.1}};
  const auto of = [&](const Position& position) {
    Structure structure = three_atoms();
    structure.atoms[1].position = position;
    return message_of([&] { check_inside(structure, cell); });
  };
  EXPECT_EQ(of({4.9, 3.9, 100}), "no error");
  EXPECT_EQ(of({0, 0, 0}), "no error");
  for (const Position& out : {Position{5.1, 1, 1}, Position{1, 4.1, 1}, Position{-0.1, 1, 1}, Position{1, 1, -0.1}}) {
    EXPECT_THAT(of(out), AllOf(HasSubstr("atom 2 (Ni)"), HasSubstr("outside the cell"), HasSubstr("x 0.000 to 5.000")));
  }
}

TEST(SpecimenCheck, SamplingTooCoarseForTheProbe) {
  const PeriodicCell coarse{{0, 0, 0}, {32, 32, 0.3, 0.3}};
  Optics optics;
  optics.semiangle_mrad = 30;
  MultisliceOptions options;
  options.window_A = 0;
  EXPECT_THAT(message_of([&] {
                Multislice(Structure{}, coarse, optics, {{"BF", 0, 20}}, options);
              }),
              AllOf(HasSubstr("27.9 mrad"), HasSubstr("30 mrad"), HasSubstr("0.2787 A")));
}

TEST(SpecimenCheck, SlicesNeedAThickness) {
  for (const double thickness : {0.0, -1.0, std::nan("")}) {
    TransmissionOptions options;
    options.slice_A = thickness;
    EXPECT_THAT(message_of([&] {
                  TransmissionStack(three_atoms(), {{0, 0, 0}, {32, 32, 0.2, 0.2}}, options);
                }),
                HasSubstr("slice"));
  }
}

}  // namespace
}  // namespace colonnade
