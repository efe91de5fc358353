// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/apps/command.h"
#include "colonnade/core/error.h"
#include "colonnade/workflows/make_defects.h"

namespace colonnade {

void add_defects(CLI::App& app, const Shared& shared) {
  struct State {
    DefectOptions options;
    std::string crystal, out = "specimen.xyz";
    bool overwrite = false;
  };
  auto state = std::make_shared<State>();
  auto* command = app.add_subcommand("defects",
                                     "A virtual specimen of a crystal: strained, trembling, with point defects, "
                                     "dislocations, twins, faults, grains; relaxed where LAMMPS is installed");
  command->add_option("crystal", state->crystal, "A crystal's name (Al, Fe, Si, ...), fcc:4.05, or a structure file")
      ->type_name("CRYSTAL");
  command->add_option("--out", state->out, "File for the atoms, .xyz or .cif (default specimen.xyz)");
  command->add_flag("--overwrite", state->overwrite, "Replace the file if it exists");
  add_options(*command, state->options.table(), false, [state, &shared] {
    if (state->crystal.empty()) fail("no crystal is given: colonnade defects Al --size 40,30,20");
    const Structure specimen = make_defects(state->crystal, state->options, state->out, state->overwrite);
    nlohmann::json summary = defects_summary(specimen);
    summary["file"] = state->out;
    print_result(shared, summary, defects_text(specimen) + "\nThe atoms are in " + state->out);
  });
}

}  // namespace colonnade
