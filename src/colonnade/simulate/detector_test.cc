// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/detector.h"

#include <cmath>
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

TEST(Detector, ParsesSegmentsAndMoments) {
  const auto segments = parse_detectors({"DPC:10-25/4@45", "HAADF:60-100", "10-20/2"});
  ASSERT_EQ(segments.size(), 7U);
  EXPECT_EQ(segments[0].name, "DPC1");
  EXPECT_EQ(segments[3].name, "DPC4");
  EXPECT_EQ(segments[0].start_deg, 45);
  EXPECT_EQ(segments[3].start_deg, 315);
  EXPECT_EQ(segments[1].span_deg, 90);
  EXPECT_EQ(segments[4].span_deg, 360);
  EXPECT_EQ(segments[6].name, "ADF 10-20 2");
  const auto moments = parse_detectors({"CoM:0-40"});
  ASSERT_EQ(moments.size(), 2U);
  EXPECT_EQ(moments[0].name, "CoMx");
  EXPECT_EQ(moments[1].name, "CoMy");
  EXPECT_EQ(moments[1].moment, DetectorMoment::y);
  EXPECT_EQ(moments[1].outer_mrad, 40);
  EXPECT_EQ(segments[0].record()["start_deg"], 45);
  EXPECT_EQ(segments[4].record().size(), 3U);
}

