// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/apps/command.h"
#include "colonnade/core/error.h"
#include "colonnade/workflows/diffract.h"

namespace colonnade {

void add_diffract(CLI::App& app, const Shared& shared) {
  struct State {
    DiffractOptions options;
    std::string crystal, out = "diffraction";
    bool overwrite = false;
  };
  auto state = std::make_shared<State>();
  auto* command = app.add_subcommand(
      "diffract", "The electron diffraction pattern of a crystal or of any atoms: spots, picture, indices");
  command->add_option("crystal", state->crystal, "Al, SrTiO3, fcc:3.92, ... or a structure file")
      ->type_name("CRYSTAL|FILE");
  command->add_option("--out", state->out, "Folder for the table, the pictures and run.json (default diffraction)");
  command->add_flag("--overwrite", state->overwrite, "Replace the output folder if it exists");
  add_options(*command, state->options.table(), false, [state, &shared] {
    if (state->crystal.empty()) fail("no crystal is given: colonnade diffract CRYSTAL, e.g. Si or cell.cif");
    const Diffraction result = diffract(state->crystal, state->options, state->out, state->overwrite);
    print_result(shared, {{"out", state->out}, {"spots", result.spots.size()}},
                 to_text(result) + "The pattern is in " + state->out);
  });
}

}  // namespace colonnade
