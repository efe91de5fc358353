// SPDX-License-Identifier: GPL-3.0-or-later
// The model that ships keeps its promise on particles that nobody has seen: it tells platinum beyond the thickness.
#include <gtest/gtest.h>

#include "colonnade/workflows/evaluate_model.h"
#include "colonnade/workflows/make_dataset.h"

namespace colonnade {
namespace {

TEST(ShippedModel, TellsPlatinumBeyondTheThickness) {
  const Model model = Model::load(std::string(COLONNADE_SOURCE_DIR) + "/models/ptnipdcofe.h5");
  DatasetOptions options;
  options.read_record(model.record.options.at("dataset"));
  options.seed = 77;  // not the training data's
  const auto folder = std::filesystem::temp_directory_path() / "colonnade_shipped_model_test";
  std::filesystem::remove_all(folder);
  options.particles = 4;
  make_dataset(options, folder);
  const Evaluation evaluation = evaluate_model(model, folder, -1, 1);
  std::filesystem::remove_all(folder);
  ASSERT_EQ(evaluation.model.front().element, "Pt");
  EXPECT_GT(evaluation.columns, 80);
  EXPECT_GT(evaluation.model.front().r2, evaluation.thickness_only.front().r2 + 0.1);
  EXPECT_GT(evaluation.model.front().exact, evaluation.thickness_only.front().exact);
  // The error bars are neither far too short nor far too long.
  EXPECT_GT(evaluation.within_2_sd.front(), 0.85);
  EXPECT_LT(evaluation.within_1_sd.front(), 0.85);
}

}  // namespace
}  // namespace colonnade
