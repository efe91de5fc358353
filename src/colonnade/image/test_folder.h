// SPDX-License-Identifier: GPL-3.0-or-later
// For the tests of this room: a folder that goes away with the test, messages of errors, sample images.
#pragma once

#include <cmath>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <unistd.h>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/image/image.h"

namespace colonnade {

class TestFolder : public testing::Test {
 protected:
  TestFolder() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              fmt::format("colonnade-{}.{}-{}", test->test_suite_name(), test->name(), getpid());
    std::filesystem::create_directories(folder_);
  }
  ~TestFolder() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::filesystem::path at(const std::string& name) const { return folder_ / name; }
  std::filesystem::path put(const std::string& name, std::string_view bytes) const {
    std::ofstream(at(name), std::ios::binary) << bytes;
    return at(name);
  }

 private:
  std::filesystem::path folder_;
};

/// The message of the Error that `action` throws; empty where it throws none. Fails the test on a message of two lines.
template <class Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    std::string message = error.what();
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    return message;
  }
  return {};
}

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
