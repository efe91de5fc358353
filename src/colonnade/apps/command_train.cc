// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/apps/command.h"
#include "colonnade/workflows/train_model.h"

namespace colonnade {

void add_train(CLI::App& app, const Shared& shared) {
  auto options = std::make_shared<TrainModelOptions>();
  auto* command = app.add_subcommand(
      "train",
      "Train a network on a dataset and score it on particles it has not seen; resumes a run that was cut off");
  add_options(*command, options->table(), true, [options, &shared] {
    const Evaluation evaluation = train_model(*options);
    print_result(shared, to_json(evaluation), to_text(evaluation));
  });
}

}  // namespace colonnade
