// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/relaxation.h"

#include <cmath>
#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "colonnade/core/file.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/core/test_folder.h"
#include "colonnade/structures/crystal.h"
#include "colonnade/structures/defects/oriented_cell.h"
#include "colonnade/structures/lammps_process.h"
#include "colonnade/structures/potential_file.h"

namespace colonnade {
namespace {

bool has_potential(const std::string& file) {
  return message_of([&] { find_potential(file); }) == "no error";
}

#define NEEDS_LAMMPS(file)                                                        \
  if (!lammps_available()) GTEST_SKIP() << "the LAMMPS library is not installed"; \
  if (!has_potential(file)) GTEST_SKIP() << "LAMMPS's potentials are not installed"

RelaxationOptions with(const std::string& style, const std::string& file) {
  RelaxationOptions options;
  options.relax = {style, file};
  options.force_tolerance_eV_A = 1e-8;
  return options;
}

nlohmann::json reference(const std::string& file) {
  const auto path = std::filesystem::path(COLONNADE_SHARED_DATA) / "diffraction" / "reference" / file;
  return std::filesystem::exists(path) ? nlohmann::json::parse(read_file(path)) : nlohmann::json();
}

double distance(const Position& a, const Position& b) { return std::hypot(a.x - b.x, a.y - b.y, a.z - b.z); }

TEST(Relaxation, LatticeAndVacancyAreThoseOfTheReference) {
  NEEDS_LAMMPS("Al_zhou.eam.alloy");
  const auto known = reference("lammps_point_defects.json");
  if (known.is_null()) GTEST_SKIP() << "no reference data";
  struct Case {
    const char *name, *style, *file, *kind, *symbol;
    double start_A;
    int cells;
  };
  for (const Case& c :
       {Case{"Al vacancy 2x2x2 Zhou2001 (Al_zhou.eam.alloy)", "eam/alloy", "Al_zhou.eam.alloy", "fcc", "Al", 4.05, 2},
        Case{"Al vacancy 3x3x3 Mendelev Al_mm.eam.fs", "eam/fs", "Al_mm.eam.fs", "fcc", "Al", 4.05, 3},
        Case{"Al vacancy 3x3x3 Jacobsen Al_jnp.eam", "eam", "Al_jnp.eam", "fcc", "Al", 4.02, 3},
        Case{"Fe vacancy 4x4x4 Mendelev Fe_mm.eam.fs", "eam/fs", "Fe_mm.eam.fs", "bcc", "Fe", 2.87, 4}}) {
    const auto& expected = known.at(c.name);
    Structure crystal = repeat(cubic_crystal(c.kind, c.symbol, c.start_A), {c.cells, c.cells, c.cells});
    RelaxationOptions options = with(c.style, c.file);
    options.relax_cell = true;
    const Relaxation perfect = relax(crystal, options, 1);
    const double lattice = crystal.cell[0][0] / c.cells;
    EXPECT_NEAR(lattice, expected["a0"].get<double>(), 2e-4) << c.name;
    EXPECT_NEAR(perfect.energy_eV / double(crystal.atoms.size()), expected["E_per_atom"].get<double>(), 1e-5) << c.name;
    const Position gone = crystal.atoms.front().position;
    crystal.atoms.erase(crystal.atoms.begin());
    const Structure before = crystal;
    options.relax_cell = false;
    const Relaxation vacancy = relax(crystal, options, 1);
    EXPECT_LT(vacancy.energy_eV, vacancy.energy_before_eV);
    EXPECT_LT(vacancy.largest_force_eV_A, 1e-5);
    EXPECT_NEAR(vacancy.largest_move_A, expected["max_A"].get<double>(), 5e-4) << c.name;
    int nearest = 0;
    const double shell = expected["shells"][0][0];
    for (std::size_t i = 0; i < before.atoms.size(); ++i) {
      const double apart = periodic_distance(before, before.atoms[i].position, gone);
      if (std::abs(apart - shell) > 0.05) continue;
      const double outwards = periodic_distance(crystal, crystal.atoms[i].position, gone) - apart;
      EXPECT_NEAR(outwards, expected["shells"][0][3].get<double>(), 1e-3) << c.name;
      ++nearest;
    }
    EXPECT_EQ(nearest, expected["shells"][0][1].get<int>()) << c.name;
    EXPECT_EQ(crystal.metadata["defects"].back()["kind"], "relaxation");
  }
}

TEST(Relaxation, SkewCellsAndFrames) {
  NEEDS_LAMMPS("Al_zhou.eam.alloy");
  // The same crystal in a skew cell, turned, and atoms outside of the cell: the same energy per atom, nothing moves.
  const Structure cube = cubic_crystal("fcc", "Al", 4.0816549);
  Structure skew = with_vectors(cube, {{{1.5, -1.5, 0}, {2, 2, 0.5 + 0.5}, {0.5, 0, 2.5}}});
  skew.metadata = nlohmann::json::object();
  rotate(skew, zone_axis_rotation(cube, {1, 2, 3}));
  translate(skew, {100, -50, 3});
  const Structure before = skew;
  const Relaxation relaxation = relax(skew, with("eam/alloy", "Al_zhou.eam.alloy"), 1);
  EXPECT_NEAR(relaxation.energy_eV / double(skew.atoms.size()), -3.57999866, 1e-6);
  for (std::size_t i = 0; i < skew.atoms.size(); ++i) {
    EXPECT_LT(distance(skew.atoms[i].position, before.atoms[i].position), 1e-4);
  }
  for (std::size_t k = 0; k < 3; ++k) {
    for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(skew.cell[k][j], before.cell[k][j], 1e-9);
  }
}

TEST(Relaxation, SurfacesMoveInwardsInVacuum) {
  NEEDS_LAMMPS("Al_mm.eam.fs");
  Structure slab = repeat(cubic_crystal("fcc", "Al", 4.04526), {2, 2, 4});
  slab.periodic[2] = false;
  const Relaxation relaxation = relax(slab, with("eam/fs", "Al_mm.eam.fs"), 1);
  EXPECT_GT(relaxation.largest_move_A, 0.005);
  EXPECT_LT(relaxation.energy_eV, relaxation.energy_before_eV);
  EXPECT_NEAR(slab.cell[2][2], 4 * 4.04526, 1e-9);
}

TEST(Relaxation, ElementsAreMappedBySymbolAndByName) {
  NEEDS_LAMMPS("AlCu.eam.alloy");
  Structure alloy = repeat(cubic_crystal("fcc", "Al", 4.05), {3, 3, 3});
  alloy.atoms[0].number = 29;
  Structure again = alloy;
  const Relaxation by_symbol = relax(alloy, with("eam/alloy", "AlCu.eam.alloy"), 1);
  RelaxationOptions named = with("eam/alloy", "AlCu.eam.alloy");
  named.names = {"Al:Al", "Cu:Cu"};
  EXPECT_EQ(relax(again, named, 1).energy_eV, by_symbol.energy_eV);
  named.names = {"Cu:Al"};
  EXPECT_GT(std::abs(relax(again, named, 1).energy_eV - by_symbol.energy_eV), 1e-3);
}

TEST(Relaxation, DynamicsHaveTheTemperatureAndTheWidthOfTheReference) {
  NEEDS_LAMMPS("Al_mm.eam.fs");
  const auto known = reference("lammps_thermal.json");
  const Structure still = repeat(cubic_crystal("fcc", "Al", 4.0453), {5, 5, 5});
  Structure hot = still;
  RelaxationOptions options = with("eam/fs", "Al_mm.eam.fs");
  options.md_temperature_K = 300;
  options.md_ps = 2;
  const Relaxation relaxation = relax(hot, options, 1);
  EXPECT_NEAR(relaxation.temperature_K, 300, 45);
  Vector3 mean{};
  double squares = 0;
  for (std::size_t i = 0; i < hot.atoms.size(); ++i) {
    const Position &p = hot.atoms[i].position, &q = still.atoms[i].position;
    const Vector3 way{p.x - q.x, p.y - q.y, p.z - q.z};
    squares += dot(way, way) / double(hot.atoms.size());
    for (std::size_t k = 0; k < 3; ++k) mean[k] += way[k] / double(hot.atoms.size());
  }
  const double sigma = std::sqrt((squares - dot(mean, mean)) / 3);
  const double expected = known.is_null() ? 0.09 : known.at("Al_mm 3x3x3 nvt 300")["sigma_per_axis_A"].get<double>();
  EXPECT_NEAR(sigma / expected, 1, 0.15);
}

TEST(Relaxation, SaysWhatIsWrongWithThePotential) {
  Structure al = cubic_crystal("fcc", "Al", 4.05);
  EXPECT_NE(message_of([&] { relax(al, with("eam/alloy", "no_such.eam.alloy"), 1); }).find("there is no potential"),
            std::string::npos);
  RelaxationOptions one_word;
  one_word.relax = {"eam/alloy"};
  EXPECT_NE(message_of([&] { relax(al, one_word, 1); }).find("pair style and file"), std::string::npos);
  if (!has_potential("Al_zhou.eam.alloy")) GTEST_SKIP() << "LAMMPS's potentials are not installed";
  Structure fe = cubic_crystal("bcc", "Fe", 2.87);
  EXPECT_NE(message_of([&] { relax(fe, with("eam/alloy", "Al_zhou.eam.alloy"), 1); }).find("has no Fe (it has Al)"),
            std::string::npos);
  const TemporaryFolder folder;
  const auto cut = folder.path() / "cut.eam.alloy";
  const std::string whole = read_file(find_potential("Al_zhou.eam.alloy"));
  write_file(cut, whole.substr(0, whole.size() / 2));
  EXPECT_NE(message_of([&] { relax(al, with("eam/alloy", cut.string()), 1); }).find("cut short"), std::string::npos);
}

TEST(Relaxation, PassesOnWhatLammpsSays) {
  NEEDS_LAMMPS("Al_zhou.eam.alloy");
  Structure al = repeat(cubic_crystal("fcc", "Al", 4.05), {2, 2, 2});
  const std::string message = message_of([&] { relax(al, with("no/such/style", "Al_zhou.eam.alloy"), 1); });
  EXPECT_NE(message.find("LAMMPS stopped"), std::string::npos) << message;
  EXPECT_NE(message.find("no/such/style"), std::string::npos) << message;
  // And the program goes on.
  EXPECT_EQ(message_of([&] { relax(al, with("eam/alloy", "Al_zhou.eam.alloy"), 1); }), "no error");
}

TEST(Relaxation, SaysHowToInstallLammps) {
  setenv("COLONNADE_LAMMPS", "/nowhere/liblammps.so", 1);  // NOLINT(concurrency-mt-unsafe): one thread
  EXPECT_FALSE(lammps_available());
  const std::string message = message_of([] { run_lammps({}); });
  unsetenv("COLONNADE_LAMMPS");  // NOLINT(concurrency-mt-unsafe): one thread
  EXPECT_NE(message.find("apt install liblammps0"), std::string::npos) << message;
}

TEST(Relaxation, TakesPositionsOfTheSameAtoms) {
  Structure al = repeat(cubic_crystal("fcc", "Al", 4.05), {2, 2, 2});
  Structure relaxed = al;
  relaxed.atoms[3].position.x += 0.1;
  relaxed.atoms[0].position.y += 2 * 4.05;  // the same place, a period on
  EXPECT_NEAR(take_positions(al, relaxed).largest_move_A, 0.1, 1e-9);
  EXPECT_EQ(al.atoms[3].position.x, relaxed.atoms[3].position.x);
  relaxed.atoms[2].number = 14;
  EXPECT_NE(message_of([&] { take_positions(al, relaxed); }).find("atom 3 is Al"), std::string::npos);
  relaxed.atoms.pop_back();
  EXPECT_NE(message_of([&] { take_positions(al, relaxed); }).find("31 atoms"), std::string::npos);
}

}  // namespace
}  // namespace colonnade
