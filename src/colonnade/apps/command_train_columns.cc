// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/apps/command.h"
#include "colonnade/workflows/train_columns.h"

namespace colonnade {

void add_train_columns(CLI::App& app, const Shared& shared) {
  auto options = std::make_shared<TrainColumnsOptions>();
  auto* command = app.add_subcommand(
      "train-columns",
      "Train a network that counts by the cross-sections of columns and their neighbours in any signals");
  add_options(*command, options->table(), true, [options, &shared] {
    const auto scores = train_columns(*options);
    print_result(shared, to_json(scores), to_text(scores));
  });
}

}  // namespace colonnade
