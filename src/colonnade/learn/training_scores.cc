// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/training_scores.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <torch/types.h>

namespace colonnade {
namespace {

/// Sums over columns for one element's R2: count, truth, its squares, squares of the residuals.
enum : std::int64_t { column_count, truth_sum, truth_squares, residual_squares, sums_per_element };

using Sums = torch::TensorAccessor<double, 1>;

/// Adds the predictions at the pixels nearest to the columns; `maps`: (element, y, x).
void add_columns(const std::vector<LabelledColumn>& columns, const torch::Tensor& maps, Sums sums) {
  const auto values = maps.accessor<float, 3>();
  for (const LabelledColumn& column : columns) {
    const auto x = std::lround(column.x_px), y = std::lround(column.y_px);
    if (x < 0 || y < 0 || x >= values.size(2) || y >= values.size(1)) continue;
    for (std::int64_t e = 0; e < values.size(0); ++e) {
      const double truth = column.counts[e], predicted = std::max(0.0F, values[e][y][x]);
      const std::int64_t first = 1 + e * sums_per_element;
      sums[first + column_count] += 1;
      sums[first + truth_sum] += truth;
      sums[first + truth_squares] += truth * truth;
      sums[first + residual_squares] += (truth - predicted) * (truth - predicted);
    }
  }
}

SampleScores scores_of(const Sums& sums, std::int64_t elements, std::int64_t samples) {
  SampleScores scores;
  scores.loss = sums[0] / double(std::max<std::int64_t>(1, samples));
  for (std::int64_t e = 0; e < elements; ++e) {
    const std::int64_t first = 1 + e * sums_per_element;
    const double truth = sums[first + truth_sum], count = std::max(1.0, sums[first + column_count]);
    const double total = sums[first + truth_squares] - truth * truth / count;
    scores.r2.push_back(total > 0 ? nlohmann::json(1 - sums[first + residual_squares] / total) : nlohmann::json());
  }
  return scores;
}

torch::Tensor on_device(const std::vector<float>& values, const std::vector<std::int64_t>& shape,
                        const Placement& placement) {
  const torch::Tensor view =
      torch::from_blob(const_cast<float*>(values.data()), shape);  // NOLINT: read only, libtorch has no const view
  return view.to(placement.device).clone(placement.layout());
}

}  // namespace

nlohmann::json r2_json(const SampleScores& scores, const std::vector<std::string>& elements) {
  nlohmann::json json = nlohmann::json::object();
  for (std::size_t e = 0; e < elements.size(); ++e) json[elements[e]] = scores.r2[e];
  return json;
}

std::string r2_text(const SampleScores& scores, const std::vector<std::string>& elements) {
  std::string text;
  for (std::size_t e = 0; e < elements.size(); ++e) {
    const std::string value = scores.r2[e].is_null() ? "-" : fmt::format("{:.2f}", scores.r2[e].get<double>());
    text += (e == 0 ? "" : " ") + elements[e] + " " + value;
  }
  return text;
}

torch::Tensor images_tensor(const Batch& batch, const Placement& placement) {
  return on_device(batch.images, {batch.count, 1, batch.height, batch.width}, placement);
}

torch::Tensor labels_tensor(const Batch& batch, const Placement& placement) {
  return on_device(batch.labels, {batch.count, batch.elements, batch.height, batch.width}, placement);
}

SampleScores score_samples(ElementNetwork& network, const Placement& placement, const std::vector<Sample>& samples,
                           std::span<const std::int64_t> indices, const TrainingOptions& options,
                           const ModelRecord& record, const Random& random) {
  const torch::NoGradGuard no_gradient;
  network.eval();
  const auto count = std::ssize(indices), elements = std::ssize(record.elements);
  torch::Tensor sums = torch::zeros({1 + elements * sums_per_element}, torch::kDouble);
  Sums added = sums.accessor<double, 1>();
  const int size = placement.among != nullptr ? placement.among->size() : 1;
  const int rank = placement.among != nullptr ? placement.among->rank() : 0;
  for (std::int64_t begin = 0, turn = 0; begin < count; begin += options.batch, ++turn) {
    if (turn % size != rank) continue;
    const auto part = indices.subspan(begin, std::min<std::int64_t>(count - begin, options.batch));
    const Batch batch = plain_batch(samples, part, options, record, random);
    torch::Tensor predicted;
    {
      const MixedScope mixed(placement.precision, placement.device);
      predicted = network.forward(images_tensor(batch, placement)).to(torch::kFloat);
    }
    added[0] += torch::mse_loss(predicted, labels_tensor(batch, placement)).item<double>() * double(batch.count);
    const torch::Tensor maps = predicted.to(torch::kCPU);
    for (std::int64_t i = 0; i < batch.count; ++i) add_columns(samples[part[i]].columns, maps[i], added);
  }
  if (placement.among != nullptr) placement.among->sum(sums);
  return scores_of(sums.accessor<double, 1>(), elements, count);
}

}  // namespace colonnade
