// SPDX-License-Identifier: GPL-3.0-or-later
// How well a network in training does on samples as they are: the loss, and R2 per element at the columns, as a
// learning curve shows them. Only sources include this header: it brings libtorch's.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "colonnade/learn/network.h"
#include "colonnade/learn/precision.h"
#include "colonnade/learn/training_data.h"

namespace colonnade {

struct SampleScores {
  double loss = 0;                 ///< mean square error over all pixels of the maps
  std::vector<nlohmann::json> r2;  ///< per element; null where the counts do not vary
};
/// {"Pt": 0.5, ...}
nlohmann::json r2_json(const SampleScores& scores, const std::vector<std::string>& elements);
/// "Pt 0.50 Ni 0.07"
std::string r2_text(const SampleScores& scores, const std::vector<std::string>& elements);

/// Where a network computes.
struct Placement {
  torch::Device device = torch::kCPU;
  Precision precision = Precision::float32;
  Collective* among = nullptr;  ///< processes that share the work, or null
  torch::MemoryFormat layout() const { return memory_layout(device, precision == Precision::mixed); }
};
torch::Tensor images_tensor(const Batch& batch, const Placement& placement);
torch::Tensor labels_tensor(const Batch& batch, const Placement& placement);

/// Scores the network on the samples of `indices`, `options.batch` at a time, with counting noise drawn by sample from
/// `random`. The same in every process. Leaves the network in evaluation mode.
SampleScores score_samples(ElementNetwork& network, const Placement& placement, const std::vector<Sample>& samples,
                           std::span<const std::int64_t> indices, const TrainingOptions& options,
                           const ModelRecord& record, const Random& random);

}  // namespace colonnade
