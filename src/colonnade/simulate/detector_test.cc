// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

TEST(Detector, ParsesRangesWithAndWithoutName) {
  const auto named = parse_detector("HAADF:60-100");
  EXPECT_EQ(named.name, "HAADF");
  EXPECT_EQ(named.inner_mrad, 60);
  EXPECT_EQ(named.outer_mrad, 100);
  const auto bare = parse_detector(" 60.5 - 1e2 ");
  EXPECT_EQ(bare.name, "ADF 60.5-100");
  EXPECT_EQ(bare.inner_mrad, 60.5);
  EXPECT_EQ(parse_detector("BF:0-10").inner_mrad, 0);
}

TEST(Detector, RefusesWhatIsNoRange) {
  for (const char* text : {"", "60", "60-", "-", ":60-100", "HAADF:", "HAADF:60", "100-60", "60-60", "a-b", "-5-10",
                           "60-nan", "60-inf", "60-100 mrad", "nan-100"}) {
    EXPECT_THROW(parse_detector(text), Error) << text;
  }
  try {
    parse_detector("60..100");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("HAADF:60-100"));
  }
  EXPECT_THROW(parse_detectors({"A:20-40", "A:60-100"}), Error);
  EXPECT_THROW(parse_detectors({}), Error);
  EXPECT_EQ(parse_detectors({"20-40", "60-100"}).size(), 2U);
}

TEST(Detector, InnerEdgeBelongsOuterDoesNot) {
  const AnnularDetector detector{"HAADF", 60, 100};
  EXPECT_TRUE(detector.collects(60));
  EXPECT_FALSE(detector.collects(100));
  EXPECT_FALSE(detector.collects(59.999));
}

}  // namespace
}  // namespace colonnade
