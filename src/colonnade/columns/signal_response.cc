// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/signal_response.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "colonnade/core/error.h"
#include "colonnade/structures/elements.h"

namespace colonnade {
namespace {

constexpr double thickness_unit = 20, focusing_unit = 800, scattering_power = 1.7, scattering_reference = 40;
constexpr std::size_t setting_powers = 3, spill_terms = 2;
constexpr double ridge = 1e-5;  // on features scaled to norm 1: what always occurs together stays apart by it alone
// More on what neighbours add: thickness varies smoothly, so that a column's own section could as well be told from
// those around it, and a fit left free gives dim columns in thick particles less than nothing of their own. With this,
// annular signals take about as much from their neighbours as X-rays do (a fifth), which are told apart by their
// elements.
constexpr double spill_ridge = 0.02;

constexpr double largest_spill =
    0.15;  // of a neighbour's section: six of them together stay below what they spill from
constexpr double floor_of_variance = 1e-4;  // of own^2: an error of 1 % is never denied

double atomic_number(const std::string& symbol) { return element(symbol).number; }

double scattering(const std::string& symbol) {
  return std::pow(atomic_number(symbol) / scattering_reference, scattering_power);
}

/// Which elements add to a signal of this kind.
std::vector<std::size_t> sources(const SignalKind& kind, const std::vector<std::string>& elements) {
  std::vector<std::size_t> result;
  for (std::size_t e = 0; e < elements.size(); ++e) {
    if (kind.element.empty() || kind.element == elements[e]) result.push_back(e);
  }
  if (result.empty()) fail("signal '{}' is of {}, which is not among the elements", kind.name, kind.element);
  return result;
}

int total_of(const std::vector<int>& counts) { return std::accumulate(counts.begin(), counts.end(), 0); }

std::string key_of(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  std::string key;
  for (const std::string& name : names) key += (key.empty() ? "" : " + ") + name;
  return key;
}

/// Squared residuals as a sum of the parts, none below 0: least squares weighted by the size of what is expected, by
/// coordinate descent.
std::array<double, 3> scatter_of(const std::vector<std::array<double, 3>>& parts, const std::vector<double>& residuals,
                                 double mean) {
  Eigen::Matrix3d normal = Eigen::Matrix3d::Zero();
  Eigen::Vector3d right = Eigen::Vector3d::Zero(), result = Eigen::Vector3d::Zero();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const double weight = 1 / std::pow(parts[i][1] + parts[i][2] + 0.01 * mean * mean, 2);
    const Eigen::Map<const Eigen::Vector3d> row(parts[i].data());
    normal += weight * row * row.transpose();
    right += weight * row * residuals[i] * residuals[i];
  }
  for (int turn = 0; turn < 500; ++turn) {
    for (int k = 0; k < 3; ++k) {
      const double rest = right(k) - normal.row(k).dot(result) + normal(k, k) * result(k);
      result(k) = std::max(0.0, rest / std::max(normal(k, k), 1e-300));
    }
  }
  return {result(0), std::max(result(1), floor_of_variance), std::max(result(2), floor_of_variance)};
}

}  // namespace

bool with_x_rays(const std::vector<SignalKind>& kinds) {
  return std::any_of(kinds.begin(), kinds.end(), [](const SignalKind& kind) { return !kind.element.empty(); });
}

void SignalResponse::At::own(const double* counts, double* sections) const {
  double total = 0, focusing = 0;
  for (std::size_t e = 0; e < charge_.size(); ++e) {
    total += counts[e];
    focusing += counts[e] * charge_[e];
  }
  const double t = std::min(total, largest_) / thickness_unit;
  for (std::size_t s = 0; s < signals_.size(); ++s) {
    double sum = 0;
    for (std::size_t e = 0; e < charge_.size(); ++e) {
      const auto& a = signals_[s].of_thickness[e];
      sum += counts[e] * (a[0] + t * (a[1] + t * (a[2] + t * a[3])) + signals_[s].focusing[e] * focusing);
    }
    sections[s] = sum;
  }
}

