// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/count_posterior.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

constexpr double reach = 4.5;        // standard deviations that the exact sum looks at
constexpr double draw_width = 1.25;  // of the proposal, in units of the normal approximation's
constexpr int draws = 4000;
constexpr double linear_reach = 3.5;     // prior's standard deviations within which signals are linearised
constexpr double contradiction = 3;      // standard deviations of the signals from what the prior expects
constexpr double known_variance = 1e-6;  // of a total, below which it is taken as known

/// Covariance of what is measured about what the counts give: scatter, correlated between signals, and counting noise.
Matrix signal_covariance(const SignalResponse::At& response, const ColumnEvidence& evidence,
                         const std::vector<double>& own, double total) {
  const Eigen::Index signals = Eigen::Index(response.signals());
  Matrix covariance(signals, signals);
  std::vector<double> scatter(signals), spill(signals);
  for (Eigen::Index s = 0; s < signals; ++s) {
    spill[s] = response.spill(s, total, std::max(evidence.neighbour_sums_nm2[s], 0.0));
    scatter[s] = response.scatter(s, own[s], spill[s]);
  }
  for (Eigen::Index a = 0; a < signals; ++a) {
    for (Eigen::Index b = 0; b < signals; ++b) covariance(a, b) = scatter[a] * scatter[b] * response.correlation(a, b);
    const double dose = evidence.doses_per_nm2[a];
    const double expected = std::max(own[a], 0.0) + spill[a];
    // Half a count stands for what is not expected at all but may come.
    if (dose > 0) covariance(a, a) += (std::max(expected, 0.0) + 0.5 / dose) / dose;
    covariance(a, a) += 1e-18;
  }
  return covariance;
}

Matrix prior_covariance(const CountPrior& prior) {
  const Eigen::Index elements = std::ssize(prior.fractions);
  const Eigen::Map<const Vector> f(prior.fractions.data(), elements);
  const double total = std::max(prior.total, 0.5);
  const double spread =
      std::isfinite(prior.concentration) ? (prior.concentration + total) / (prior.concentration + 1) : 1;
  Matrix covariance = -total * spread * f * f.transpose();
  covariance.diagonal() += total * spread * f;
  covariance += prior.total_variance * f * f.transpose();
  covariance.diagonal().array() += 1e-9;
  return covariance;
}

NormalPosterior moments_of(const CountPrior& prior) {
  const Matrix covariance = prior_covariance(prior);
  NormalPosterior moments;
  for (const double f : prior.fractions) moments.mean.push_back(prior.total * f);
  moments.covariance.assign(covariance.data(), covariance.data() + covariance.size());
  moments.total = prior.total;
  moments.total_variance = prior.total_variance;
  return moments;
}

/// log of the Dirichlet-multinomial's factors that depend on the counts, per element and count, and of the total.
class PriorTable {
 public:
  PriorTable(const CountPrior& prior, int largest) : prior_(prior) {
    by_element_.resize(prior.fractions.size());
    for (std::size_t e = 0; e < by_element_.size(); ++e) {
      const double f = std::max(prior.fractions[e], 1e-12);
      for (int n = 0; n <= largest; ++n) {
        const double a = prior.concentration * f;
        const double value = std::isfinite(prior.concentration) ? std::lgamma(n + a) - std::lgamma(a) : n * std::log(f);
        by_element_[e].push_back(value - std::lgamma(n + 1.0));
      }
    }
    for (int n = 0; n <= largest * std::ssize(by_element_); ++n) by_total_.push_back(of_total(n));
  }
  double element(std::size_t e, int n) const { return by_element_[e][n]; }
  double total(int n) const { return by_total_[n]; }

 private:
  double of_total(int n) const {
    double value = std::lgamma(n + 1.0);
    if (std::isfinite(prior_.concentration)) {
      value += std::lgamma(prior_.concentration) - std::lgamma(n + prior_.concentration);
    }
    if (prior_.total_variance < known_variance) {
      return n == std::lround(prior_.total) ? value : -std::numeric_limits<double>::infinity();
    }
    return value - 0.5 * std::pow(n - prior_.total, 2) / prior_.total_variance;
  }

  const CountPrior& prior_;
  std::vector<std::vector<double>> by_element_;
  std::vector<double> by_total_;
};

