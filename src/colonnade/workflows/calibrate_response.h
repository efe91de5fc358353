// SPDX-License-Identifier: GPL-3.0-or-later
// The job "calibrate": the response of signals (signal_response.h) for an alloy and a microscope, from simulated
// columns. No network is trained: some dozen coefficients a signal are fitted, in minutes.
#pragma once

#include <filesystem>
#include <string>

#include "colonnade/columns/signal_response.h"
#include "colonnade/workflows/make_dataset.h"

namespace colonnade {

/// What is simulated where no dataset is given: some views of particles of every size, with the settings of
/// DatasetOptions, whose ranges may be single values.
DatasetOptions calibration_defaults();

struct CalibrationResult {
  SignalResponse response;
  /// Of each signal, for columns of particles that are left out of the fit: error over mean, and the error in units of
  /// the standard deviation that is stated (1 where that is right).
  std::vector<double> held_out_errors, held_out_deviations;
  int particles = 0;
};

/// Fits to all particles of a dataset; the held-out figures are of fits to four fifths of them.
CalibrationResult calibrate_response(const std::filesystem::path& dataset_folder);

nlohmann::json to_json(const CalibrationResult& result);
std::string to_text(const CalibrationResult& result);

/// Writes the response with its card: data, seed, errors.
void save_response(const std::filesystem::path& file, const CalibrationResult& result,
                   const std::filesystem::path& dataset_folder);

SignalResponse load_response(const std::filesystem::path& file);

/// The response for these options: of a file, or calibrated into the user's cache folder.
SignalResponse response_for(const std::string& file, DatasetOptions options);

}  // namespace colonnade
