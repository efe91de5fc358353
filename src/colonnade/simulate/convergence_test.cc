// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/convergence.h"

#include <cmath>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/error.h"
#include "colonnade/simulate/extrapolation.h"
#include "colonnade/simulate/reference_data.h"

namespace colonnade {
namespace {

const std::filesystem::path folder = std::filesystem::path(COLONNADE_SHARED_DATA) / "reference" / "stem";

TEST(SlowConvergence, SmallParticle) {
  if (!std::filesystem::exists(folder / "small.zxyz")) GTEST_SKIP() << "no " << folder;
  const auto structure = read_reference_structure(folder / "small.zxyz");
  ConvergenceOptions wanted;
  const auto report = measure_convergence(structure, Optics{}, {{"HAADF", 60, 100}, {"ADF", 25, 60}},
                                          {0, 0, 150, 150, 0.02}, {}, wanted, "small");
  fmt::print("{}\n{}\npredicted {}\n", report.text(), report.to_json().dump(1), report.predicted_s);
}

}  // namespace
}  // namespace colonnade
