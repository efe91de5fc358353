// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/classifier_model.h"

#include <algorithm>
#include <cmath>
#include <torch/autograd.h>
#include <utility>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/image/hdf5_file.h"
#include "colonnade/learn/residual_network.h"
#include "colonnade/learn/weights_file.h"

namespace colonnade {
namespace {

constexpr int format_version = 1;
constexpr const char* kind = "classifier";
constexpr std::size_t patterns_at_once = 64;

ClassifierRecord record_of(const Hdf5File& file, const std::filesystem::path& path) {
  const bool known = file.has_attribute("/", "kind") && file.read_text("/", "kind") == kind &&
                     file.has_attribute("/", "record") && file.has("weights");
  if (!known) fail("{}: this is no classifier of patterns; make one by 'colonnade train-classifier'", path.string());
  const double found = file.read_number("/", "format_version");
  if (found != format_version) {
    fail("{}: a classifier of format {}, this program reads format {}; use the matching program or train again",
         path.string(), found, format_version);
  }
  return classifier_record(nlohmann::json::parse(file.read_text("/", "record"), nullptr, false), path.string());
}

NamedWeights weights_of(const ResidualNetwork& network) {
  NamedWeights weights = parameters_of(network);
  for (auto& buffer : buffers_of(network)) weights.push_back(std::move(buffer));
  return weights;
}

torch::Tensor log_probabilities_of(const ClassifierModel::Network& network, const torch::Tensor& patterns,
                                   double temperature) {
  return (network.layers->forward(patterns.to(network.device)) / temperature).log_softmax(1);
}

double mean_log_probability(const std::vector<std::vector<double>>& logits, const std::vector<int>& classes,
                            double temperature) {
  double sum = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double top = *std::max_element(logits[i].begin(), logits[i].end());
    double total = 0;
    for (const double logit : logits[i]) total += std::exp((logit - top) / temperature);
    sum += (logits[i][std::size_t(classes[i])] - top) / temperature - std::log(total);
  }
  return sum / double(std::max<std::size_t>(logits.size(), 1));
}

}  // namespace

nlohmann::json to_json(const ClassifierRecord& record) {
  return {{"kind", kind},
          {"classes", record.classes},
          {"depth", record.depth},
          {"width", record.width},
          {"side_px", record.side_px},
          {"temperature", record.temperature},
          {"meaning", record.meaning},
          {"options", record.options},
          {"data_fingerprint", record.data_fingerprint},
          {"seed", record.seed},
          {"epochs", record.epochs},
          {"scores", record.scores},
          {"version", record.version}};
}

ClassifierRecord classifier_record(const nlohmann::json& json, const std::string& where) {
  ClassifierRecord record;
  try {
    if (json.at("kind") != kind) fail("{}: the record is not of a classifier", where);
    record.classes = json.at("classes").get<std::vector<std::string>>();
    record.depth = json.at("depth");
    record.width = json.at("width");
    record.side_px = json.at("side_px");
    record.temperature = json.at("temperature");
    record.meaning = json.at("meaning");
    record.options = json.at("options");
    record.data_fingerprint = json.at("data_fingerprint");
    record.seed = json.at("seed");
    record.epochs = json.at("epochs");
    record.scores = json.at("scores");
    record.version = json.at("version");
  } catch (const nlohmann::json::exception& problem) {
    fail("{}: the record is not of a classifier ({}); train the model again", where, problem.what());
  }
  if (record.side_px < 32 || record.side_px > 4096 || !(record.temperature > 0)) {
    fail("{}: the classifier's patterns have {} px and its temperature is {}; train it again", where, record.side_px,
         record.temperature);
  }
  return record;
}

ClassifierModel::ClassifierModel(std::unique_ptr<Network> network) : network_(std::move(network)) {}
ClassifierModel::ClassifierModel(ClassifierModel&&) noexcept = default;
ClassifierModel& ClassifierModel::operator=(ClassifierModel&&) noexcept = default;
ClassifierModel::~ClassifierModel() = default;

void ClassifierModel::save(const std::filesystem::path& path, bool half) const {
  PendingFile pending(path);
  Hdf5File file(pending.temporary(), Hdf5File::Mode::create);
  write_weights(file, weights_of(*network_->layers), half);
  file.write_number("/", "format_version", format_version);
  file.write_text("/", "kind", kind);
  file.write_text("/", "record", to_json(record).dump());
  file.close();
  pending.commit();
}

ClassifierModel ClassifierModel::load(const std::filesystem::path& path) {
  require_file(path, "model");
  const Hdf5File file(path, Hdf5File::Mode::read);
  ClassifierRecord record = record_of(file, path);
  auto network = std::make_unique<Network>();
  network->layers = std::make_shared<ResidualNetwork>(record.depth, record.width, int(record.classes.size()));
  read_weights(file, path, weights_of(*network->layers));
  network->layers->eval();
  ClassifierModel model(std::move(network));
  model.record = std::move(record);
  return model;
}

std::vector<std::vector<double>> ClassifierModel::log_probabilities(
    const std::vector<std::vector<float>>& patterns) const {
  const torch::NoGradGuard no_gradient;
  std::vector<std::vector<double>> all;
  for (std::size_t first = 0; first < patterns.size(); first += patterns_at_once) {
    std::vector<const std::vector<float>*> some;
    for (std::size_t i = first; i < std::min(first + patterns_at_once, patterns.size()); ++i) {
      some.push_back(&patterns[i]);
    }
    const torch::Tensor values =
        log_probabilities_of(*network_, pattern_batch(some, record.side_px), record.temperature)
            .to(torch::kCPU, torch::kDouble)
            .contiguous();
    const double* row = values.data_ptr<double>();
    for (std::size_t i = 0; i < some.size(); ++i, row += values.size(1)) all.emplace_back(row, row + values.size(1));
  }
  return all;
}

std::vector<float> ClassifierModel::saliency(const std::vector<float>& pattern, const std::vector<int>& classes) const {
  if (classes.empty()) fail("saliency for no class; name at least one");
  const std::vector<std::int64_t> index(classes.begin(), classes.end());
  const torch::Tensor input = pattern_batch({&pattern}, record.side_px).to(network_->device).requires_grad_(true);
  const torch::Tensor chosen = log_probabilities_of(*network_, input, record.temperature)
                                   .index_select(1, torch::tensor(index, torch::kLong).to(network_->device));
  const torch::Tensor gradient = torch::autograd::grad({chosen.logsumexp(1).sum()}, {input})[0];
  const torch::Tensor spoken = (gradient * input).detach().cpu().contiguous();
  return {spoken.data_ptr<float>(), spoken.data_ptr<float>() + spoken.numel()};
}

double fitted_temperature(const std::vector<std::vector<double>>& logits, const std::vector<int>& classes) {
  // The mean is concave in 1 / temperature: golden sections in its logarithm.
  const double golden = (std::sqrt(5.0) - 1) / 2;
  double low = std::log(0.05), high = std::log(20.0);
  const auto value = [&](double logarithm) { return mean_log_probability(logits, classes, std::exp(logarithm)); };
  for (int i = 0; i < 40; ++i) {
    const double a = high - golden * (high - low), b = low + golden * (high - low);
    (value(a) > value(b) ? high : low) = value(a) > value(b) ? b : a;
  }
  return std::exp((low + high) / 2);
}

}  // namespace colonnade
