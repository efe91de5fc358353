// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/apps/command.h"
#include "colonnade/core/error.h"
#include "colonnade/workflows/simulate_image.h"

namespace colonnade {

void add_simulate(CLI::App& app, const Shared& shared) {
  struct State {
    SimulateImageOptions options;
    std::string structure, out = "simulated";
    bool overwrite = false, preview = false;
  };
  auto state = std::make_shared<State>();
  auto* command = app.add_subcommand(
      "simulate", "The images that a microscope would take of a structure (XYZ, extended XYZ, CIF), by multislice");
  command->add_option("structure", state->structure, "Structure file; the beam runs along z")->type_name("FILE");
  command->add_option("--out", state->out, "Folder for images, figures and run.json (default simulated)");
  command->add_flag("--overwrite", state->overwrite, "Replace the output folder if it exists");
  command->add_flag("--preview", state->preview,
                    "A first look in seconds: a window of 5 A at most, no oversampling, two phonon configurations");
  add_options(*command, state->options.table(), false, [state, &shared] {
    if (state->structure.empty()) fail("no structure file is given: colonnade simulate FILE");
    if (state->preview) state->options.make_preview();
    simulate_image(state->structure, state->options, state->out, state->overwrite);
    print_result(shared, {{"out", state->out}}, "The images are in " + state->out);
  });
}

}  // namespace colonnade