void SignalResponse::At::gradient(const double* counts, double* derivatives) const {
  const std::size_t elements = charge_.size();
  double total = 0, focusing = 0;
  for (std::size_t e = 0; e < elements; ++e) {
    total += counts[e];
    focusing += counts[e] * charge_[e];
  }
  const bool grows = total < largest_;
  const double t = std::min(total, largest_) / thickness_unit;
  for (std::size_t s = 0; s < signals_.size(); ++s) {
    double by_total = 0, by_focusing = 0;
    for (std::size_t e = 0; e < elements; ++e) {
      const auto& a = signals_[s].of_thickness[e];
      if (grows) by_total += counts[e] * (a[1] + t * (2 * a[2] + 3 * t * a[3])) / thickness_unit;
      by_focusing += counts[e] * signals_[s].focusing[e];
    }
    for (std::size_t e = 0; e < elements; ++e) {
      const auto& a = signals_[s].of_thickness[e];
      derivatives[s * elements + e] = a[0] + t * (a[1] + t * (a[2] + t * a[3])) + signals_[s].focusing[e] * focusing +
                                      by_total + charge_[e] * by_focusing;
    }
  }
}

double SignalResponse::At::spill(std::size_t signal, double total, double neighbour_sum) const {
  const Signal& s = signals_[signal];
  const double part = s.spill + s.spill_thickness * std::min(total, largest_) / thickness_unit;
  return neighbour_sum * std::clamp(part, 0.0, largest_spill);
}

double SignalResponse::At::scatter(std::size_t signal, double own, double spill) const {
  const auto& variance = signals_[signal].variance;
  const double positive = std::max(own, 0.0);
  return std::sqrt(variance[0] * positive + variance[1] * positive * positive + variance[2] * spill * spill);
}

std::vector<double> SignalResponse::standardised(const Conditions& conditions) const {
  std::vector<double> values;
  for (const Setting& setting : settings_) {
    const auto found = conditions.find(setting.name);
    if (found == conditions.end())
      fail("the microscope's {} is not known; it is needed to compare with calculation", setting.name);
    // No straight line is followed beyond what was seen; outside() tells.
    values.push_back((std::clamp(found->second, setting.low, setting.high) - setting.mean) / setting.deviation);
  }
  return values;
}

double SignalResponse::outside(const Conditions& conditions, std::string& name) const {
  double worst = 0;
  for (const Setting& setting : settings_) {
    const auto found = conditions.find(setting.name);
    if (found == conditions.end()) continue;
    const double width = std::max(setting.high - setting.low, 1e-12);
    const double beyond = std::max(found->second - setting.high, setting.low - found->second) / width;
    if (beyond > worst) worst = beyond, name = setting.name;
  }
  return worst;
}

/// Order: per source element t^0 .. t^3 and focusing; per setting t^0 .. t^2; spill t^0, t^1 and per setting.
std::vector<double> SignalResponse::features(std::size_t signal, const std::vector<int>& counts, double neighbour_sum,
                                             const std::vector<double>& settings) const {
  const double t = total_of(counts) / thickness_unit;
  double focusing = 0, weight = 0;
  for (std::size_t e = 0; e < counts.size(); ++e) focusing += counts[e] * atomic_number(elements_[e]) / focusing_unit;
  std::vector<double> row;
  for (const std::size_t e : sources(kinds_[signal], elements_)) {
    double power = counts[e];
    for (std::size_t p = 0; p < powers; ++p, power *= t) row.push_back(power);
    row.push_back(counts[e] * focusing);
    weight += counts[e] * scattering(elements_[e]);
  }
  for (const double setting : settings) {
    double power = weight * setting;
    for (std::size_t p = 0; p < setting_powers; ++p, power *= t) row.push_back(power);
  }
  row.push_back(neighbour_sum);
  row.push_back(neighbour_sum * t);
  for (const double setting : settings) row.push_back(neighbour_sum * setting);
  return row;
}

