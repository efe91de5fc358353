// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "colonnade/apps/command.h"
#include "colonnade/workflows/train_classifier.h"

namespace colonnade {

void add_train_classifier(CLI::App& app, const Shared& shared) {
  auto options = std::make_shared<TrainClassifierOptions>();
  auto* command = app.add_subcommand(
      "train-classifier", "Train a network that recognises the space group of cubic crystals by diffraction patterns");
  add_options(*command, options->table(), true, [options, &shared] {
    const auto record = train_classifier_job(*options);
    print_result(shared, record, "The model is in " + options->model);
  });
}

}  // namespace colonnade