/// log posterior of whole counts, up to a constant. Correlations between signals are those at the reference counts.
class Target {
 public:
  Target(const SignalResponse::At& response, const ColumnEvidence& evidence, const CountPrior& prior,
         const NormalPosterior& near, int largest)
      : response_(response),
        evidence_(evidence),
        table_(prior, largest),
        own_(response.signals()),
        z_(response.signals()) {
    response.own(near.mean.data(), own_.data());
    const Matrix covariance = signal_covariance(response, evidence, own_, near.total);
    const Vector scale = covariance.diagonal().cwiseSqrt().cwiseInverse();
    precision_ = (scale.asDiagonal() * covariance * scale.asDiagonal()).inverse();
  }
  double operator()(const std::vector<int>& counts) {
    double log = 0;
    int total = 0;
    counts_.assign(counts.begin(), counts.end());
    for (std::size_t e = 0; e < counts.size(); ++e) {
      log += table_.element(e, counts[e]);
      total += counts[e];
    }
    log += table_.total(total);
    if (!std::isfinite(log)) return log;
    response_.own(counts_.data(), own_.data());
    for (std::size_t s = 0; s < own_.size(); ++s) {
      const double spill = response_.spill(s, total, evidence_.neighbour_sums_nm2[s]),
                   dose = evidence_.doses_per_nm2[s];
      const double scatter = response_.scatter(s, own_[s], spill);
      double variance = scatter * scatter + 1e-18;
      if (dose > 0) variance += (std::max(own_[s] + spill, 0.0) + 0.5 / dose) / dose;
      z_(Eigen::Index(s)) = (evidence_.sections_nm2[s] - own_[s] - spill) / std::sqrt(variance);
      log -= 0.5 * std::log(variance);
    }
    return log - 0.5 * z_.dot(precision_ * z_);
  }

 private:
  const SignalResponse::At& response_;
  const ColumnEvidence& evidence_;
  PriorTable table_;
  Matrix precision_;
  std::vector<double> own_, counts_;
  Vector z_;
};

/// Weighted whole counts, summed up.
class Sum {
 public:
  explicit Sum(std::size_t elements) : elements_(elements) {}
  void add(const std::vector<int>& counts, double log_weight) {
    if (!std::isfinite(log_weight)) return;
    if (log_weight > scale_) rescale(log_weight);
    const double weight = std::exp(log_weight - scale_);
    counts_.insert(counts_.end(), counts.begin(), counts.end());
    weights_.push_back(weight);
  }
  bool empty() const { return weights_.empty(); }
  CountDistribution distribution() const;

 private:
  void rescale(double log_weight) {
    const double factor = std::isfinite(scale_) ? std::exp(scale_ - log_weight) : 0;
    for (double& weight : weights_) weight *= factor;
    scale_ = log_weight;
  }
  std::size_t elements_;
  double scale_ = -std::numeric_limits<double>::infinity();
  std::vector<int> counts_;
  std::vector<double> weights_;
};

CountDistribution Sum::distribution() const {
  CountDistribution result;
  result.mean.assign(elements_, 0);
  result.covariance.assign(elements_ * elements_, 0);
  result.elements.resize(elements_);
  double all = 0;
  for (const double weight : weights_) all += weight;
  const auto put = [](CountProbabilities& bars, int n, double weight) {
    if (std::ssize(bars) <= n) bars.resize(n + 1, 0);
    bars[n] += weight;
  };
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    const int* counts = counts_.data() + i * elements_;
    const double weight = weights_[i] / all;
    if (weight < 1e-15) continue;
    int total = 0;
    for (std::size_t a = 0; a < elements_; ++a) {
      total += counts[a];
      put(result.elements[a], counts[a], weight);
      result.mean[a] += weight * counts[a];
      for (std::size_t b = 0; b < elements_; ++b)
        result.covariance[a * elements_ + b] += weight * counts[a] * counts[b];
    }
    put(result.total, total, weight);
  }
  for (std::size_t a = 0; a < elements_; ++a) {
    for (std::size_t b = 0; b < elements_; ++b) result.covariance[a * elements_ + b] -= result.mean[a] * result.mean[b];
  }
  return result;
}

struct Limits {
  std::vector<int> low, high;
  int total_low = 0, total_high = 0;
  double combinations = 1;
};

Limits limits_of(const NormalPosterior& near, const CountPrior& prior) {
  Limits limits;
  const std::size_t elements = near.mean.size();
  const auto range = [](double mean, double variance) {
    const double width = reach * std::sqrt(std::max(variance, 0.0)) + 0.6;
    return std::pair{std::max(0, int(std::ceil(mean - width))), std::max(1, int(std::floor(mean + width)))};
  };
  for (std::size_t e = 0; e < elements; ++e) {
    const auto [low, high] = range(near.mean[e], near.covariance[e * elements + e]);
    limits.low.push_back(std::min(low, high));
    limits.high.push_back(high);
    limits.combinations *= high - limits.low.back() + 1;
  }
  std::tie(limits.total_low, limits.total_high) = range(near.total, near.total_variance);
  if (prior.total_variance < known_variance) limits.total_low = limits.total_high = int(std::lround(prior.total));
  // With the total known to a few atoms, the last element follows from the others.
  const double last = limits.high.back() - limits.low.back() + 1;
  limits.combinations *= std::min(1.0, (limits.total_high - limits.total_low + 1) / last);
  return limits;
}

