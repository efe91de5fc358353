// SPDX-License-Identifier: GPL-3.0-or-later
// Runs the built program as a user does, in a folder of the test's own.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <sys/wait.h>
#include <vector>

#include "colonnade/core/file.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/image.h"

namespace colonnade {

class ProgramTest : public ::testing::Test {
 protected:
  struct Run {
    int code = 0;
    std::string out, err;
  };

  ProgramTest() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              (std::string("colonnade_") + test->test_suite_name() + "_" + test->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~ProgramTest() override {
    std::error_code ignored;
    if (!HasFailure()) std::filesystem::remove_all(folder_, ignored);
  }

  /// Runs `colonnade ARGUMENTS` in the test's folder; `before` is shell text in front of it ("ulimit -f 1;").
  Run run(const std::string& arguments, const std::string& before = "") {
    const auto out = folder_ / ".stdout", err = folder_ / ".stderr";
    const std::string command = "cd '" + folder_.string() + "' && (" + before + " '" + COLONNADE_PROGRAM + "' " +
                                arguments + ") > '" + out.string() + "' 2> '" + err.string() + "' < /dev/null";
    const int status = std::system(command.c_str());
    Run result{WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status, read_file(out), read_file(err)};
    std::filesystem::remove(out);
    std::filesystem::remove(err);
    return result;
  }

  /// Names in the folder, hidden ones too, sorted.
  std::vector<std::string> listing() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  std::filesystem::path folder_;
};

/// Gaussian columns on a square lattice with 0.25 nm between them, on a background of 0.01.
inline Image lattice_image(int size_px, double pixel_size_nm, double sigma_nm = 0.05) {
  Image image(size_px, size_px, pixel_size_nm);
  image.intensity = "fraction of beam";
  const double period = 0.25;
  for (int y = 0; y < size_px; ++y) {
    for (int x = 0; x < size_px; ++x) {
      const double dx = std::remainder(x * pixel_size_nm - period / 2, period);
      const double dy = std::remainder(y * pixel_size_nm - period / 2, period);
      image.at(y, x) = 0.01F + 0.1F * float(std::exp(-(dx * dx + dy * dy) / (2 * sigma_nm * sigma_nm)));
    }
  }
  return image;
}

}  // namespace colonnade
