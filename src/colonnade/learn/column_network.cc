// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/column_network.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <torch/csrc/autograd/custom_function.h>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

constexpr int direction_features = 5;
constexpr double usual_neighbours = 6;
constexpr double largest_log = 6;  // of W's diagonal: nothing is known better than e^-6 of its unit, nor worse than e^6

/// Rows of `values` at `index`, a row of zeros behind the last. The gradient of a row is the sum over the slots that
/// `senders` lists for it: libtorch's own gradient of index_select adds row by row and is far slower on a processor.
struct Gather : torch::autograd::Function<Gather> {
  static torch::Tensor with_zeros(const torch::Tensor& values) {
    return torch::cat({values, torch::zeros({1, values.size(1)}, values.options())});
  }
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& values,
                               const torch::Tensor& index, const torch::Tensor& senders) {
    context->save_for_backward({senders});
    context->saved_data["columns"] = values.size(0);
    return with_zeros(values).index_select(0, index);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const torch::Tensor senders = context->get_saved_variables()[0];
    const std::int64_t columns = context->saved_data["columns"].toInt(), slots = senders.size(0) / columns;
    const torch::Tensor each = with_zeros(gradients[0]).index_select(0, senders);
    return {each.view({columns, slots, gradients[0].size(1)}).sum(1), torch::Tensor(), torch::Tensor()};
  }
};

/// Lists of unequal length as a table of `rows` rows; what is left is filled with `filler`.
torch::Tensor padded(const std::vector<std::vector<std::int64_t>>& lists, std::int64_t filler) {
  std::size_t slots = 1;
  for (const auto& list : lists) slots = std::max(slots, list.size());
  std::vector<std::int64_t> table(lists.size() * slots, filler);
  for (std::size_t i = 0; i < lists.size(); ++i) {
    std::copy(lists[i].begin(), lists[i].end(), table.begin() + std::ptrdiff_t(i * slots));
  }
  return torch::tensor(table, torch::kLong);
}

void check(const ColumnGraph& graph, int inputs, int outputs) {
  if (graph.columns < 1) fail("a graph without columns; leave it out");
  const auto columns = std::size_t(graph.columns);
  if (graph.inputs.size() != columns * inputs) {
    fail("a graph of {} columns has {} inputs; the network wants {} each", columns, graph.inputs.size(), inputs);
  }
  if ((!graph.targets.empty() && graph.targets.size() != columns * outputs) ||
      (!graph.weights.empty() && graph.weights.size() != columns)) {
    fail("a graph of {} columns has {} targets and {} weights; give {} and 1 for each", columns, graph.targets.size(),
         graph.weights.size(), outputs);
  }
  for (const auto& edge : graph.edges) {
    if (edge.from < 0 || edge.to < 0 || edge.from >= graph.columns || edge.to >= graph.columns) {
      fail("a graph of {} columns has an edge from {} to {}", columns, edge.from, edge.to);
    }
  }
}

/// The edges of all graphs, by receiver and by sender.
class Slots {
 public:
  explicit Slots(std::int64_t columns) : columns_(columns), received_(columns) {}
  void add(const ColumnGraph& graph, std::int64_t first) {
    for (const auto& edge : graph.edges) {
      received_[first + edge.to].push_back({first + edge.from, edge.dx, edge.dy});
    }
  }
  void fill(ColumnBatch& batch) const {
    std::vector<std::vector<std::int64_t>> senders(columns_), sent(columns_);
    for (std::int64_t i = 0; i < columns_; ++i) {
      for (const Message& message : received_[i]) senders[i].push_back(message.from);
    }
    batch.neighbours = padded(senders, columns_);
    const std::int64_t slots = batch.neighbours.size(0) / columns_;
    batch.directions = torch::zeros({columns_ * slots, direction_features});
    batch.empty = torch::ones({columns_ * slots, 1});
    for (std::int64_t i = 0; i < columns_; ++i) {
      for (std::size_t k = 0; k < received_[i].size(); ++k) {
        const auto slot = i * slots + std::int64_t(k);
        const auto [from, x, y] = received_[i][k];
        const float values[] = {x, y, std::hypot(x, y), x * x - y * y, 2 * x * y};
        std::copy(std::begin(values), std::end(values), batch.directions.data_ptr<float>() + slot * direction_features);
        batch.empty.data_ptr<float>()[slot] = 0;
        sent[from].push_back(slot);
      }
    }
    batch.senders = padded(sent, columns_ * slots);
  }

