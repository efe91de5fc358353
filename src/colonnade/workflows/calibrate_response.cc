// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/calibrate_response.h"

#include <cmath>
#include <fmt/ranges.h>
#include <fstream>

#include "colonnade/columns/bayesian_counts.h"
#include "colonnade/columns/interval_calibration.h"
#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/log.h"
#include "colonnade/core/progress.h"
#include "colonnade/core/version.h"
#include "colonnade/workflows/cache_folder.h"
#include "colonnade/workflows/measured_field.h"

namespace colonnade {
namespace {

constexpr std::size_t folds = 5;
// The noise with which intervals are checked: electrons per square Angstrom, and X-rays per atom.
constexpr double checked_dose = 5e4, checked_counts = 20;

struct Residuals {
  std::vector<double> squares, standard, sections;  ///< sums, by signal
  double columns = 0;
};

/// Adds what a response leaves of the columns of one field.
void add_residuals(const SignalResponse& response, const KnownColumns& field, Residuals& sums) {
  const auto at = response.at(field.signals.conditions);
  std::vector<double> own(response.kinds().size());
  for (std::size_t i = 0; i < field.counts.size(); ++i) {
    if (!field.signals.whole[i]) continue;
    const std::vector<double> counts(field.counts[i].begin(), field.counts[i].end());
    double total = 0;
    for (const double n : counts) total += n;
    at.own(counts.data(), own.data());
    const auto around = neighbour_sum(field.signals, i);
    for (std::size_t s = 0; s < own.size(); ++s) {
      const double spill = at.spill(s, total, around[s]);
      const double error = field.signals.sections_nm2[i][s] - own[s] - spill;
      sums.squares[s] += error * error;
      sums.standard[s] += std::pow(error / std::max(at.scatter(s, own[s], spill), 1e-12), 2);
      sums.sections[s] += field.signals.sections_nm2[i][s];
    }
    ++sums.columns;
  }
}

/// The fold that a field is left out in: that of its particle.
std::size_t fold_of(const LabelledFields& fields, std::size_t field) { return fields.particle[field] % folds; }

SignalResponse fit_without(const LabelledFields& fields, std::size_t fold) {
  std::vector<KnownColumns> others;
  for (std::size_t f = 0; f < fields.clean.size(); ++f) {
    if (fold_of(fields, f) != fold) others.push_back(fields.clean[f]);
  }
  return SignalResponse::fit(fields.elements, others);
}

/// Counts all fields by responses that never saw them, with the noise of an experiment.
void find_widenings(const LabelledFields& fields, const std::vector<SignalResponse>& responses,
                    SignalResponse& response) {
  const auto sets = usual_sets(response.kinds());
  const bool x_rays = with_x_rays(response.kinds());
  const Doses doses{checked_dose, x_rays ? dose_for_counts_per_atom(fields.clean, checked_counts) : 0};
  Progress progress("Checking intervals", std::ssize(sets) * std::ssize(fields.views));
  for (const auto& names : sets) {
    std::vector<std::vector<double>> truth;
    std::vector<CountDistribution> counted;
    for (std::size_t f = 0; f < fields.views.size(); ++f) {
      const KnownColumns field = measured_columns(fields.views[f], names, doses, Random(1).stream(f));
      auto columns = count_by_physics(field.signals, responses[fold_of(fields, f)], {}).columns;
      for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!field.signals.whole[i]) continue;
        truth.emplace_back(field.counts[i].begin(), field.counts[i].end());
        counted.push_back(std::move(columns[i]));
      }
      progress.advance();
    }
    response.set_widening(names, widening_of(counted, truth));
  }
}

std::filesystem::path cached_response(const DatasetOptions& options) {
  DatasetOptions copy = options;
  const std::string key = sha256(copy.table().to_json().dump()).substr(0, 16);
  return cache_folder() / ("response-" + key + ".json");
}

}  // namespace

DatasetOptions calibration_defaults() {
  DatasetOptions options;
  options.particles = 40;
  options.size_px = 96;
  options.labels = false;
  options.diameter_nm = {1.5, 8};
  options.multislice.window_A = 5;
  options.multislice.window_tails = true;
  return options;
}

