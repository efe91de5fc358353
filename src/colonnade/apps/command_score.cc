// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/apps/command.h"
#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/workflows/score_estimators.h"

namespace colonnade {

void add_score(CLI::App& app, const Shared& shared) {
  struct State {
    ScoreOptions options;
    std::string dataset, markdown;
  };
  auto state = std::make_shared<State>();
  auto* command = app.add_subcommand(
      "score", "Everything that counts atoms on the same columns, beside baselines and the best that is possible");
  command->add_option("dataset", state->dataset, "Dataset that nothing was trained on, e.g. testdata/ptnipdcofe")
      ->type_name("DATASET");
  command->add_option("--markdown", state->markdown, "Also write the table as Markdown to this file");
  add_options(*command, state->options.table(), false, [state, &shared] {
    if (state->dataset.empty()) fail("no dataset is given: colonnade score DATASET --response FILE");
    const ScoreTable table = score_estimators(state->dataset, state->options);
    if (!state->markdown.empty()) write_file(state->markdown, to_markdown(table));
    print_result(shared, to_json(table), to_text(table));
  });
}

}  // namespace colonnade