SignalResponse SignalResponse::fit(const std::vector<std::string>& elements, const std::vector<KnownColumns>& fields) {
  if (fields.empty()) fail("a response is fitted to simulated columns; none is given");
  SignalResponse response;
  response.elements_ = elements;
  response.kinds_ = fields[0].signals.kinds;
  for (SignalKind& kind : response.kinds_) kind.dose_per_nm2 = 0;
  for (const auto& [name, value] : fields[0].signals.conditions) {
    Setting setting{name, 0, 0, value, value};
    for (const auto& field : fields) {
      const double there = field.signals.conditions.at(name);
      setting.mean += there / double(fields.size());
      setting.low = std::min(setting.low, there);
      setting.high = std::max(setting.high, there);
    }
    for (const auto& field : fields) {
      setting.deviation += std::pow(field.signals.conditions.at(name) - setting.mean, 2) / double(fields.size());
    }
    setting.deviation = std::sqrt(setting.deviation);
    if (setting.deviation > 1e-9 * (1 + std::abs(setting.mean))) response.settings_.push_back(setting);
  }
  std::vector<std::vector<double>> residuals(response.kinds_.size());
  response.coefficients_.resize(response.kinds_.size());
  for (std::size_t s = 0; s < response.kinds_.size(); ++s) response.fit_signal(s, fields, residuals[s]);
  response.fit_scatter(fields, residuals);
  return response;
}

void SignalResponse::fit_signal(std::size_t signal, const std::vector<KnownColumns>& fields,
                                std::vector<double>& residuals) {
  std::vector<std::vector<double>> rows;
  std::vector<double> values;
  largest_total_ = 0;
  for (const auto& field : fields) {
    const auto settings = standardised(field.signals.conditions);
    for (std::size_t i = 0; i < field.signals.size(); ++i) {
      if (!field.signals.whole[i]) continue;
      rows.push_back(features(signal, field.counts[i], neighbour_sum(field.signals, i)[signal], settings));
      values.push_back(field.signals.sections_nm2[i][signal]);
      largest_total_ = std::max(largest_total_, total_of(field.counts[i]));
    }
  }
  columns_ = int(rows.size());
  if (rows.empty() || rows.size() < 10 * rows[0].size()) {
    fail("{} columns are too few to fit the response of '{}'; simulate ten times as many as its {} coefficients",
         rows.size(), kinds_[signal].name, rows.empty() ? 0 : rows[0].size());
  }
  // Relative errors are alike, so columns are weighted by their inverse signal (not below a tenth of the mean).
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / double(values.size());
  const Eigen::Index count = std::ssize(rows), width = std::ssize(rows[0]);
  Eigen::MatrixXd matrix(count, width);
  Eigen::VectorXd target(count);
  for (Eigen::Index i = 0; i < count; ++i) {
    const double weight = 1 / std::max(values[i], 0.1 * mean);
    for (Eigen::Index k = 0; k < width; ++k) matrix(i, k) = rows[i][k] * weight;
    target(i) = values[i] * weight;
  }
  const Eigen::VectorXd scale = matrix.colwise().norm().cwiseMax(1e-30);
  for (Eigen::Index k = 0; k < width; ++k) matrix.col(k) /= scale(k);
  Eigen::MatrixXd normal = matrix.transpose() * matrix;
  normal.diagonal().array() += ridge;
  normal.diagonal().tail(std::ssize(settings_) + spill_terms).array() += spill_ridge;
  const Eigen::VectorXd solution = normal.ldlt().solve(matrix.transpose() * target).cwiseQuotient(scale);
  coefficients_[signal].assign(solution.data(), solution.data() + width);
  residuals.clear();
  for (Eigen::Index i = 0; i < count; ++i) {
    double predicted = 0;
    for (Eigen::Index k = 0; k < width; ++k) predicted += rows[i][k] * solution(k);
    residuals.push_back(values[i] - predicted);
  }
}