void enumerate(const Limits& limits, std::size_t element, int total, std::vector<int>& counts, Target& target,
               Sum& sum) {
  int low = limits.low[element], high = std::min(limits.high[element], limits.total_high - total);
  if (element + 1 == counts.size()) low = std::max(low, limits.total_low - total);
  for (int n = low; n <= high; ++n) {
    counts[element] = n;
    if (element + 1 == counts.size()) {
      sum.add(counts, target(counts));
    } else {
      enumerate(limits, element + 1, total + n, counts, target, sum);
    }
  }
}

/// Draws all elements but the last, and the total, from the widened normal approximation.
void sample(const NormalPosterior& near, const CountPrior& prior, int largest, Target& target, Random& random,
            Sum& sum) {
  const Eigen::Index elements = std::ssize(near.mean);
  Matrix transform = Matrix::Identity(elements, elements);
  transform.row(elements - 1).setOnes();
  const Eigen::Map<const Matrix> covariance(near.covariance.data(), elements, elements);
  const Vector mean = transform * Eigen::Map<const Vector>(near.mean.data(), elements);
  Matrix wide = draw_width * draw_width * transform * covariance * transform.transpose();
  wide.diagonal().array() += 0.02;  // room for rounding where an element is known well
  const bool known = prior.total_variance < known_variance;
  const Eigen::Index free = known ? elements - 1 : elements;
  const Eigen::LLT<Matrix> factor(wide.topLeftCorner(free, free));
  const Matrix lower = factor.matrixL();
  std::vector<int> counts(elements);
  Vector normal(free), rounded(free);
  for (int i = 0; i < draws; ++i) {
    for (Eigen::Index k = 0; k < free; ++k) normal(k) = random.normal();
    const Vector drawn = mean.head(free) + lower * normal;
    int rest = known ? int(std::lround(prior.total)) : int(std::lround(drawn(elements - 1)));
    for (Eigen::Index k = 0; k < free; ++k) rounded(k) = double(std::lround(drawn(k)));
    bool possible = true;
    for (Eigen::Index k = 0; k + 1 < elements; ++k) {
      counts[k] = int(rounded(k));
      rest -= counts[k];
      possible = possible && counts[k] >= 0 && counts[k] <= largest;
    }
    counts[elements - 1] = rest;
    if (!possible || rest < 0 || rest > largest) continue;
    const Vector z = factor.matrixL().solve(rounded - mean.head(free));
    sum.add(counts, target(counts) + 0.5 * z.squaredNorm());
  }
}

void check(const SignalResponse::At& response, const ColumnEvidence& evidence, const CountPrior& prior) {
  if (evidence.sections_nm2.size() != response.signals() || evidence.neighbour_sums_nm2.size() != response.signals() ||
      evidence.doses_per_nm2.size() != response.signals()) {
    fail("a column has {} signals, its response {}; measure the response's signals", evidence.sections_nm2.size(),
         response.signals());
  }
  if (prior.fractions.size() != response.elements()) {
    fail("{} fractions do not fit {} elements; give one each", prior.fractions.size(), response.elements());
  }
}

}  // namespace

NormalPosterior normal_posterior(const SignalResponse::At& response, const ColumnEvidence& evidence,
                                 const CountPrior& prior, int updates) {
  check(response, evidence, prior);
  const Eigen::Index elements = std::ssize(prior.fractions), signals = Eigen::Index(response.signals());
  const Matrix before = prior_covariance(prior);
  const Vector start = std::max(prior.total, 0.0) * Eigen::Map<const Vector>(prior.fractions.data(), elements);
  Vector mean = start, innovation;
  Matrix after = before, expected;
  std::vector<double> own(signals), slopes(signals * elements);
  // Where signals and prior contradict each other, the steps would run away: none leaves the prior's reach.
  const Vector reach_each = linear_reach * before.diagonal().cwiseSqrt();
  const Vector lowest = (start - reach_each).cwiseMax(0.0), highest = start + reach_each;
  for (int turn = 0; turn < updates; ++turn) {
    const Vector at = mean.cwiseMax(lowest).cwiseMin(highest);
    const double total = at.sum();
    response.own(at.data(), own.data());
    response.gradient(at.data(), slopes.data());
    const Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>> slope(
        slopes.data(), signals, elements);
    Vector measured(signals);
    for (Eigen::Index s = 0; s < signals; ++s) {
      measured(s) = evidence.sections_nm2[s] - response.spill(s, total, evidence.neighbour_sums_nm2[s]) - own[s];
    }
    measured += slope * at;
    expected = slope * before * slope.transpose() + signal_covariance(response, evidence, own, total);
    innovation = measured - slope * start;
    const Matrix gain = expected.ldlt().solve(slope * before).transpose();
    mean = start + gain * innovation;
    after = before - gain * slope * before;
  }
  NormalPosterior result;
  after = 0.5 * (after + after.transpose().eval());
  result.mean.assign(mean.data(), mean.data() + elements);
  result.covariance.assign(after.data(), after.data() + elements * elements);
  result.total = mean.sum();
  result.total_variance = std::max(0.0, after.sum());
  const Eigen::LDLT<Matrix> factor(expected);
  const double squares = innovation.dot(factor.solve(innovation));
  result.log_evidence = -0.5 * (squares + factor.vectorD().array().max(1e-300).log().sum() +
                                double(signals) * std::log(2 * std::numbers::pi));
  result.distance = std::sqrt(squares / double(signals));
  return result;
}

