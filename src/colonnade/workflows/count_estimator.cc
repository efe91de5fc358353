// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/count_estimator.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "colonnade/columns/counts.h"
#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/image/filter.h"
#include "colonnade/learn/column_model.h"
#include "colonnade/learn/model.h"
#include "colonnade/workflows/calibrate_response.h"
#include "colonnade/workflows/column_table.h"

namespace colonnade {
namespace {

class PhysicsEstimator : public CountEstimator {
 public:
  PhysicsEstimator(SignalResponse response, BayesianOptions options, const std::vector<std::string>& signals)
      : response_(signals.empty() ? std::move(response) : response.only(signals)), options_(std::move(options)) {}
  std::string name() const override { return "physics"; }
  const std::vector<std::string>& elements() const override { return response_.elements(); }
  std::vector<CountDistribution> count(const MeasuredField& field) const override {
    std::vector<std::string> known;
    for (const SignalKind& kind : response_.kinds()) {
      const bool measured = std::any_of(field.kinds.begin(), field.kinds.end(),
                                        [&](const SignalKind& other) { return other.name == kind.name; });
      if (measured) known.push_back(kind.name);
    }
    if (known.empty()) {
      fail("none of the field's signals is one that the response knows; calibrate it for '{}'", field.kinds.at(0).name);
    }
    const ColumnSignals signals = measure_signals(field.images, field.kinds, field.columns, field.conditions);
    return count_by_physics(signals.only(known), response_, options_).columns;
  }

 private:
  SignalResponse response_;
  BayesianOptions options_;
};

class NetworkEstimator : public CountEstimator {
 public:
  explicit NetworkEstimator(Model model) : model_(std::move(model)) {}
  std::string name() const override { return "network"; }
  const std::vector<std::string>& elements() const override { return model_.record.elements; }
  std::vector<CountDistribution> count(const MeasuredField& field) const override {
    return count_on_maps(model_, field.images.at(0), field.columns).distributions;
  }

 private:
  Model model_;
};

class ColumnsEstimator : public CountEstimator {
 public:
  explicit ColumnsEstimator(ColumnModel model) : model_(std::move(model)) {}
  std::string name() const override { return "columns"; }
  const std::vector<std::string>& elements() const override { return model_.record.elements; }
  std::vector<CountDistribution> count(const MeasuredField& field) const override {
    return count_by_network(model_, measure_signals(field.images, field.kinds, field.columns, field.conditions));
  }

 private:
  ColumnModel model_;
};

}  // namespace

MapCounts count_on_maps(const Model& model, const Image& image, const std::vector<Column>& columns) {
  const double ratio = image.pixel_size_nm / model.record.pixel_size_nm;
  const Image at_model_size = std::fabs(ratio - 1) < 1e-3 ? image : resample(image, model.record.pixel_size_nm);
  MapCounts result;
  result.maps = model.predict(at_model_size);
  std::vector<Column> scaled = columns;
  for (auto& column : scaled) {
    column.x_px *= ratio;
    column.y_px *= ratio;
  }
  const std::size_t elements = model.record.elements.size();
  const bool calibrated = model.record.count_errors.size() == elements;
  for (const auto& counts : read_counts(result.maps, scaled)) {
    std::vector<double> covariance(elements * elements);
    for (std::size_t e = 0; e < elements; ++e) {
      const double deviation = calibrated ? model.record.count_errors[e].at(counts[e]) : std::sqrt(counts[e]);
      covariance[e * elements + e] = deviation * deviation;
    }
    result.distributions.push_back(normal_distribution(counts, covariance));
  }
  return result;
}

std::unique_ptr<CountEstimator> physics_estimator(SignalResponse response, BayesianOptions options,
                                                  std::vector<std::string> signals) {
  return std::make_unique<PhysicsEstimator>(std::move(response), std::move(options), signals);
}

std::unique_ptr<CountEstimator> load_estimator(const std::filesystem::path& file, std::vector<std::string> signals) {
  if (file.extension() == ".json") return physics_estimator(load_response(file), {}, std::move(signals));
  if (is_column_model(file)) return std::make_unique<ColumnsEstimator>(ColumnModel::load(file));
  return std::make_unique<NetworkEstimator>(Model::load(file));
}

}  // namespace colonnade
