// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/diffraction/zone_net.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/test_errors.h"

namespace colonnade {

namespace {

enum : int { hall_213 = 509, hall_221 = 517, hall_225 = 523, hall_227 = 525, hall_229 = 529, hall_p1 = 1 };

ZoneNet cubic_net(int hall, const Miller& zone) {
  return zone_net({{{4, 0, 0}, {0, 4, 0}, {0, 0, 4}}}, operations_of_hall(hall), zone);
}

TEST(ZoneNet, SquaresOfAllCubicLatticesAreAlike) {
  const ZoneNet simple = cubic_net(hall_221, {0, 0, 1});
  ASSERT_EQ(simple.points.size(), 36u);  // points of a square lattice within 3.3 of a corner, but itself
  for (const int hall : {hall_225, hall_227, hall_229}) EXPECT_TRUE(look_alike(simple, cubic_net(hall, {0, 0, 1})));
  // The screw axes of 213 take 100, 200 and 300 away.
  EXPECT_FALSE(look_alike(simple, cubic_net(hall_213, {0, 0, 1})));
}

TEST(ZoneNet, OfTheZone110) {
  // Of P and I: a rectangle of 1 by the square root of 2 in both; of F and of diamond: a centred one.
  EXPECT_TRUE(look_alike(cubic_net(hall_221, {1, 1, 0}), cubic_net(hall_229, {1, 1, 0})));
  EXPECT_FALSE(look_alike(cubic_net(hall_221, {1, 1, 0}), cubic_net(hall_225, {1, 1, 0})));
  EXPECT_FALSE(look_alike(cubic_net(hall_225, {1, 1, 0}), cubic_net(hall_227, {1, 1, 0})));  // no 002
}

TEST(ZoneNet, RotationMirrorAndSizeDoNotCount) {
  const Matrix3 cell{{{5, 0, 0}, {1.2, 6, 0}, {-0.7, 0.9, 7}}};
  const Matrix3 mirrored_and_grown{{{-10, 0, 0}, {-2.4, 12, 0}, {1.4, 1.8, 14}}};
  const auto operations = operations_of_hall(hall_p1);
  for (const Miller& zone : {Miller{0, 0, 1}, Miller{1, 1, 0}, Miller{1, 2, 3}}) {
    const ZoneNet net = zone_net(cell, operations, zone);
    EXPECT_TRUE(look_alike(net, net));
    EXPECT_TRUE(look_alike(net, zone_net(mirrored_and_grown, operations, zone)));
  }
  EXPECT_FALSE(look_alike(zone_net(cell, operations, {0, 0, 1}), zone_net(cell, operations, {1, 1, 0})));
}

TEST(ZoneNet, TheToleranceIsWhatItSays) {
  const auto operations = operations_of_hall(hall_p1);
  const auto rectangle = [&](double ratio) {
    return zone_net({{{4, 0, 0}, {0, 4 * ratio, 0}, {0, 0, 4}}}, operations, {0, 0, 1});
  };
  EXPECT_TRUE(look_alike(rectangle(1), rectangle(1.015)));
  EXPECT_FALSE(look_alike(rectangle(1), rectangle(1.03)));
}

TEST(ZoneNet, LooksCollectWhatIsAlike) {
  PatternLooks looks;
  const int square = looks.add(cubic_net(hall_221, {0, 0, 1}), {221, {0, 0, 1}});
  EXPECT_EQ(looks.add(cubic_net(hall_229, {0, 0, 1}), {229, {0, 0, 1}}), square);
  const int hexagon = looks.add(cubic_net(hall_225, {1, 1, 1}), {225, {1, 1, 1}});
  EXPECT_NE(hexagon, square);
  EXPECT_EQ(looks.size(), 2u);
  EXPECT_EQ(looks.name(square), "221[001] 229[001]");
  EXPECT_EQ(looks.find(cubic_net(hall_229, {1, 1, 1})), hexagon);
  EXPECT_EQ(looks.find(cubic_net(hall_229, {1, 1, 0})), -1);
  EXPECT_THAT(message_of([] { cubic_net(hall_221, {0, 0, 0}); }), testing::HasSubstr("zone axis"));
}

}  // namespace

}  // namespace colonnade