void SignalResponse::fit_scatter(const std::vector<KnownColumns>& fields,
                                 const std::vector<std::vector<double>>& residuals) {
  const std::size_t signals = kinds_.size();
  variances_.assign(signals, {});
  errors_.assign(signals, 0);
  std::vector<std::vector<double>> standard(signals);
  for (std::size_t s = 0; s < signals; ++s) {
    std::vector<std::array<double, 3>> parts;  // own, own^2, spill^2 of each column
    double mean = 0, squares = 0;
    for (const auto& field : fields) {
      const At there = at(field.signals.conditions);
      std::vector<double> sections(signals), counts(elements_.size());
      for (std::size_t i = 0; i < field.signals.size(); ++i) {
        if (!field.signals.whole[i]) continue;
        std::copy(field.counts[i].begin(), field.counts[i].end(), counts.begin());
        there.own(counts.data(), sections.data());
        const double own = std::max(sections[s], 0.0);
        const double spill = there.spill(s, total_of(field.counts[i]), neighbour_sum(field.signals, i)[s]);
        parts.push_back({own, own * own, spill * spill});
        mean += field.signals.sections_nm2[i][s];
      }
    }
    mean /= double(parts.size());
    for (const double residual : residuals[s]) squares += residual * residual;
    variances_[s] = scatter_of(parts, residuals[s], mean);
    errors_[s] = std::sqrt(squares / double(parts.size())) / mean;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const double variance = std::inner_product(parts[i].begin(), parts[i].end(), variances_[s].begin(), 0.0);
      standard[s].push_back(residuals[s][i] / std::sqrt(std::max(variance, 1e-4 * mean * mean)));
    }
  }
  correlations_.assign(signals * signals, 0);
  for (std::size_t a = 0; a < signals; ++a) {
    for (std::size_t b = 0; b < signals; ++b) {
      const double ab = std::inner_product(standard[a].begin(), standard[a].end(), standard[b].begin(), 0.0);
      const double aa = std::inner_product(standard[a].begin(), standard[a].end(), standard[a].begin(), 0.0);
      const double bb = std::inner_product(standard[b].begin(), standard[b].end(), standard[b].begin(), 0.0);
      correlations_[a * signals + b] = a == b ? 1 : 0.995 * ab / std::sqrt(std::max(aa * bb, 1e-300));
    }
  }
}

SignalResponse::At SignalResponse::at(const Conditions& conditions, double gain) const {
  const auto settings = standardised(conditions);
  At there;
  for (const std::string& symbol : elements_) there.charge_.push_back(atomic_number(symbol) / focusing_unit);
  there.correlations_ = correlations_;
  there.largest_ = largest_total_;
  there.correlations_.resize(kinds_.size() * kinds_.size(), 0);
  for (std::size_t s = 0; s < kinds_.size(); ++s) {
    At::Signal signal;
    signal.of_thickness.assign(elements_.size(), {});
    signal.focusing.assign(elements_.size(), 0);
    const double factor = kinds_[s].element.empty() ? gain : 1;
    const double* next = coefficients_[s].data();
    const auto emitters = sources(kinds_[s], elements_);
    for (const std::size_t e : emitters) {
      for (std::size_t p = 0; p < powers; ++p) signal.of_thickness[e][p] = factor * *next++;
      signal.focusing[e] = factor * *next++;
    }
    for (const double setting : settings) {
      for (std::size_t p = 0; p < setting_powers; ++p, ++next) {
        for (const std::size_t e : emitters) {
          signal.of_thickness[e][p] += factor * *next * setting * scattering(elements_[e]);
        }
      }
    }
    signal.spill = *next++;
    signal.spill_thickness = *next++;
    for (const double setting : settings) signal.spill += *next++ * setting;
    if (s < variances_.size()) signal.variance = {factor * variances_[s][0], variances_[s][1], variances_[s][2]};
    there.signals_.push_back(std::move(signal));
  }
  return there;
}

std::vector<double> SignalResponse::widening(const std::vector<SignalKind>& kinds) const {
  const auto found = widenings_.find(key_of(names_of(kinds)));
  return found == widenings_.end() ? std::vector<double>{} : found->second;
}

void SignalResponse::set_widening(const std::vector<std::string>& signals, std::vector<double> factors) {
  widenings_[key_of(signals)] = std::move(factors);
}

SignalResponse SignalResponse::only(const std::vector<std::string>& names) const {
  const auto places = signal_places(kinds_, names);
  SignalResponse result = *this;
  result.kinds_.clear();
  result.coefficients_.clear();
  result.variances_.clear(), result.correlations_.clear(), result.errors_.clear();
  for (const std::size_t s : places) {
    result.kinds_.push_back(kinds_[s]);
    result.coefficients_.push_back(coefficients_[s]);
    result.variances_.push_back(variances_[s]);
    result.errors_.push_back(errors_[s]);
    for (const std::size_t other : places) result.correlations_.push_back(correlations_[s * kinds_.size() + other]);
  }
  return result;
}

