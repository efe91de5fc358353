// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/make_defects.h"

#include <chrono>
#include <cmath>
#include <gtest/gtest.h>

#include "colonnade/core/file.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/core/test_folder.h"
#include "colonnade/structures/crystal.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/known_crystals.h"
#include "colonnade/structures/potential_file.h"
#include "colonnade/structures/structure_file.h"

namespace colonnade {
namespace {

DefectOptions small() {
  DefectOptions options;
  options.size = {4, 4, 4};
  return options;
}

std::vector<std::string> kinds_of(const Structure& specimen) {
  std::vector<std::string> kinds;
  for (const auto& entry : specimen.metadata.at("defects")) kinds.push_back(entry.at("kind"));
  return kinds;
}

template <class Set>
std::string refusal(const Set& set, const std::string& crystal = "Al") {
  return message_of([&] {
    DefectOptions options = small();
    set(options);
    make_defects(crystal, options);
  });
}

TEST(MakeDefects, WithoutDefectsIsTheCrystal) {
  const Structure specimen = make_defects("Al", small());
  EXPECT_EQ(specimen.atoms.size(), 256U);
  EXPECT_FALSE(specimen.metadata.contains("defects"));
  EXPECT_EQ(specimen.metadata["made_by"]["command"], "defects");
}

TEST(MakeDefects, OrderIsThatOfThePhysics) {
  DefectOptions options = small();
  options.thermal.sigma = {"0.01"};
  options.strain.stress = {"xx=1"};
  options.points.vacancies = 3;
  options.points.substitute = {"Al:Si:0.05"};
  const Structure specimen = make_defects("Al", options);
  EXPECT_EQ(kinds_of(specimen),
            (std::vector<std::string>{"substitution", "vacancies", "strain", "thermal displacement"}));
  EXPECT_EQ(specimen.atoms.size(), 253U);
  // 1/E along <100> of Al: 63 GPa.
  const double c11 = 106.75, c12 = 60.41, young = (c11 - c12) * (c11 + 2 * c12) / (c11 + c12);
  EXPECT_NEAR(specimen.cell[0][0], 4 * 4.0496 * (1 + 1 / young), 1e-9);
}

TEST(MakeDefects, ASpecimenInAnotherOrientationIsStressedAlongTheCrystalsAxes) {
  DefectOptions options = small();
  options.size = {12, 4, 4};
  options.planar.twin = "111";
  const Structure still = make_defects("Cu", options);
  options.strain.stress = {"zz=2"};
  options.strain.stress_axes = "specimen";
  const Structure pulled = make_defects("Cu", options);
  // z is <110> there: 1/E = s11 - (s11 - s12 - s44/2) / 2.
  const double c11 = 168.3, c12 = 122.1, c44 = 75.7, d = (c11 - c12) * (c11 + 2 * c12);
  const double s11 = (c11 + c12) / d, s12 = -c12 / d;
  EXPECT_NEAR(pulled.cell[2][2] / still.cell[2][2] - 1, 2 * (s11 - 0.5 * (s11 - s12 - 0.5 / c44)), 1e-9);
}

TEST(MakeDefects, SameSeedSameBytesAndParametersThatAreIndependent) {
  DefectOptions options = small();
  options.points.vacancies = 5;
  const std::string one = to_xyz(make_defects("Fe", options));
  EXPECT_EQ(one, to_xyz(make_defects("Fe", options)));
  options.thermal.temperature_K = 300;
  EXPECT_EQ(make_defects("Fe", options).metadata["defects"][0]["places_A"],
            make_defects("Fe",
                         [&] {
                           DefectOptions other = options;
                           other.thermal.temperature_K = -1;
                           return other;
                         }())
                .metadata["defects"][0]["places_A"]);
}

TEST(MakeDefects, TakesPositionsOfAFrame) {
  const TemporaryFolder folder;
  DefectOptions options = small();
  const Structure still = make_defects("Al", options);
  Structure first = still, second = still;
  first.metadata = second.metadata = nlohmann::json::object();
  second.atoms[7].position.z += 0.25;
  const auto path = folder.path() / "frames.xyz";
  write_file(path, to_xyz(first) + to_xyz(second));
  options.positions = path.string();
  options.frame = 2;
  const Structure taken = make_defects("Al", options);
  EXPECT_NEAR(taken.atoms[7].position.z - still.atoms[7].position.z, 0.25, 1e-6);
  options.frame = 3;
  EXPECT_NE(message_of([&] { make_defects("Al", options); }).find("has 2 frames"), std::string::npos);
}

TEST(MakeDefects, RelaxesAroundAVacancy) {
  if (!lammps_available()) GTEST_SKIP() << "the LAMMPS library is not installed";
  if (message_of([] { find_potential("Al_zhou.eam.alloy"); }) != "no error") GTEST_SKIP() << "no potentials";
  DefectOptions options = small();
  options.points.vacancies = 1;
  options.relaxation.relax = {"eam/alloy", "Al_zhou.eam.alloy"};
  const Structure specimen = make_defects("Al", options);
  EXPECT_EQ(kinds_of(specimen), (std::vector<std::string>{"vacancies", "relaxation"}));
  EXPECT_GT(specimen.metadata["defects"][1]["largest_move_A"].get<double>(), 0.02);
}

TEST(MakeDefects, RefusesWhatDoesNotFit) {
  using O = DefectOptions;
  const auto has = [](const std::string& message, const std::string& words) {
    EXPECT_NE(message.find(words), std::string::npos) << message;
  };
  has(refusal([](O& o) { o.size = {4, 4}; }), "give three");
  has(refusal([](O& o) { o.size = {4, 4, 0.5}; }), "whole numbers");
  has(refusal([](O& o) {
        o.planar.twin = "111";
        o.grains.grains = 3;
      }),
      "give one of them");
  has(refusal([](O& o) { o.planar.twin = "111"; }), "needs a larger cell");
  has(refusal([](O& o) {
        o.planar.fault = "111";
        o.size = {2, 4, 4};
      }),
      "needs a larger cell");
  has(refusal([](O& o) { o.dislocations.dislocations = 2; }), "fewer than 8 repeats");
  has(refusal([](O& o) { o.points.vacancies = 256; }), "256 vacancies");
  has(refusal([](O& o) { o.points.interstitial = {"C:1:0/0/0"}; }), "is occupied");
  has(refusal([](O& o) {
        o.size = {12, 4, 4};
        o.planar.twin = "111";
        o.points.interstitial = {"C:1:octahedral"};
      }),
      "have no sites");
  has(refusal([](O& o) { o.strain.stress = {"xx=1"}; }, "BaTiO3"), "no elastic constants");
  has(refusal([](O& o) { o.thermal.temperature_K = 300; }, "MgO"), "no Debye temperature of O");
  has(refusal([](O& o) { o.relaxation.md_temperature_K = 300; }), "needs a potential");
  has(refusal([](O& o) {
        o.relaxation.relax = {"sw", "Si.sw"};
        o.relaxation.md_temperature_K = 300;
        o.thermal.sigma = {"0.06"};
      }),
      "leave out");
}

TEST(MakeDefects, WritesXyzAndCifAndNotOverAFile) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.xyz";
  const Structure made = make_defects("Al", small(), path, false);
  EXPECT_EQ(read_structure(path).atoms.size(), made.atoms.size());
  const auto refused = [&](const std::string& name) {
    return message_of([&] { make_defects("Al", small(), folder.path() / name, false); });
  };
  EXPECT_NE(refused("a.xyz").find("exists"), std::string::npos);
  EXPECT_EQ(refused("a.cif"), "no error");
  const Structure cif = read_structure(folder.path() / "a.cif");
  EXPECT_EQ(cif.atoms.size(), made.atoms.size());
  EXPECT_NEAR(cif.cell[0][0], made.cell[0][0], 1e-6);
  EXPECT_NE(refused("a.txt").find("FILE.xyz"), std::string::npos);
}

/// 96,000 atoms, each defect by itself. The bound is wide enough for a machine that is busy; docs/defects.md has times.
TEST(MakeDefects, NinetySixThousandAtomsTakeSeconds) {
  const auto seconds = [](auto set) {
    DefectOptions options;
    options.size = {40, 30, 20};
    set(options);
    const auto start = std::chrono::steady_clock::now();
    const Structure specimen = make_defects("Al", options);
    EXPECT_NEAR(double(specimen.atoms.size()), 96000, 6000);
    const double time = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    RecordProperty(std::string(specimen.metadata["defects"][0]["kind"]), std::to_string(time));
    std::printf("%s: %.3f s\n", std::string(specimen.metadata["defects"][0]["kind"]).c_str(), time);
    return time;
  };
  using O = DefectOptions;
  EXPECT_LT(seconds([](O& o) { o.strain.strain = {"exx=0.02"}; }), 5);
  EXPECT_LT(seconds([](O& o) { o.thermal.temperature_K = 300; }), 5);
  EXPECT_LT(seconds([](O& o) {
              o.points.vacancies = 0.01;
              o.points.min_distance_A = 6;
            }),
            5);
  EXPECT_LT(seconds([](O& o) { o.planar.twin = "111"; }), 5);
  EXPECT_LT(seconds([](O& o) { o.planar.fault = "111"; }), 5);
  EXPECT_LT(seconds([](O& o) { o.dislocations.dislocations = 3; }), 5);
  EXPECT_LT(seconds([](O& o) { o.grains.grains = 8; }), 20);
}

}  // namespace
}  // namespace colonnade
