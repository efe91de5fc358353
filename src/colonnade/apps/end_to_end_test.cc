// SPDX-License-Identifier: GPL-3.0-or-later
// The main job from end to end at its smallest, through the program.
#include <cmath>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

#include "colonnade/apps/program_test.h"
#include "colonnade/core/version.h"
#include "colonnade/image/hdf5_file.h"

namespace colonnade {
namespace {

using ::testing::HasSubstr;

class EndToEnd : public ProgramTest {
 protected:
  nlohmann::json run_json(const std::string& arguments) {
    const Run result = run(arguments + " --json --quiet");
    EXPECT_EQ(result.code, 0) << result.err;
    return nlohmann::json::parse(result.out, nullptr, false);
  }

  /// Six small particles of Pt and Ni, 48 x 48 px.
  void make_tiny_dataset(const std::string& out) {
    write_file(folder_ / "dataset.toml",
               "seed = 5\n[dataset]\nparticles = 6\nsize = 48\n[particle]\nelements = [\"Pt\", \"Ni\"]\n"
               "diameter = [1.0, 1.3]\nview = 0.0\n");
    const Run result = run("dataset dataset.toml --out " + out);
    ASSERT_EQ(result.code, 0) << result.err;
  }
};

TEST_F(EndToEnd, HelpOfEveryVerb) {
  EXPECT_EQ(run("--help").code, 0);
  for (const std::string verb : {"simulate", "dataset", "train", "evaluate", "map", "demo"}) {
    const Run result = run(verb + " --help");
    EXPECT_EQ(result.code, 0);
    EXPECT_THAT(result.out, HasSubstr("--write-config"));
  }
  EXPECT_THAT(run("--version").out, HasSubstr(version));
}

TEST_F(EndToEnd, WrittenConfigGivesTheSameRun) {
  ASSERT_EQ(run("dataset --particles 3 --diameter 1:2 --write-config config.toml").code, 0);
  EXPECT_THAT(read_file(folder_ / "config.toml"), HasSubstr("particles = 3"));
  ASSERT_EQ(run("dataset config.toml --write-config again.toml").code, 0);
  EXPECT_EQ(read_file(folder_ / "config.toml"), read_file(folder_ / "again.toml"));
}

TEST_F(EndToEnd, SimulateIsReproducible) {
  write_file(folder_ / "atoms.xyz", "3\n\nPt 0 0 0\nPt 0 0 2.7\nNi 3 1 1\n");
  for (const std::string out : {"a", "b"}) {
    const Run result = run("simulate atoms.xyz --dose 1e4 --seed 3 --out " + out + (out == "b" ? " --threads 1" : ""));
    ASSERT_EQ(result.code, 0) << result.err;
  }
  EXPECT_EQ(read_file(folder_ / "a/HAADF.tif"), read_file(folder_ / "b/HAADF.tif"));
  const auto record = nlohmann::json::parse(read_file(folder_ / "a/run.json"));
  EXPECT_EQ(record["seed"], 3);
  EXPECT_EQ(record["version"], version);
  EXPECT_EQ(record["inputs"][0]["sha256"], sha256_file(folder_ / "atoms.xyz"));
  EXPECT_GT(std::filesystem::file_size(folder_ / "a/HAADF.png"), 1000U);
}

TEST_F(EndToEnd, FocalSpreadBlurs) {
  write_file(folder_ / "atom.xyz", "1\n\nPt 0 0 0\n");
  ASSERT_EQ(run("simulate atom.xyz --out sharp").code, 0);
  ASSERT_EQ(run("simulate atom.xyz --focal-spread 60 --defocus-steps 3 --out blurred").code, 0);
  EXPECT_GT(extremes(read_image(folder_ / "sharp/HAADF.tif")).high,
            1.05 * extremes(read_image(folder_ / "blurred/HAADF.tif")).high);
}

TEST_F(EndToEnd, SimulateEverySignal) {
  write_file(folder_ / "atoms.xyz", "4\n\nPt 0 0 0\nPt 0 0 2.7\nNi 2 1 1\nNi 2 1 3.7\n");
  const Run result =
      run("simulate atoms.xyz --field 0.4 --detectors HAADF,CoM --eds true --depths 0.3 --pattern-pixels 16 "
          "--pattern-angle 30 --pattern-step 0.1 --source-size 0.8 --drift-x 20 --jitter 0.3 --dose 1e5 --read-noise 1 "
          "--out all");
  ASSERT_EQ(result.code, 0) << result.err;
  for (const std::string name : {"HAADF", "CoMx", "CoMy", "Pt-L-expected", "Ni-K-counts", "HAADF-to-0.3-nm"}) {
    EXPECT_TRUE(std::filesystem::exists(folder_ / "all" / (name + ".tif"))) << name;
  }
  const Hdf5File patterns(folder_ / "all/patterns.hdf5", Hdf5File::Mode::read);
  EXPECT_THAT(patterns.shape("Experiments/patterns/data"), testing::ElementsAre(4, 4, 16, 16));
  const auto values = patterns.read_floats("Experiments/patterns/data");
  EXPECT_NEAR(std::accumulate(values.begin(), values.end(), 0.0) / 16, 1, 0.05);
}

TEST_F(EndToEnd, SimulateACrystalBlock) {
  write_file(folder_ / "pt.xyz",
             "4\nLattice=\"3.92 0 0 0 3.92 0 0 0 3.92\" Properties=species:S:1:pos:R:3\nPt 0 0 0\nPt 0 1.96 1.96\n"
             "Pt 1.96 0 1.96\nPt 1.96 1.96 0\n");
  const Run result = run("simulate pt.xyz --zone-axis 110 --thickness 1 --field 0.5 --preview --out block");
  ASSERT_EQ(result.code, 0) << result.err;
  const auto record = nlohmann::json::parse(read_file(folder_ / "block/run.json"));
  // Layers 1.386 A apart are slices of their own.
  EXPECT_EQ(record["images"]["HAADF"]["simulation"]["slices"], 8);
}

TEST_F(EndToEnd, DatasetGoesOnWhereItStopped) {
  make_tiny_dataset("whole");
  make_tiny_dataset("again");
  const auto file = folder_ / "again" / "particle_000003.h5";
  const std::string bytes = read_file(file);
  EXPECT_EQ(bytes, read_file(folder_ / "whole" / "particle_000003.h5"));
  std::filesystem::remove(file);
  write_file(folder_ / "again" / ".particle_000003.h5.partial-1", "half-written");
  const Run result = run("dataset dataset.toml --out again");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("5 of 6"));
  EXPECT_EQ(read_file(file), bytes);
  // Other options do not mix with it.
  EXPECT_EQ(run("dataset dataset.toml --seed 6 --out again").code, 2);
}

TEST_F(EndToEnd, MapsAFolder) {
  std::filesystem::create_directory(folder_ / "in");
  write_image(folder_ / "in/a.tif", lattice_image(96, 0.02));
  write_image(folder_ / "in/b.tif", lattice_image(80, 0.02));
  write_file(folder_ / "in/c.tif", "no image");
  const Run plan = run("map in --elements Xe --dry-run");
  EXPECT_EQ(plan.code, 2);
  EXPECT_THAT(plan.out, HasSubstr("96 x 96 px of 0.02 nm"));
  EXPECT_THAT(plan.err, HasSubstr("1 of 3 images cannot be mapped: in/c.tif"));
  EXPECT_THAT(listing(), testing::ElementsAre("in"));
  const Run all = run("map 'in/*.tif' --elements Xe --out all --region 10,10,60,60");
  EXPECT_EQ(all.code, 2);
  EXPECT_THAT(all.err, HasSubstr("1 of 3 images failed: in/c.tif; all/summary.html says why"));
  EXPECT_THAT(all.out, HasSubstr("2 of 3 images mapped"));
  for (const char* name : {"a/report.html", "a/figures/columns.pdf", "b/columns.csv", "summary.csv"}) {
    EXPECT_TRUE(std::filesystem::exists(folder_ / "all" / name)) << name;
  }
}

TEST_F(EndToEnd, FromAlloyToMap) {
  make_tiny_dataset("data");
  write_file(folder_ / "train.toml",
             "dataset = \"data\"\nmodel = \"tiny.h5\"\n[training]\nwidths = [4, 8]\nepochs = 2\nbatch = 2\n"
             "test_fraction = 0.4\ndose = 1e5\n");
  const auto trained = run_json("train train.toml");
  ASSERT_TRUE(trained.contains("elements"));
  EXPECT_EQ(trained["elements"][0]["element"], "Pt");
  EXPECT_TRUE(trained["elements"][0].contains("thickness_only"));
  const auto evaluated = run_json("evaluate tiny.h5 data");
  EXPECT_THAT(evaluated["particles_are"].get<std::string>(), HasSubstr("held out"));
  EXPECT_EQ(evaluated["particles"], trained["particles"]);

  write_file(
      folder_ / "atoms.xyz",
      "8\n\nPt 0 0 0\nPt 0 0 2.7\nNi 0 0 5.4\nPt 2.7 0 0\nNi 2.7 0 2.7\nPt 0 3.8 0\nNi 2.7 3.8 0\nNi 2.7 3.8 2.7\n");
  ASSERT_EQ(run("simulate atoms.xyz --out image").code, 0);
  const auto mapped = run_json("map image/HAADF.tif --elements Ni,Pt --model tiny.h5 --out map");
  EXPECT_EQ(mapped["columns"], 4);
  std::istringstream table(read_file(folder_ / "map/columns.csv"));
  std::string header, row;
  std::getline(table, header);
  EXPECT_THAT(header, ::testing::StartsWith("x_px,y_px,x_nm,y_nm,cross_section_nm2,Ni,Ni_sd,Ni_low68,"));
  int rows = 0;
  while (std::getline(table, row)) {
    EXPECT_EQ(std::count(row.begin(), row.end(), ','), 23);
    ++rows;
  }
  EXPECT_EQ(rows, 4);
  for (const std::string name :
       {"maps.h5", "map_Pt.tif", "map_Ni.tif", "report.html", "run.json", "model.xyz", "analysis.json",
        "figures/image.svg", "figures/columns.png", "figures/map_Pt.pdf", "figures/map_Pt.png", "figures/histogram.svg",
        "figures/composition.png", "figures/fractions.svg", "figures/map_Pt_sd.png"}) {
    EXPECT_TRUE(std::filesystem::exists(folder_ / "map" / name)) << name;
  }
  EXPECT_EQ(run("map image/HAADF.tif --elements Pt,Au --model tiny.h5 --out other").code, 2);
}

TEST_F(EndToEnd, WithoutAModelColumnsRemain) {
  write_image(folder_ / "image.tif", lattice_image(128, 0.02));
  const Run result = run("map image.tif --elements Pt,Ir --out map");
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("no model counts exactly Pt, Ir"));
  EXPECT_THAT(read_file(folder_ / "map/columns.csv"), HasSubstr(",,,,\n"));
  EXPECT_THAT(read_file(folder_ / "map/report.html"), HasSubstr("No element counts"));
}

TEST_F(EndToEnd, RealMicrograph) {
  const std::string micrograph = std::string(COLONNADE_SHARED_DATA) + "/micrographs/ptir_nanoparticle.tif";
  if (!std::filesystem::exists(micrograph)) GTEST_SKIP() << "the micrograph is not here: " << micrograph;
  const auto summary = run_json("map '" + micrograph + "' --elements Pt,Ir --out map");
  EXPECT_NEAR(summary["pixel_size_nm"].get<double>(), 0.01211, 1e-5);
  EXPECT_NEAR(summary["columns"].get<int>(), 140, 7);
}

}  // namespace
}  // namespace colonnade
