// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/trajectory.h"

#include <gtest/gtest.h>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/random.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/core/test_folder.h"
#include "colonnade/structures/structure_file.h"

namespace colonnade {
namespace {

const std::string skew_dump =
    "ITEM: TIMESTEP\n10\nITEM: NUMBER OF ATOMS\n2\nITEM: BOX BOUNDS xy xz yz pp pp ff\n0 12 2\n0 8 0\n0 5 0\n"
    "ITEM: ATOMS id type xs ys zs\n2 2 0.5 0.5 0.5\n1 1 0 0 0\n";

TEST(Trajectory, ReadsFramesOfXyz) {
  Structure first, second;
  first.atoms = {{13, {0, 0, 0}}, {14, {1, 2, 3}}};
  second = first;
  second.atoms[1].position.x = 1.5;
  const TemporaryFolder folder;
  const auto path = folder.path() / "two.xyz";
  write_file(path, to_xyz(first) + to_xyz(second));
  const auto frames = read_trajectory(path);
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].atoms[1].position.x, 1);
  EXPECT_EQ(frames[1].atoms[1].position.x, 1.5);
  EXPECT_EQ(frames[1].atoms[1].number, 14);
}

TEST(Trajectory, ReadsDumpsSortedByIdInSkewBoxes) {
  TrajectoryOptions options;
  options.type_elements = {"Al", "Si"};
  const auto frames = read_dump(skew_dump + skew_dump, "dump", options);
  ASSERT_EQ(frames.size(), 2U);
  const Structure& frame = frames[0];
  EXPECT_EQ(frame.atoms[0].number, 13);
  EXPECT_EQ(frame.atoms[1].number, 14);
  // The box from 0 to 12 holds a cell 10 wide that leans over by 2.
  EXPECT_NEAR(frame.cell[0][0], 10, 1e-12);
  EXPECT_NEAR(frame.cell[1][0], 2, 1e-12);
  EXPECT_NEAR(frame.atoms[1].position.x, 6, 1e-12);
  EXPECT_NEAR(frame.atoms[1].position.y, 4, 1e-12);
  EXPECT_TRUE(frame.periodic[0]);
  EXPECT_FALSE(frame.periodic[2]);
  EXPECT_EQ(frame.metadata["timestep"], 10);
}

TEST(Trajectory, ReadsElementsAndUnwrappedPlaces) {
  const auto frames = read_dump(
      "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n1\nITEM: BOX BOUNDS pp pp pp\n-1 9\n0 8\n0 5\n"
      "ITEM: ATOMS id element x y z xu yu zu\n1 Fe 1 2 3 11 2 3\n",
      "dump", {});
  EXPECT_EQ(frames[0].atoms[0].number, 26);
  EXPECT_EQ(frames[0].atoms[0].position.x, 11);
  EXPECT_EQ(frames[0].cell[0][0], 10);
}

TEST(Trajectory, BrokenFilesAreReadOrRefused) {
  Random random(4);
  TrajectoryOptions options;
  options.type_elements = {"Al", "Si"};
  const std::string xyz = "2\nLattice=\"4 0 0 0 4 0 0 0 4\" Properties=species:S:1:pos:R:3\nAl 0 0 0\nAl 1 1 1\n";
  int refused = 0;
  for (int i = 0; i < 20000; ++i) {
    const bool dump = i % 2 == 0;
    std::string text = dump ? skew_dump + skew_dump : xyz + xyz;
    for (std::uint64_t k = random.below(4) + 1; k > 0; --k) {
      const auto at = random.below(text.size());
      if (random.uniform() < 0.3) {
        text.erase(at, random.below(20));
      } else {
        text[at] = "0123456789 -.eE\nxyzAT"[random.below(21)];
      }
    }
    try {
      const auto frames = dump ? read_dump(text, "f", options) : read_xyz_frames(text, "f");
      EXPECT_FALSE(frames.empty());
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 5000);
}

TEST(Trajectory, SaysWhatIsWrong) {
  const auto refusal = [](const std::string& text) { return message_of([&] { read_dump(text, "dump", {}); }); };
  EXPECT_NE(refusal(skew_dump).find("--type-elements"), std::string::npos);
  EXPECT_NE(refusal("ITEM: TIMESTEP\n0\n").find("ends within frame 1"), std::string::npos);
  EXPECT_NE(refusal("ITEM: NONSENSE\n").find("expected"), std::string::npos);
  EXPECT_NE(refusal("").find("no frame"), std::string::npos);
  EXPECT_NE(message_of([] { read_xyz_frames("2\n\nAl 0 0 0\nAl 1 1 1\n2\n\nAl 0 0 0\n", "t"); }).find("within frame 2"),
            std::string::npos);
}

}  // namespace
}  // namespace colonnade
