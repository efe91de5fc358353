// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/read_micrograph.h"

#include <gmock/gmock.h>

#include "colonnade/core/test_errors.h"
#include "colonnade/image/image.h"

namespace colonnade {
namespace {

using testing::HasSubstr;

class ReadMicrograph : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(zip_)) GTEST_SKIP() << "no real micrographs here";
  }
  std::filesystem::path zip_ = std::filesystem::path(COLONNADE_SHARED_DATA) / "micrographs/rsciio_velox_v11.zip";
};

TEST_F(ReadMicrograph, LinesByTheirElements) {
  const Image by_name = read_micrograph(zip_, {"EDS:Cu", 0}), by_energy = read_micrograph(zip_, {"EDS:8.0478", 0});
  EXPECT_EQ(by_name.data, by_energy.data);
  EXPECT_EQ(by_name.title, "Cu");
  EXPECT_EQ(by_name.metadata["Sample"]["elements"], nlohmann::json({"Cu"}));
  EXPECT_EQ(read_micrograph_frames(zip_, {"EDS:Cu K", 0}).front().data, by_name.data);
  EXPECT_NE(read_micrograph(zip_, {"EDS:Cu L", 0}).data, by_name.data);
  EXPECT_EQ(read_named_micrograph(zip_.string() + "#EDS:Cu").data, by_name.data);
}

TEST_F(ReadMicrograph, LinesThatAreNone) {
  EXPECT_THAT(message_of([&] { read_micrograph(zip_, {"EDS:Xx", 0}); }), HasSubstr("Xx"));
  EXPECT_THAT(message_of([&] { read_micrograph(zip_, {"EDS:Pt M", 0}); }), HasSubstr("'Pt M' is no X-ray line"));
  EXPECT_THAT(message_of([&] { read_micrograph(zip_, {"EDS:U", 0}); }), HasSubstr("no X-ray line"));
}

}  // namespace
}  // namespace colonnade
