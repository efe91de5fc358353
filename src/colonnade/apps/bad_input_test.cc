// SPDX-License-Identifier: GPL-3.0-or-later
// Bad input ends with one clear line on standard error, exit code 2, and leaves nothing half-written.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <gmock/gmock.h>

#include "colonnade/apps/program_test.h"
#include "colonnade/core/error.h"
#include "colonnade/image/hdf5_file.h"

namespace colonnade {
namespace {

using ::testing::HasSubstr;

class BadInput : public ProgramTest {
 protected:
  void write(const std::string& name, const std::string& text) { write_file(folder_ / name, text); }
  void write_lattice(const std::string& name, double pixel_size_nm = 0.02) {
    write_image(folder_ / name, lattice_image(96, pixel_size_nm));
  }

  /// Runs, expects one line that begins with "error: " and holds every one of the words, and no new file.
  void expect_refused(const std::string& arguments, const std::vector<std::string>& words,
                      const std::string& before = "") {
    const auto files = listing();
    const Run result = run(arguments, before);
    EXPECT_EQ(result.code, 2) << result.err;
    const auto line = result.err.rfind("error: ");
    ASSERT_NE(line, std::string::npos) << result.err;
    EXPECT_TRUE(line == 0 || result.err[line - 1] == '\n') << result.err;
    EXPECT_EQ(std::count(result.err.begin() + static_cast<long>(line), result.err.end(), '\n'), 1) << result.err;
    for (const auto& word : words) EXPECT_THAT(result.err.substr(line), HasSubstr(word));
    EXPECT_EQ(listing(), files);
  }
};

constexpr const char* two_atoms =
    "2\nLattice=\"8 0 0 0 8 0 0 0 4\" Properties=species:S:1:pos:R:3\nPt 2 2 1\nNi 5 5 1\n";

TEST_F(BadInput, DiffractionOfNothing) {
  write("two.xyz", "2\nno cell\nPt 2 2 1\nNi 5 5 1\n");
  expect_refused("diffract", {"no crystal"});
  expect_refused("diffract Si --zone 000", {"zone axis '000'"});
  expect_refused("diffract Si --camera-length 0", {"camera length of 0 mm"});
  expect_refused("diffract Si --longest 0.05", {"no reflection", "0.05"});
  expect_refused("diffract two.xyz", {"two.xyz", "cell"});
  expect_refused("diffract missing.cif", {"missing.cif"});
  expect_refused("diffract SrTiO3 --temperature 300", {"Debye-Waller", "O:"});
}

TEST_F(BadInput, MissingFile) { expect_refused("map none.tif --elements Pt", {"none.tif", "no such"}); }

TEST_F(BadInput, Directory) {
  std::filesystem::create_directory(folder_ / "images");
  expect_refused("map images --elements Pt", {"images", "folder"});
}

TEST_F(BadInput, EmptyFile) {
  write("empty.tif", "");
  expect_refused("map empty.tif --elements Pt", {"empty.tif", "empty"});
}

TEST_F(BadInput, TruncatedTiff) {
  write_lattice("whole.tif");
  const std::string bytes = read_file(folder_ / "whole.tif");
  write("half.tif", bytes.substr(0, bytes.size() / 2));
  expect_refused("map half.tif --elements Pt", {"half.tif"});
}

TEST_F(BadInput, ImageOfNan) {
  Image image = lattice_image(64, 0.02);
  std::fill(image.data.begin(), image.data.end(), std::nanf(""));
  // The writer is for images; the file is made from a good one's bytes.
  const Image good = lattice_image(64, 0.02);
  write_image(folder_ / "image.npy", good);
  std::string bytes = read_file(folder_ / "image.npy");
  const std::string nan(reinterpret_cast<const char*>(image.data.data()), image.data.size() * sizeof(float));
  bytes.replace(bytes.size() - nan.size(), nan.size(), nan);
  write("image.npy", bytes);
  expect_refused("map image.npy --elements Pt --pixel-size 0.02", {"image.npy", "NaN"});
}

TEST_F(BadInput, NoPixelSize) {
  write_image(folder_ / "image.npy", lattice_image(64, 0));
  expect_refused("map image.npy --elements Pt", {"image.npy", "--pixel-size"});
}

TEST_F(BadInput, PixelSizeOfTheWrongMagnitudeWarns) {
  write_lattice("image.tif");
  const Run result = run("map image.tif --elements Pt,Ir --pixel-size 20 --out out");
  EXPECT_THAT(result.err, HasSubstr("warning: a pixel of 20 nm"));
}

TEST_F(BadInput, UnknownElement) {
  write_lattice("image.tif");
  expect_refused("map image.tif --elements Pt,Nj", {"Nj"});
  expect_refused("map image.tif --elements Pt,Pt", {"Pt"});
  expect_refused("map image.tif", {"--elements"});
}

TEST_F(BadInput, StructureWithoutAtoms) {
  write("none.xyz", "0\nLattice=\"8 0 0 0 8 0 0 0 4\"\n");
  expect_refused("simulate none.xyz", {"none.xyz", "no atoms"});
}

TEST_F(BadInput, StructureWithAnUnknownElement) {
  write("odd.xyz", "1\n\nXq 0 0 0\n");
  expect_refused("simulate odd.xyz", {"odd.xyz", "3", "Xq"});
}

TEST_F(BadInput, DetectorPastTheBandLimit) {
  write("two.xyz", two_atoms);
  // lambda / (3 x 0.1 A) = 83.6 mrad at 200 kV is the largest angle.
  expect_refused("simulate two.xyz --sampling 0.1 --detectors HAADF:60-200", {"200", "83", "mrad"});
}

TEST_F(BadInput, NegativeDefocusSteps) {
  write("two.xyz", two_atoms);
  expect_refused("simulate two.xyz --focal-spread 30 --defocus-steps -3", {"--defocus-steps", "-3"});
}

TEST_F(BadInput, UnknownConfigKey) {
  write("config.toml", "[optics]\nenrgy = 200.0\n");
  expect_refused("dataset config.toml", {"config.toml", "line 2", "optics.energy"});
}

TEST_F(BadInput, BrokenConfig) {
  write("config.toml", "[optics\n");
  expect_refused("train config.toml", {"config.toml", "line 1", "TOML"});
}

TEST_F(BadInput, UnknownFlagAndVerb) {
  expect_refused("map --elemnts Pt", {"--elemnts"});
  expect_refused("mop", {"mop", "map"});
  expect_refused("", {"simulate", "map"});
}

TEST_F(BadInput, SimulationsThatCannotBe) {
  write("two.xyz", two_atoms);
  expect_refused("simulate two.xyz --read-noise 2", {"--read-noise", "--dose"});
  expect_refused("simulate two.xyz --sensitivity scan.tif", {"--sensitivity-scale"});
  expect_refused("simulate two.xyz --algorithm lensing --thermal-motion none", {"lensing", "absorptive"});
  expect_refused("simulate two.xyz --algorithm magic", {"magic", "prism"});
  expect_refused("simulate two.xyz --device abacus", {"abacus", "fftw"});
  write("bare.xyz", "1\n\nPt 0 0 0\n");
  expect_refused("simulate bare.xyz --thickness 3", {"bare.xyz", "no cell"});
  expect_refused("simulate two.xyz --slice -1", {"slice", "-1"});
  expect_refused("simulate two.xyz --memory-limit 0.001", {"0.001 GB"});
  expect_refused("simulate two.xyz --algorithm prism", {"PRISM", "--thermal-motion none"});
  expect_refused("simulate two.xyz --algorithm prism --eds true", {"PRISM", "multislice"});
  write("nan.xyz", "1\n\nPt nan 0 0\n");
  expect_refused("simulate nan.xyz", {"nan.xyz"});
  write("near.xyz", "2\n\nPt 0 0 0\nPt 0 0 0.1\n");
  expect_refused("simulate near.xyz", {"0.1", "Pt"});
}

TEST_F(BadInput, DiskFull) {
  write_lattice("image.tif");
  // A limit on the size of files stands for a full disk: writes fail half-way in the same manner.
  expect_refused("map image.tif --elements Pt,Ir --out out", {"out"}, "ulimit -f 4;");
  write("two.xyz", two_atoms);
  expect_refused("simulate two.xyz --out out", {"out"}, "ulimit -f 4;");
}

TEST_F(BadInput, OutputFolderExists) {
  write_lattice("image.tif");
  std::filesystem::create_directory(folder_ / "out");
  write("out/mine.txt", "mine");
  expect_refused("map image.tif --elements Pt,Ir --out out", {"out", "exists", "--overwrite"});
  EXPECT_EQ(read_file(folder_ / "out" / "mine.txt"), "mine");
}

TEST_F(BadInput, OutputCannotBeWritten) {
  write_lattice("image.tif");
  expect_refused("map image.tif --elements Pt,Ir --out /proc/none/out", {"/proc/none"});
}

TEST_F(BadInput, ModelOfAnotherVersion) {
  write_lattice("image.tif");
  {
    Hdf5File file(folder_ / "model.h5", Hdf5File::Mode::create);
    file.make_group("weights");
    file.write_number("/", "format_version", 999);
    file.write_text("/", "record", "{}");
    file.close();
  }
  expect_refused("map image.tif --elements Pt --model model.h5", {"model.h5", "999"});
  write("nonsense.h5", "this is no HDF5 file");
  expect_refused("map image.tif --elements Pt --model nonsense.h5", {"nonsense.h5"});
}

TEST_F(BadInput, UnreadFormatIsRefusedByName) {
  write("scan.tif", "MATLAB 5.0 MAT-file" + std::string(200, '\0'));
  expect_refused("map scan.tif --elements Pt", {"scan.tif", "MATLAB", "not read"});
}

TEST_F(BadInput, WriteConfigDoesNotReplace) {
  write("config.toml", "# mine\n");
  expect_refused("dataset --write-config config.toml", {"config.toml", "exists"});
  EXPECT_EQ(read_file(folder_ / "config.toml"), "# mine\n");
}

}  // namespace
}  // namespace colonnade
