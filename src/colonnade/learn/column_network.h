// SPDX-License-Identifier: GPL-3.0-or-later
// Message passing over the columns of a field (after Gilmer et al., Proc. ICML 2017, arXiv 1704.01212): each round, a
// column hears from every neighbour relu(A own + B neighbour's + C direction), summed, and the mean of the whole field,
// and adds an answer to its state. Only sources of this room include this header: it brings libtorch.
//
// The output of a column is the mean of a normal distribution and, lower triangular, the factor W of its inverse
// covariance W^T W: then the loss needs no inversion. The last layer begins at zero, so that an untrained network
// predicts the standard normal distribution: whatever the targets were measured in.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/linear.h>
#include <vector>

#include "colonnade/core/random.h"
#include "colonnade/learn/column_model.h"

namespace colonnade {

/// Several graphs side by side. Neighbours stand in slots, [column][slot], so that sums over neighbours are sums over
/// an axis; a slot without a neighbour points behind the last column.
struct ColumnBatch {
  torch::Tensor inputs;      ///< (columns, inputs)
  torch::Tensor neighbours;  ///< (columns x slots), column of the sender
  torch::Tensor senders;     ///< (columns x slots'), slots in which a column is the sender, for the gradient
  torch::Tensor directions;  ///< (columns x slots, direction_features)
  torch::Tensor empty;       ///< (columns x slots, 1), 1 where there is no neighbour
  torch::Tensor field;       ///< (columns), number of the column's graph
  torch::Tensor field_size;  ///< (graphs, 1), columns in each, at least 1
  torch::Tensor targets, weights;
};
ColumnBatch column_batch(std::span<const ColumnGraph* const> graphs, int inputs, int outputs);

class ColumnNetwork : public torch::nn::Module {
 public:
  /// The weights hold nothing of use until initialise() or a load.
  ColumnNetwork(int inputs, int outputs, int hidden, int rounds);
  /// Uniform within sqrt(3 / inputs of the layer), biases zero; what ends in the state or the output: zero.
  void initialise(Random& random);

  struct Output {
    torch::Tensor mean;          ///< (columns, outputs)
    torch::Tensor log_diagonal;  ///< of W, (columns, outputs)
    torch::Tensor below;         ///< W below its diagonal, (columns, outputs (outputs - 1) / 2), row by row
  };
  Output forward(const ColumnBatch& batch);

  int inputs() const { return inputs_; }
  int outputs() const { return outputs_; }
  int hidden() const { return hidden_; }
  int rounds() const { return static_cast<int>(rounds_.size()); }

 private:
  struct Round {
    torch::nn::Linear own{nullptr}, other{nullptr}, direction{nullptr}, listen{nullptr}, answer{nullptr};
  };
  torch::Tensor pass(Round& round, const torch::Tensor& state, const ColumnBatch& batch);

  int inputs_, outputs_, hidden_;
  torch::nn::Linear embed_{nullptr}, embed_more_{nullptr}, head_{nullptr}, output_{nullptr};
  std::vector<Round> rounds_;
};

/// W (target - mean) of every column.
torch::Tensor whitened(const ColumnNetwork::Output& output, const torch::Tensor& targets);
/// Mean over columns, by their weights, of minus the log of the normal density, its constant left out.
torch::Tensor negative_log_likelihood(const ColumnNetwork::Output& output, const ColumnBatch& batch);
std::vector<ColumnEstimate> estimates(const ColumnNetwork::Output& output);

std::vector<std::pair<std::string, torch::Tensor>> named_weights(const ColumnNetwork& network);

struct ColumnModel::Network {
  std::shared_ptr<ColumnNetwork> layers;
};

}  // namespace colonnade
