// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/apps/command.h"
#include "colonnade/workflows/make_dataset.h"

namespace colonnade {

void add_dataset(CLI::App& app, const Shared& shared) {
  struct State {
    DatasetOptions options;
    std::string out = "dataset";
  };
  auto state = std::make_shared<State>();
  auto* command = app.add_subcommand(
      "dataset",
      "Labelled images of random nanoparticles for training; a run that was cut off goes on where it stopped");
  command->add_option("--out", state->out, "Folder of the dataset (default dataset)");
  add_options(*command, state->options.table(), true, [state, &shared] {
    make_dataset(state->options, state->out);
    print_result(shared, {{"out", state->out}, {"particles", state->options.particles}},
                 "The dataset is in " + state->out);
  });
}

}  // namespace colonnade
