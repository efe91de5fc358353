// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/train_model.h"

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/learn/dataset.h"

namespace colonnade {
namespace {

/// The columns of every second particle, beginning with the first or the second.
CountComparison half_of(const CountComparison& comparison, int which) {
  CountComparison half;
  for (std::size_t i = 0; i < comparison.truth.size(); ++i) {
    if (comparison.particle[i] % 2 != which) continue;
    half.truth.push_back(comparison.truth[i]);
    half.predicted.push_back(comparison.predicted[i]);
    half.particle.push_back(comparison.particle[i]);
  }
  return half;
}

}  // namespace

OptionTable TrainModelOptions::table() {
  OptionTable table;
  table.add("dataset", &dataset, "", "Dataset folder");
  table.add("model", &model, "", "Model file to write; checkpoints go beside it");
  training.describe(table);
  return table;
}

Evaluation train_model(const TrainModelOptions& options, const ProcessGroup& group) {
  if (options.dataset.empty()) fail("no dataset folder is given; use --dataset, or 'dataset' in the config");
  options.training.check();
  const std::filesystem::path file = options.model;
  const std::filesystem::path work = file.string() + ".training";
  Model model = train(options.dataset, options.training, work, {}, group);
  if (group.rank > 0) return {};
  const Split split =
      split_particles(particle_files(options.dataset), options.training.test_fraction, options.training.seed);
  if (split.test.size() < 2) fail("{} held-out particles are too few to score a model; at least 2", split.test.size());
  const auto comparison = compare_counts(model, split.test, options.training.dose_per_A2, options.training.seed);
  const auto second = half_of(comparison, 1);
  if (second.truth.empty()) fail("the held-out particles show no columns to check the error bars on");
  model.record.count_errors = count_errors(half_of(comparison, 0), model.record.elements.size());
  Evaluation evaluation = evaluate(model, comparison);
  const Evaluation checked = evaluate(model, second);
  evaluation.within_1_sd = checked.within_1_sd;
  evaluation.within_2_sd = checked.within_2_sd;
  evaluation.dose_per_A2 = options.training.dose_per_A2;
  evaluation.particles_are = "held out from the training data";
  model.record.scores = to_json(evaluation);
  model.save(file);
  info("The model is in {}", file.string());
  return evaluation;
}

}  // namespace colonnade
