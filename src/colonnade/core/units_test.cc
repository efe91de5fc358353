// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/core/units.h"

#include <gtest/gtest.h>

#include "colonnade/core/log.h"

namespace colonnade {
namespace {

TEST(Units, SpellingsFoundInFiles) {
  EXPECT_EQ(nm_per_unit("nm"), 1);
  EXPECT_EQ(nm_per_unit("n_m"), 1);
  EXPECT_EQ(nm_per_unit("[n_m]"), 1);
  EXPECT_EQ(nm_per_unit("\u00b5m"), 1000);
  EXPECT_EQ(nm_per_unit("\u03bcm"), 1000);
  EXPECT_EQ(nm_per_unit("micron"), 1000);
  EXPECT_EQ(nm_per_unit("\u00c5"), 0.1);
  EXPECT_EQ(nm_per_unit("Angstrom"), 0.1);
  EXPECT_EQ(nm_per_unit("m"), 1e9);
}

TEST(Units, NoLength) {
  EXPECT_EQ(nm_per_unit(""), 0);
  EXPECT_EQ(nm_per_unit("1/nm"), 0);
  EXPECT_EQ(nm_per_unit("eV"), 0);
}

TEST(Units, Durations) {
  EXPECT_EQ(format_duration(0.25), "250 ms");
  EXPECT_EQ(format_duration(8.2), "8 s");
  EXPECT_EQ(format_duration(200), "3 min 20 s");
  EXPECT_EQ(format_duration(7500), "2 h 5 min");
}

}  // namespace
}  // namespace colonnade