 private:
  struct Message {
    std::int64_t from;
    float dx, dy;
  };
  std::int64_t columns_;
  std::vector<std::vector<Message>> received_;
};

std::vector<float> joined(std::span<const ColumnGraph* const> graphs, std::vector<float> ColumnGraph::*part) {
  std::vector<float> all;
  for (const ColumnGraph* graph : graphs) all.insert(all.end(), (graph->*part).begin(), (graph->*part).end());
  return all;
}

torch::nn::Linear linear(int from, int to, bool bias = true) {
  return torch::nn::Linear(torch::nn::LinearOptions(from, to).bias(bias));
}

/// The inverse of a lower triangular matrix, by forward substitution.
std::vector<double> inverse_of_lower(const std::vector<double>& lower, std::size_t size) {
  std::vector<double> inverse(size * size, 0);
  for (std::size_t column = 0; column < size; ++column) {
    for (std::size_t row = column; row < size; ++row) {
      double value = row == column ? 1 : 0;
      for (std::size_t k = column; k < row; ++k) value -= lower[row * size + k] * inverse[k * size + column];
      inverse[row * size + column] = value / lower[row * size + row];
    }
  }
  return inverse;
}

}  // namespace

ColumnBatch column_batch(std::span<const ColumnGraph* const> graphs, int inputs, int outputs) {
  std::vector<std::int64_t> field;
  std::vector<float> sizes;
  for (std::size_t g = 0; g < graphs.size(); ++g) {
    check(*graphs[g], inputs, outputs);
    field.insert(field.end(), graphs[g]->columns, std::int64_t(g));
    sizes.push_back(float(graphs[g]->columns));
  }
  if (field.empty()) fail("a batch without graphs");
  const std::int64_t columns = std::ssize(field);
  Slots slots(columns);
  std::int64_t first = 0;
  for (const ColumnGraph* graph : graphs) {
    slots.add(*graph, first);
    first += graph->columns;
  }
  ColumnBatch batch;
  slots.fill(batch);
  batch.inputs = torch::tensor(joined(graphs, &ColumnGraph::inputs)).view({columns, inputs});
  batch.field = torch::tensor(field, torch::kLong);
  batch.field_size = torch::tensor(sizes).view({-1, 1});
  const std::vector<float> targets = joined(graphs, &ColumnGraph::targets);
  if (!targets.empty()) {
    batch.targets = torch::tensor(targets).view({columns, outputs});
    batch.weights = torch::tensor(joined(graphs, &ColumnGraph::weights));
  }
  return batch;
}

ColumnNetwork::ColumnNetwork(int inputs, int outputs, int hidden, int rounds)
    : inputs_(inputs), outputs_(outputs), hidden_(hidden) {
  if (inputs < 1 || outputs < 1 || hidden < 1 || hidden > 4096 || rounds < 0 || rounds > 64) {
    fail("a network over columns of {} inputs, {} outputs, {} hidden numbers and {} rounds makes no sense", inputs,
         outputs, hidden, rounds);
  }
  embed_ = register_module("embed", linear(inputs, hidden));
  embed_more_ = register_module("embed_more", linear(hidden, hidden));
  for (int r = 0; r < rounds; ++r) {
    const std::string prefix = "round_" + std::to_string(r) + "_";
    Round round;
    round.own = register_module(prefix + "own", linear(hidden, hidden));
    round.other = register_module(prefix + "other", linear(hidden, hidden, false));
    round.direction = register_module(prefix + "direction", linear(direction_features, hidden, false));
    round.listen = register_module(prefix + "listen", linear(3 * hidden, hidden));
    round.answer = register_module(prefix + "answer", linear(hidden, hidden));
    rounds_.push_back(round);
  }
  head_ = register_module("head", linear(hidden, hidden));
  output_ = register_module("output", linear(hidden, outputs * (outputs + 3) / 2));
}

