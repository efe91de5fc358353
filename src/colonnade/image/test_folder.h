// SPDX-License-Identifier: GPL-3.0-or-later
// For the tests of this room: a folder that goes away with the test, messages of errors, a sample image.
#pragma once

#include <cmath>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <string_view>

#include "colonnade/core/file.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/core/test_folder.h"
#include "colonnade/image/image.h"

namespace colonnade {

class TestFolder : public testing::Test {
 protected:
  std::filesystem::path at(const std::string& name) const { return folder_.path() / name; }
  std::filesystem::path put(const std::string& name, std::string_view bytes) const {
    std::ofstream(at(name), std::ios::binary) << bytes;
    return at(name);
  }

 private:
  TemporaryFolder folder_;
};

/// Not square and without symmetry, so that a transposed or mirrored copy differs.
inline Image sample_image(int height = 5, int width = 7, double pixel_size_nm = 0.0125) {
  Image image(height, width, pixel_size_nm);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x)
      image.at(y, x) = std::sin(0.7F * float(y)) + 0.31F * float(x) + 0.01F * float(x * y);
  }
  return image;
}

}  // namespace colonnade