TEST(Detector, PresetsFollowTheSemiangle) {
  const auto detectors = parse_detectors({"BF", "ABF", "LAADF", "MAADF", "HAADF", "CoM"}, 20);
  ASSERT_EQ(detectors.size(), 7U);
  EXPECT_EQ(detectors[0].outer_mrad, 10);
  EXPECT_EQ(detectors[1].inner_mrad, 10);
  EXPECT_EQ(detectors[1].outer_mrad, 20);
  EXPECT_EQ(detectors[4].name, "HAADF");
  EXPECT_EQ(detectors[4].inner_mrad, 70);
  EXPECT_EQ(detectors[6].moment, DetectorMoment::y);
  try {
    parse_detectors({"HAADF"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("semi-angles"));
  }
}

TEST(Detector, RefusesBadSegments) {
  for (const char* text : {"DPC:10-25/", "DPC:10-25/1", "DPC:10-25/2.5", "DPC:10-25/100", "DPC:10-25/4@",
                           "DPC:10-25@45", "DPC:10-25/4@x", "DPC:10-25/4@inf", "DPC:10-25/-4", "CoM:", "com"}) {
    EXPECT_THROW(parse_detectors({text}), Error) << text;
  }
  EXPECT_THROW(parse_detector("DPC:10-25/4"), Error);
  AnnularDetector segment;
  segment.span_deg = 0;
  EXPECT_THROW(check_detectors({segment}), Error);
}

TEST(Detector, InnerEdgeBelongsOuterDoesNot) {
  const AnnularDetector detector{"HAADF", 60, 100};
  EXPECT_TRUE(detector.collects(60));
  EXPECT_FALSE(detector.collects(100));
  EXPECT_FALSE(detector.collects(59.999));
}

constexpr double wavelength = 0.0250793;
const WaveGrid tall{60, 44, 0.11, 0.13};

double total(const AnnularDetector& detector, bool soft) {
  double sum = 0;
  for (int row = 0; row < tall.ny; ++row) {
    for (int column = 0; column < tall.nx; ++column) {
      sum += detector_weight(detector, tall, row, column, wavelength, soft);
    }
  }
  return sum;
}

TEST(Detector, SegmentsAddUpToTheRing) {
  for (const char* text : {"A:10-50/4", "A:0-50/3@17", "A:20-40/2@-95", "A:0-60/7@700"}) {
    const auto segments = parse_detectors({text});
    AnnularDetector ring = segments.front();
    ring.span_deg = 360;
    for (const bool soft : {false, true}) {
      for (int row = 0; row < tall.ny; ++row) {
        for (int column = 0; column < tall.nx; ++column) {
          double sum = 0;
          for (const auto& segment : segments) sum += detector_weight(segment, tall, row, column, wavelength, soft);
          EXPECT_NEAR(sum, detector_weight(ring, tall, row, column, wavelength, soft), 1e-12)
              << text << " " << row << " " << column;
        }
      }
    }
  }
}

// Quadrants around the axes are each other's mirror images on a grid of any pitch.
TEST(Detector, OppositeSegmentsAreEqual) {
  const auto quadrants = parse_detectors({"Q:10-50/4@-45"});
  EXPECT_NEAR(total(quadrants[0], false), total(quadrants[2], false), 1e-9);
  EXPECT_NEAR(total(quadrants[1], true), total(quadrants[3], true), 1e-9);
  EXPECT_GT(total(quadrants[0], false), 10);
  // The first lies to the right, the second below.
  EXPECT_NEAR(detector_weight(quadrants[0], tall, 0, 5, wavelength, false), 1, 1e-12);
  EXPECT_NEAR(detector_weight(quadrants[1], tall, 5, 0, wavelength, false), 1, 1e-12);
}

TEST(Detector, MomentsOfAShiftedDiscAreItsShift) {
  const auto moments = parse_detectors({"CoM:0-60"});
  const double step_x = 1e3 * wavelength / tall.length_x_A(), step_y = 1e3 * wavelength / tall.length_y_A();
  double sum_x = 0, sum_y = 0;
  int count = 0;
  for (int row = -6; row <= 6; ++row) {
    for (int column = -4; column <= 4; ++column, ++count) {
      const int y = (row + 3 + tall.ny) % tall.ny, x = (column - 2 + tall.nx) % tall.nx;
      sum_x += detector_weight(moments[0], tall, y, x, wavelength, false);
      sum_y += detector_weight(moments[1], tall, y, x, wavelength, false);
    }
  }
  EXPECT_NEAR(sum_x / count, -2 * step_x, 1e-9);
  EXPECT_NEAR(sum_y / count, 3 * step_y, 1e-9);
}

TEST(Detector, EvenSensitivityChangesNothing) {
  AnnularDetector detector{"HAADF", 20, 60};
  const double plain = total(detector, true);
  detector.sensitivity = std::make_shared<DetectorSensitivity>(DetectorSensitivity::radial({0, 30}, {1, 1}));
  EXPECT_NEAR(total(detector, true), plain, 1e-9);
  detector.sensitivity = std::make_shared<DetectorSensitivity>(
      DetectorSensitivity::map(std::vector<float>(64 * 80, 0.5F), 64, 80, 30.2, 41.7, 2.5));
  EXPECT_NEAR(total(detector, true), plain / 2, 1e-9);
}

TEST(DetectorSensitivity, IsLinearBetweenItsPoints) {
  const auto radial = DetectorSensitivity::radial({10, 20, 40}, {1, 3, 2});
  EXPECT_DOUBLE_EQ(radial.at(0, 5), 1);
  EXPECT_DOUBLE_EQ(radial.at(9, 12), 2);
  EXPECT_DOUBLE_EQ(radial.at(-30, 0), 2.5);
  EXPECT_DOUBLE_EQ(radial.at(100, 0), 2);
  // 2 rows, 3 columns, the axis on the middle of the first row; x to the right, y down.
  const auto map = DetectorSensitivity::map({0, 1, 2, 10, 11, 12}, 2, 3, 0, 1, 10);
  EXPECT_DOUBLE_EQ(map.at(0, 0), 1);
  EXPECT_DOUBLE_EQ(map.at(10, 0), 2);
  EXPECT_DOUBLE_EQ(map.at(-5, 5), 5.5);
  EXPECT_DOUBLE_EQ(map.at(0, 14), 11);
  EXPECT_DOUBLE_EQ(map.at(0, 16), 0);
  EXPECT_DOUBLE_EQ(map.at(-16, 0), 0);
}

TEST(DetectorSensitivity, RefusesNonsense) {
  EXPECT_THROW(DetectorSensitivity::radial({}, {}), Error);
  EXPECT_THROW(DetectorSensitivity::radial({10, 10}, {1, 1}), Error);
  EXPECT_THROW(DetectorSensitivity::radial({10, 20}, {1, -1}), Error);
  EXPECT_THROW(DetectorSensitivity::map({1, 2, 3}, 2, 2, 0, 0, 1), Error);
  EXPECT_THROW(DetectorSensitivity::map({1, NAN}, 1, 2, 0, 0, 1), Error);
  EXPECT_THROW(DetectorSensitivity::map({1, 2}, 1, 2, 0, 0, 0), Error);
}

}  // namespace
}  // namespace colonnade
