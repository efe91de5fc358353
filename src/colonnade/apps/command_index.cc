// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/apps/command.h"
#include "colonnade/core/error.h"
#include "colonnade/workflows/index_pattern.h"

namespace colonnade {

void add_index(CLI::App& app, const Shared& shared) {
  struct State {
    IndexPatternOptions options;
    std::string pattern, out = "indexed";
    bool overwrite = false;
  };
  auto state = std::make_shared<State>();
  auto* command =
      app.add_subcommand("index", "Which crystal along which zone axis a diffraction pattern shows, and why");
  command->add_option("file", state->pattern, "Diffraction pattern")->type_name("PATTERN");
  command->add_option("--out", state->out, "Folder for the table and the figure (default indexed)");
  command->add_flag("--overwrite", state->overwrite, "Replace the output folder if it exists");
  add_options(*command, state->options.table(), false, [state, &shared] {
    if (state->pattern.empty()) fail("no pattern is given: colonnade index PATTERN --crystals Al,Fe");
    const PatternIndexing result = index_pattern_file(state->pattern, state->options, state->out, state->overwrite);
    print_result(shared, to_json(result), to_text(result) + "Table and figure are in " + state->out);
  });
}

}  // namespace colonnade
