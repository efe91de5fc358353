// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/column_table.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "colonnade/columns/bayesian_counts.h"
#include "colonnade/columns/count_posterior.h"
#include "colonnade/columns/thickness_surface.h"
#include "colonnade/core/error.h"
#include "colonnade/structures/alloy.h"

namespace colonnade {
namespace {

constexpr double usual_concentration = 20;  // of the posterior: between a random alloy and strong clusters
constexpr double reference_atoms = 10;      // of a column that stands for "one signal"
constexpr double least_variance = 0.01;     // of a count, in atoms^2, that physics may claim
constexpr double edge_weight = 0.2;         // of columns that are not whole, in the loss
constexpr double farthest_target = 6;       // standard deviations: a column beyond does not rule the others
constexpr double bar_variance = 1.0 / 12;
constexpr int of_signal = 4, of_element = 2, of_column = 7;

/// Lower triangular factor of a covariance, [a][b].
std::vector<double> lower_factor(const std::vector<double>& covariance, std::size_t size) {
  std::vector<double> factor(size * size, 0);
  for (std::size_t a = 0; a < size; ++a) {
    for (std::size_t b = 0; b <= a; ++b) {
      double value = covariance[a * size + b] + (a == b ? least_variance : 0);
      for (std::size_t k = 0; k < b; ++k) value -= factor[a * size + k] * factor[b * size + k];
      factor[a * size + b] = a == b ? std::sqrt(std::max(value, 0.1 * least_variance)) : value / factor[b * size + b];
    }
  }
  return factor;
}

/// (counts - mean) in units of the factor, by forward substitution.
std::vector<double> in_units(const PhysicsView& physics, const std::vector<int>& counts) {
  const std::size_t size = counts.size();
  std::vector<double> result(size);
  for (std::size_t a = 0; a < size; ++a) {
    double value = counts[a] - physics.mean[a];
    for (std::size_t b = 0; b < a; ++b) value -= physics.factor[a * size + b] * result[b];
    result[a] = value / physics.factor[a * size + a];
  }
  return result;
}

/// Physics' view of all columns of a field.
class Views {
 public:
  Views(const ColumnSignals& signals, const SignalResponse& response, const std::vector<double>& fractions)
      : signals_(signals), response_(response), fractions_(fractions), at_(response.at(signals.conditions)) {
    for (std::size_t i = 0; i < signals.size(); ++i) {
      evidence_.push_back(evidence_of(signals, i));
    }
    find_thickness();
    for (std::size_t i = 0; i < signals.size(); ++i) add_posterior(i);
  }
  const SignalResponse::At& at() const { return at_; }
  const Estimate& own(std::size_t i) const { return own_[i]; }
  const Estimate& around(std::size_t i) const { return around_[i]; }
  const NormalPosterior& posterior(std::size_t i) const { return posteriors_[i]; }
  /// What is expected of the counts that are found.
  std::vector<double> expected(std::size_t i) const {
    std::vector<double> counts = posteriors_[i].mean, sections(at_.signals());
    for (double& count : counts) count = std::max(count, 0.0);
    at_.own(counts.data(), sections.data());
    const double total = std::accumulate(counts.begin(), counts.end(), 0.0);
    for (std::size_t s = 0; s < sections.size(); ++s) {
      sections[s] += at_.spill(s, total, evidence_[i].neighbour_sums_nm2[s]);
    }
    return sections;
  }

 private:
  /// A column that is not whole says little.
  Estimate own_total(std::size_t i, double expected) const {
    const Estimate found = colonnade::own_total(at_, evidence_[i], expected, fractions_, usual_concentration);
    return {found.value, found.variance + (signals_.whole[i] ? 0 : 4 + 0.1 * found.value * found.value)};
  }
  void find_thickness() {
    for (const ColumnEvidence& evidence : evidence_) {
      own_.push_back({total_by_signals(response_, at_, evidence, fractions_, most_atoms(response_)), 4});
    }
    for (std::size_t i = 0; i < own_.size(); ++i) own_[i] = own_total(i, own_[i].value);
    around_ = predict_from_others(signals_.positions_nm, own_, {});
  }
  void add_posterior(std::size_t i) {
    const double total = std::clamp(around_[i].value, 0.5, most_atoms(response_));
    const CountPrior prior{total, around_[i].variance, fractions_, usual_concentration};
    posteriors_.push_back(normal_posterior(at_, evidence_[i], prior, 3));
  }

