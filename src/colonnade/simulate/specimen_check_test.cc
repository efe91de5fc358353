// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/specimen_check.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/error.h"
#include "colonnade/simulate/multislice_engine.h"

namespace colonnade {
namespace {

using testing::AllOf;
using testing::HasSubstr;

template <class Work>
std::string complaint(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

Structure three_atoms() {
  Structure structure;
  structure.atoms = {{78, {1, 1, 1}}, {28, {1, 1, 3}}, {46, {3, 1, 1}}};
  return structure;
}

TEST(SpecimenCheck, NamesTheAtomsConcerned) {
  const auto of = [](const Structure& structure, Parametrization kind = Parametrization::lobato) {
    return complaint([&] { check_specimen(structure, kind); });
  };
  EXPECT_EQ(of(three_atoms()), "");
  EXPECT_EQ(of(Structure{}), "");
  Structure near = three_atoms();
  near.atoms.push_back({26, {1.2, 1, 2.7}});
  EXPECT_THAT(of(near), AllOf(HasSubstr("atom 2 (Ni)"), HasSubstr("atom 4 (Fe)"), HasSubstr("0.36 A apart")));
  Structure nowhere = three_atoms();
  nowhere.atoms[2].position.y = NAN;
  EXPECT_THAT(of(nowhere), AllOf(HasSubstr("atom 3 (Pd)"), HasSubstr("finite")));
  Structure heavy = three_atoms();
  heavy.atoms[0].number = 100;
  EXPECT_EQ(of(heavy), "");
  EXPECT_THAT(of(heavy, Parametrization::peng), AllOf(HasSubstr("atom 1 (Fm)"), HasSubstr("1 to 98")));
  heavy.atoms[0].number = 0;
  EXPECT_THAT(of(heavy), HasSubstr("Z = 0"));
}

TEST(SpecimenCheck, AtomsOutsideTheCell) {
  const PeriodicCell cell{{0, 0, 0}, {40, 50, 0.1, 0.1}};
  const auto of = [&](const Position& position) {
    Structure structure = three_atoms();
    structure.atoms[1].position = position;
    return complaint([&] { check_inside(structure, cell); });
  };
  EXPECT_EQ(of({4.9, 3.9, 100}), "");
  EXPECT_EQ(of({0, 0, 0}), "");
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
  EXPECT_THAT(complaint([&] {
                Multislice(Structure{}, coarse, optics, {{"BF", 0, 20}}, options);
              }),
              AllOf(HasSubstr("27.9 mrad"), HasSubstr("30 mrad"), HasSubstr("0.2787 A")));
}

TEST(SpecimenCheck, SlicesNeedAThickness) {
  for (const double thickness : {0.0, -1.0, std::nan("")}) {
    TransmissionOptions options;
    options.slice_A = thickness;
    EXPECT_THAT(complaint([&] {
                  TransmissionStack(three_atoms(), {{0, 0, 0}, {32, 32, 0.2, 0.2}}, options);
                }),
                HasSubstr("slice"));
  }
}

}  // namespace
}  // namespace colonnade
