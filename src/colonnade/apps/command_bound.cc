// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/apps/command.h"
#include "colonnade/workflows/bound_counts.h"

namespace colonnade {

void add_bound(CLI::App& app, const Shared& shared) {
  struct State {
    BoundOptions options;
    std::string out = "bound";
    bool overwrite = false;
  };
  auto state = std::make_shared<State>();
  auto* command = app.add_subcommand(
      "bound",
      "How well any method could count the elements of an alloy, by signals and dose: before the microscope is booked");
  command->add_option("--out", state->out, "Folder for the table and the figures (default bound)");
  command->add_flag("--overwrite", state->overwrite, "Replace the output folder if it exists");
  add_options(*command, state->options.table(), true, [state, &shared] {
    const BoundSweep sweep = bound_counts(state->options, state->out, state->overwrite);
    print_result(shared, to_json(sweep), to_text(sweep) + "Table and figures are in " + state->out);
  });
}

}  // namespace colonnade
