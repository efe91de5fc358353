// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/apps/command.h"
#include "colonnade/core/error.h"
#include "colonnade/workflows/calibrate_response.h"

namespace colonnade {

void add_calibrate(CLI::App& app, const Shared& shared) {
  struct State {
    DatasetOptions options = calibration_defaults();
    std::string dataset, response = "response.json";
  };
  auto state = std::make_shared<State>();
  auto* command = app.add_subcommand(
      "calibrate",
      "The response of signals to atoms of an alloy, from simulated columns: what counting by physics needs");
  command->add_option("--dataset", state->dataset,
                      "Fit to this dataset; else one is made with the options below, beside the response");
  command->add_option("--response", state->response, "File to write (default response.json)");
  add_options(*command, state->options.table(), true, [state, &shared] {
    std::filesystem::path folder = state->dataset;
    if (folder.empty()) {
      folder = state->response + ".data";
      make_dataset(state->options, folder);
    }
    const CalibrationResult result = calibrate_response(folder);
    save_response(state->response, result, folder);
    print_result(shared, to_json(result), to_text(result) + "The response is in " + state->response);
  });
}

}  // namespace colonnade