void ColumnNetwork::initialise(Random& random) {
  const torch::NoGradGuard no_gradient;
  for (auto& item : named_weights(*this)) {
    torch::Tensor& weight = item.second;
    weight.zero_();
    if (weight.dim() != 2 || item.first.ends_with("answer.weight") || item.first == "output.weight") continue;
    const double width = std::sqrt(3.0 / double(weight.size(1)));
    for (std::int64_t i = 0; i < weight.numel(); ++i) {
      weight.data_ptr<float>()[i] = static_cast<float>(random.uniform(-width, width));
    }
  }
}

torch::Tensor ColumnNetwork::pass(Round& round, const torch::Tensor& state, const ColumnBatch& batch) {
  const std::int64_t columns = state.size(0);
  constexpr double silence = -1e4;  // below zero whatever else is added
  const torch::Tensor from_others = Gather::apply(round.other->forward(state), batch.neighbours, batch.senders);
  const torch::Tensor sum =
      (from_others + round.direction->forward(batch.directions) + silence * batch.empty).view({columns, -1, hidden_}) +
      round.own->forward(state).unsqueeze(1);
  const torch::Tensor heard = sum.relu().sum(1) / usual_neighbours;
  const torch::Tensor of_field =
      torch::zeros({batch.field_size.size(0), hidden_}, state.options()).index_add(0, batch.field, state) /
      batch.field_size;
  const torch::Tensor all = torch::cat({state, heard, of_field.index_select(0, batch.field)}, 1);
  return state + round.answer->forward(round.listen->forward(all).relu());
}

ColumnNetwork::Output ColumnNetwork::forward(const ColumnBatch& batch) {
  torch::Tensor state = embed_more_->forward(embed_->forward(batch.inputs).relu());
  for (Round& round : rounds_) state = pass(round, state, batch);
  const torch::Tensor out = output_->forward(head_->forward(state.relu()).relu());
  const torch::Tensor logs = out.slice(1, outputs_, 2 * outputs_);
  return {out.slice(1, 0, outputs_), largest_log * (logs / largest_log).tanh(), out.slice(1, 2 * outputs_)};
}

torch::Tensor whitened(const ColumnNetwork::Output& output, const torch::Tensor& targets) {
  const torch::Tensor residual = targets - output.mean;
  const torch::Tensor scaled = residual * output.log_diagonal.exp();
  std::vector<torch::Tensor> rows;
  std::int64_t next = 0;
  for (std::int64_t row = 0; row < residual.size(1); next += row, ++row) {
    torch::Tensor value = scaled.select(1, row);
    if (row > 0) value = value + (output.below.slice(1, next, next + row) * residual.slice(1, 0, row)).sum(1);
    rows.push_back(value);
  }
  return torch::stack(rows, 1);
}

torch::Tensor negative_log_likelihood(const ColumnNetwork::Output& output, const ColumnBatch& batch) {
  if (!batch.targets.defined()) fail("columns without targets cannot be trained on");
  const torch::Tensor each = 0.5 * whitened(output, batch.targets).square().sum(1) - output.log_diagonal.sum(1);
  return (each * batch.weights).sum() / batch.weights.sum().clamp_min(1e-6);
}

std::vector<ColumnEstimate> estimates(const ColumnNetwork::Output& output) {
  const torch::Tensor mean = output.mean.contiguous(), diagonal = output.log_diagonal.exp().contiguous(),
                      below = output.below.contiguous();
  const std::size_t size = mean.size(1), pairs = below.size(1);
  std::vector<ColumnEstimate> result(mean.size(0));
  for (std::size_t i = 0; i < result.size(); ++i) {
    const float* of = mean.data_ptr<float>() + i * size;
    result[i].mean.assign(of, of + size);
    std::vector<double> lower(size * size, 0);
    const float* next = below.data_ptr<float>() + i * pairs;
    for (std::size_t row = 0; row < size; ++row) {
      for (std::size_t k = 0; k < row; ++k) lower[row * size + k] = *next++;
      lower[row * size + row] = diagonal.data_ptr<float>()[i * size + row];
    }
    result[i].factor = inverse_of_lower(lower, size);
  }
  return result;
}

std::vector<std::pair<std::string, torch::Tensor>> named_weights(const ColumnNetwork& network) {
  std::vector<std::pair<std::string, torch::Tensor>> weights;
  for (const auto& item : network.named_parameters()) weights.emplace_back(item.key(), item.value());
  return weights;
}

}  // namespace colonnade