CountDistribution exact_posterior(const SignalResponse::At& response, const ColumnEvidence& evidence,
                                  const CountPrior& prior, Random random, int most_counts) {
  NormalPosterior near = normal_posterior(response, evidence, prior);
  const double surprise = near.distance;
  // Signals that contradict the prior lead the approximation astray: then the prior's own reach is searched.
  if (surprise > contradiction) near = moments_of(prior);
  const Limits limits = limits_of(near, prior);
  const int largest = 2 * limits.total_high + 5;
  Target target(response, evidence, prior, near, largest);
  Sum sum(prior.fractions.size());
  if (limits.combinations <= most_counts) {
    std::vector<int> counts(prior.fractions.size());
    enumerate(limits, 0, 0, counts, target, sum);
  } else {
    sample(near, prior, largest, target, random, sum);
  }
  if (sum.empty()) {
    near = moments_of(prior);
    return normal_distribution(near.mean, near.covariance);
  }
  CountDistribution result = sum.distribution();
  result.surprise = surprise;
  return result;
}

double total_by_signals(const SignalResponse& response, const SignalResponse::At& at, const ColumnEvidence& evidence,
                        const std::vector<double>& fractions, double largest) {
  const auto& kinds = response.kinds();
  const bool annular = std::any_of(kinds.begin(), kinds.end(), [](const SignalKind& k) { return k.element.empty(); });
  std::vector<double> counts(fractions.size()), own(kinds.size());
  const auto excess = [&](double total) {
    for (std::size_t e = 0; e < counts.size(); ++e) counts[e] = total * fractions[e];
    at.own(counts.data(), own.data());
    double sum = 0;
    for (std::size_t s = 0; s < kinds.size(); ++s) {
      if (annular && !kinds[s].element.empty()) continue;
      const double expected = own[s] + at.spill(s, total, evidence.neighbour_sums_nm2[s]);
      sum += (expected - evidence.sections_nm2[s]) / std::max(std::abs(evidence.sections_nm2[s]), 1e-12);
    }
    return sum;
  };
  // The lowest total that gives enough: far beyond the fit a response may fall again. Where none does, the nearest.
  double low = 0, high = 0, nearest = -std::numeric_limits<double>::infinity(), at_nearest = 0;
  for (double total = std::min(0.5, largest);; total = std::min(1.25 * total, largest)) {
    const double there = excess(total);
    if (there > nearest) nearest = there, at_nearest = total;
    if (there > 0) high = total;
    if (there > 0 || total >= largest) break;
    low = total;
  }
  if (high == 0) return at_nearest;
  for (int turn = 0; turn < 30; ++turn) {
    const double total = 0.5 * (low + high);
    (excess(total) > 0 ? high : low) = total;
  }
  return 0.5 * (low + high);
}

ColumnEvidence evidence_of(const ColumnSignals& signals, std::size_t column) {
  ColumnEvidence evidence{signals.sections_nm2[column], neighbour_sum(signals, column), {}};
  for (const SignalKind& kind : signals.kinds) evidence.doses_per_nm2.push_back(kind.dose_per_nm2);
  return evidence;
}

Estimate own_total(const SignalResponse::At& response, const ColumnEvidence& evidence, double expected,
                   const std::vector<double>& fractions, double concentration) {
  CountPrior wide{std::max(expected, 0.5), 0, fractions, concentration};
  wide.total_variance = std::pow(4 * wide.total + 10, 2);
  const NormalPosterior found = normal_posterior(response, evidence, wide, 1);
  const double after = std::max(found.total_variance, 1e-9), precision = 1 / after - 1 / wide.total_variance;
  const double variance = 1 / std::max(precision, 1e-6);
  return {variance * (found.total / after - wide.total / wide.total_variance), variance};
}

double most_atoms(const SignalResponse& response) { return 3.0 * std::max(response.largest_total(), 10); }

}  // namespace colonnade