  const ColumnSignals& signals_;
  const SignalResponse& response_;
  const std::vector<double>& fractions_;
  SignalResponse::At at_;
  std::vector<ColumnEvidence> evidence_;
  std::vector<Estimate> own_, around_;
  std::vector<NormalPosterior> posteriors_;
};

CountProbabilities bars(double mean, double variance) {
  return normal_counts(mean, std::sqrt(std::max(variance - bar_variance, 0.02 * variance)));
}

void fill_bars(CountDistribution& column) {
  const std::size_t size = column.mean.size();
  column.elements.clear();
  double total = 0, variance = 0;
  for (std::size_t a = 0; a < size; ++a) {
    total += column.mean[a];
    for (std::size_t b = 0; b < size; ++b) variance += column.covariance[a * size + b];
    column.elements.push_back(bars(column.mean[a], column.covariance[a * size + a]));
  }
  column.total = bars(total, std::max(variance, 1e-9));
}

double spacing_of(const ColumnSignals& signals) {
  const double spacing = typical_spacing(signals.positions_nm);
  return spacing > 0 ? spacing : 1;
}

std::vector<ColumnGraph::Edge> edges_of(const ColumnSignals& signals) {
  std::vector<ColumnGraph::Edge> edges;
  const double spacing = spacing_of(signals);
  for (std::size_t i = 0; i < signals.size(); ++i) {
    const Point& own = signals.positions_nm[i];
    for (const int other : signals.neighbours[i]) {
      const Point& there = signals.positions_nm[other];
      edges.push_back({other, int(i), float((there.x - own.x) / spacing), float((there.y - own.y) / spacing)});
    }
  }
  return edges;
}

}  // namespace

/// `place`: of its four inputs; `reference`: its section for the reference column, nm^2.
struct ColumnTableMaker::Signal {
  std::size_t place = 0;
  double reference = 0, noise = 0;
};

ColumnTableMaker::ColumnTableMaker(SignalResponse response, std::vector<double> fractions)
    : response_(std::move(response)), fractions_(checked_fractions(response_.elements(), fractions)) {}

nlohmann::json ColumnTableMaker::to_json() const {
  return {{"format", 1}, {"response", response_.to_json()}, {"fractions", fractions_}};
}

ColumnTableMaker ColumnTableMaker::from_json(const nlohmann::json& json, const std::string& where) {
  if (!json.is_object() || json.value("format", 0) != 1 || !json.contains("response") || !json.contains("fractions")) {
    fail("{}: the model does not say how signals become its inputs; train it again", where);
  }
  return ColumnTableMaker(SignalResponse::from_json(json["response"], where),
                          json["fractions"].get<std::vector<double>>());
}

int ColumnTableMaker::inputs() const {
  return of_signal * int(response_.kinds().size()) + of_element * int(response_.elements().size()) + of_column;
}

std::vector<ColumnTableMaker::Signal> ColumnTableMaker::present(const ColumnSignals& signals) const {
  const SignalResponse chosen = response_.only(names_of(signals.kinds));
  const SignalResponse::At at = chosen.at(signals.conditions);
  std::vector<double> counts = fractions_, sections(at.signals());
  for (double& count : counts) count *= reference_atoms;
  at.own(counts.data(), sections.data());
  std::vector<Signal> result;
  for (std::size_t s = 0; s < sections.size(); ++s) {
    Signal signal;
    for (const SignalKind& kind : response_.kinds()) {
      if (kind.name == signals.kinds[s].name) break;
      ++signal.place;
    }
    signal.reference = std::max(sections[s], 1e-12);
    const double dose = signals.kinds[s].dose_per_nm2;
    signal.noise = dose > 0 ? 1 / std::sqrt(dose * signal.reference) : 0;
    result.push_back(signal);
  }
  return result;
}

ColumnTable ColumnTableMaker::table(const ColumnSignals& signals) const {
  if (signals.kinds.empty()) fail("no signal is given; counting needs at least one");
  ColumnTable result;
  result.graph.columns = int(signals.size());
  if (signals.size() == 0) return result;
  const SignalResponse response = response_.only(names_of(signals.kinds));
  const Views views(signals, response, fractions_);
  const std::vector<Signal> present_signals = present(signals);
  const std::size_t elements = fractions_.size(), width = inputs();
  result.graph.edges = edges_of(signals);
  result.graph.inputs.assign(signals.size() * width, 0);
  for (std::size_t i = 0; i < signals.size(); ++i) {
    const NormalPosterior& found = views.posterior(i);
    PhysicsView& view = result.physics.emplace_back();
    view.mean = found.mean;
    view.factor = lower_factor(found.covariance, elements);
    view.surprise = found.distance;
    float* row = result.graph.inputs.data() + i * width;
    const auto expected = views.expected(i);
    for (std::size_t s = 0; s < expected.size(); ++s) {
      const Signal& signal = present_signals[s];
      const double section = signals.sections_nm2[i][s] / signal.reference;
      const double misfit = section - expected[s] / signal.reference;
      const double error = std::sqrt(5e-4 * (0.1 + section * section) + signal.noise * signal.noise * (section + 0.1));
      float* part = row + of_signal * signal.place;
      part[0] = 1;
      part[1] = float(std::log(0.01 + signal.noise) / 2 + 1);
      part[2] = float(std::min(section, 10.0));
      part[3] = float(std::clamp(misfit / std::max(error, 1e-3), -5.0, 5.0) / 2);
    }
    row += of_signal * response_.kinds().size();
    for (std::size_t e = 0; e < elements; ++e) {
      *row++ = float(found.mean[e] / 4);
      *row++ = float(std::log(view.factor[e * elements + e]));
    }
    *row++ = float(views.own(i).value / 20);
    *row++ = float(std::log(0.1 + views.own(i).variance) / 3);
    *row++ = float(views.around(i).value / 20);
    *row++ = float(std::log(0.1 + views.around(i).variance) / 3);
    *row++ = float(std::clamp((views.own(i).value - views.around(i).value) /
                                  std::sqrt(views.own(i).variance + views.around(i).variance),
                              -5.0, 5.0) /
                   2);
    *row++ = float(signals.neighbours[i].size()) / 6 - 1;
    *row++ = signals.whole[i] ? 0 : 1;
  }
  return result;
}

ColumnTable ColumnTableMaker::table(const KnownColumns& field) const {
  ColumnTable result = table(field.signals);
  for (std::size_t i = 0; i < field.counts.size(); ++i) {
    for (const double value : in_units(result.physics[i], field.counts[i])) {
      result.graph.targets.push_back(float(std::clamp(value, -farthest_target, farthest_target)));
    }
    result.graph.weights.push_back(field.signals.whole[i] ? 1 : float(edge_weight));
  }
  return result;
}

std::string Calibration::class_of(const std::vector<SignalKind>& kinds) {
  return with_x_rays(kinds) ? "with X-rays" : kinds.size() > 1 ? "several annular signals" : "one annular signal";
}

std::vector<double> Calibration::of(const std::vector<SignalKind>& kinds) const {
  const auto found = widening.find(class_of(kinds));
  return found == widening.end() ? std::vector<double>{} : found->second;
}

CountDistribution counts_of(const PhysicsView& physics, const ColumnEstimate& estimate) {
  const std::size_t size = physics.mean.size();
  CountDistribution column;
  column.mean = physics.mean;
  column.covariance.assign(size * size, 0);
  column.surprise = physics.surprise;
  std::vector<double> factor(size * size, 0);
  for (std::size_t a = 0; a < size; ++a) {
    for (std::size_t k = 0; k <= a; ++k) {
      column.mean[a] += physics.factor[a * size + k] * estimate.mean[k];
      for (std::size_t b = 0; b <= k; ++b) {
        factor[a * size + b] += physics.factor[a * size + k] * estimate.factor[k * size + b];
      }
    }
    column.mean[a] = std::max(column.mean[a], 0.0);
  }
  for (std::size_t a = 0; a < size; ++a) {
    for (std::size_t b = 0; b < size; ++b) {
      double& value = column.covariance[a * size + b];
      for (std::size_t k = 0; k < size; ++k) value += factor[a * size + k] * factor[b * size + k];
    }
  }
  fill_bars(column);
  return column;
}

std::vector<CountDistribution> count_by_network(const ColumnModel& model, const ColumnSignals& signals) {
  const auto maker = ColumnTableMaker::from_json(model.record.table, "the model");
  const ColumnTable table = maker.table(signals);
  const auto estimates = model.predict(table.graph);
  const Calibration calibration{model.record.calibration.get<decltype(Calibration::widening)>()};
  const std::vector<double> widening = calibration.of(signals.kinds);
  std::vector<CountDistribution> columns;
  for (std::size_t i = 0; i < estimates.size(); ++i) {
    columns.push_back(widened(counts_of(table.physics[i], estimates[i]), widening));
    columns.back().flag = flag_of(signals, i, columns.back(), maker.response());
  }
  return columns;
}

}  // namespace colonnade
