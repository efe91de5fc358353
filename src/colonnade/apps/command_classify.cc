// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/apps/command.h"
#include "colonnade/core/error.h"
#include "colonnade/workflows/classify_pattern.h"

namespace colonnade {

void add_classify(CLI::App& app, const Shared& shared) {
  struct State {
    ClassifyPatternOptions options;
    std::vector<std::string> patterns;
    std::string out = "classified";
    bool overwrite = false;
  };
  auto state = std::make_shared<State>();
  auto* command = app.add_subcommand(
      "classify",
      "Which space group diffraction patterns are of, by a trained network, and why.\n"
      "Several patterns are taken to be of one crystal along different zone axes and weighed together; the program "
      "cannot know when they are not: classify those of different crystals one by one.");
  command->add_option("files", state->patterns, "Diffraction patterns of one crystal")->type_name("PATTERN...");
  command->add_option("--out", state->out, "Folder for report and figures (default classified)");
  command->add_flag("--overwrite", state->overwrite, "Replace the output folder if it exists");
  add_options(*command, state->options.table(), false, [state, &shared] {
    if (state->patterns.empty()) fail("no pattern is given: colonnade classify PATTERN... --model FILE");
    const PatternClassification result =
        classify_pattern_files(state->patterns, state->options, state->out, state->overwrite);
    print_result(shared, to_json(result), to_text(result) + "The report is " + state->out + "/report.html");
  });
}

}  // namespace colonnade