CalibrationResult calibrate_response(const std::filesystem::path& dataset_folder) {
  const LabelledFields fields = read_fields(particle_files(dataset_folder), true);
  CalibrationResult result{SignalResponse::fit(fields.elements, fields.clean), {}, {}, int(fields.particles)};
  if (fields.particles < folds) return result;
  const std::size_t signals = result.response.kinds().size();
  Residuals sums{std::vector<double>(signals), std::vector<double>(signals), std::vector<double>(signals), 0};
  std::vector<SignalResponse> responses;
  for (std::size_t left_out = 0; left_out < folds; ++left_out) {
    responses.push_back(fit_without(fields, left_out));
    for (std::size_t f = 0; f < fields.clean.size(); ++f) {
      if (fold_of(fields, f) == left_out) add_residuals(responses.back(), fields.clean[f], sums);
    }
  }
  for (std::size_t s = 0; s < signals; ++s) {
    result.held_out_errors.push_back(std::sqrt(sums.squares[s] * sums.columns) / sums.sections[s]);
    result.held_out_deviations.push_back(std::sqrt(sums.standard[s] / sums.columns));
  }
  find_widenings(fields, responses, result.response);
  return result;
}

nlohmann::json to_json(const CalibrationResult& result) {
  nlohmann::json json{{"particles", result.particles}, {"columns", result.response.columns()}};
  for (std::size_t s = 0; s < result.response.kinds().size(); ++s) {
    nlohmann::json signal{{"name", result.response.kinds()[s].name}, {"error", result.response.errors()[s]}};
    if (s < result.held_out_errors.size()) {
      signal["held_out_error"] = result.held_out_errors[s];
      signal["held_out_deviation"] = result.held_out_deviations[s];
    }
    json["signals"].push_back(signal);
  }
  return json;
}

std::string to_text(const CalibrationResult& result) {
  std::string text = fmt::format("{} columns of {} particles; errors of cross-sections over their mean:\n",
                                 result.response.columns(), result.particles);
  for (std::size_t s = 0; s < result.response.kinds().size(); ++s) {
    text += fmt::format("  {:<14} {:5.1f} %", result.response.kinds()[s].name, 100 * result.response.errors()[s]);
    if (s < result.held_out_errors.size()) {
      text += fmt::format(", particles left out {:5.1f} %, {:.2f} of the stated deviation",
                          100 * result.held_out_errors[s], result.held_out_deviations[s]);
    }
    text += "\n";
  }
  for (const auto& names : usual_sets(result.response.kinds())) {
    const SignalResponse chosen = result.response.only(names);
    const auto factors = result.response.widening(chosen.kinds());
    if (factors.empty()) continue;
    text += fmt::format("  counts from {}: intervals widened {:.2f} times\n", fmt::join(names, ", "),
                        fmt::join(factors, ", "));
  }
  return text;
}

void save_response(const std::filesystem::path& file, const CalibrationResult& result,
                   const std::filesystem::path& dataset_folder) {
  const auto files = particle_files(dataset_folder);
  nlohmann::json json = result.response.to_json();
  json["card"] = to_json(result);
  json["card"]["version"] = version;
  json["card"]["data_fingerprint"] = dataset_fingerprint(files);
  json["card"]["dataset"] = read_particle(files.front()).options;
  write_file(file, json.dump() + "\n");
}

SignalResponse load_response(const std::filesystem::path& file) {
  require_file(file, "response");
  std::ifstream stream(file);
  const auto json = nlohmann::json::parse(stream, nullptr, false);
  if (json.is_discarded()) fail("{}: no JSON; give a response as `colonnade calibrate` writes it", file.string());
  return SignalResponse::from_json(json, file.string());
}

SignalResponse response_for(const std::string& file, DatasetOptions options) {
  if (!file.empty()) return load_response(file).for_elements(options.particle.elements);
  DatasetOptions simulated = calibration_defaults();
  options.particles = simulated.particles;
  options.size_px = simulated.size_px;
  options.diameter_nm = simulated.diameter_nm;
  options.labels = false;
  const auto cached = cached_response(options);
  if (!std::filesystem::exists(cached)) {
    const std::filesystem::path work = cached.string() + ".data";
    std::filesystem::create_directories(cached.parent_path());
    info("Calibrating the response of the signals; this happens once ({})", cached.string());
    make_dataset(options, work);
    save_response(cached, calibrate_response(work), work);
    std::filesystem::remove_all(work);
  }
  return load_response(cached).for_elements(options.particle.elements);
}

}  // namespace colonnade