SignalResponse SignalResponse::for_elements(const std::vector<std::string>& elements) const {
  const auto places = element_places(elements, elements_, "the response");
  std::vector<std::string> names;
  for (const SignalKind& kind : kinds_) {
    const bool absent = std::find(elements.begin(), elements.end(), kind.element) == elements.end();
    if (kind.element.empty() || !absent) names.push_back(kind.name);
  }
  SignalResponse result = only(names);
  result.elements_ = elements;
  for (auto& [signals, factors] : result.widenings_) {
    const auto before = factors;
    factors.clear();
    for (const std::size_t place : places) factors.push_back(before[place]);
  }
  constexpr std::size_t each = powers + 1;  // coefficients of an element, in front of those of all
  for (std::size_t s = 0; s < result.kinds_.size(); ++s) {
    if (!result.kinds_[s].element.empty()) continue;
    const auto before = result.coefficients_[s];
    auto& after = result.coefficients_[s];
    after.clear();
    for (const std::size_t place : places) {
      const auto own = before.begin() + std::ptrdiff_t(place * each);
      after.insert(after.end(), own, own + each);
    }
    after.insert(after.end(), before.begin() + std::ptrdiff_t(elements_.size() * each), before.end());
  }
  return result;
}

nlohmann::json SignalResponse::to_json() const {
  nlohmann::json json{{"format", 1},
                      {"elements", elements_},
                      {"columns", columns_},
                      {"largest_total", largest_total_},
                      {"correlations", correlations_},
                      {"widenings", widenings_}};
  for (const Setting& s : settings_) {
    json["settings"].push_back(
        {{"name", s.name}, {"mean", s.mean}, {"deviation", s.deviation}, {"range", {s.low, s.high}}});
  }
  for (std::size_t s = 0; s < kinds_.size(); ++s) {
    json["signals"].push_back({{"name", kinds_[s].name},
                               {"element", kinds_[s].element},
                               {"coefficients", coefficients_[s]},
                               {"scatter", variances_[s]},
                               {"error", errors_[s]}});
  }
  return json;
}

SignalResponse SignalResponse::from_json(const nlohmann::json& json, const std::string& where) {
  SignalResponse response;
  try {
    if (json.at("format") != 1) fail("{}: a response of another format; calibrate anew", where);
    response.elements_ = json.at("elements").get<std::vector<std::string>>();
    response.columns_ = json.at("columns");
    response.largest_total_ = json.at("largest_total");
    response.correlations_ = json.at("correlations").get<std::vector<double>>();
    response.widenings_ = json.value("widenings", std::map<std::string, std::vector<double>>{});
    for (const auto& s : json.value("settings", nlohmann::json::array())) {
      response.settings_.push_back(
          {s.at("name"), s.at("mean"), s.at("deviation"), s.at("range").at(0), s.at("range").at(1)});
    }
    for (const auto& s : json.at("signals")) {
      response.kinds_.push_back({s.at("name"), s.at("element"), 0});
      response.coefficients_.push_back(s.at("coefficients").get<std::vector<double>>());
      response.variances_.push_back(s.at("scatter").get<std::array<double, 3>>());
      response.errors_.push_back(s.at("error"));
    }
  } catch (const nlohmann::json::exception& problem) {
    fail("{}: not a response of signals ({}); calibrate anew", where, problem.what());
  }
  const std::size_t signals = response.kinds_.size();
  bool fits = response.correlations_.size() == signals * signals;
  for (std::size_t s = 0; s < signals && fits; ++s) {
    const auto emitters = sources(response.kinds_[s], response.elements_).size();
    fits = response.coefficients_[s].size() ==
           emitters * (powers + 1) + response.settings_.size() * (setting_powers + 1) + spill_terms;
  }
  for (const auto& [names, factors] : response.widenings_) fits = fits && factors.size() == response.elements_.size();
  if (!fits) fail("{}: the response's tables do not fit its signals and elements; calibrate anew", where);
  return response;
}

}  // namespace colonnade
