// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/apps/command.h"
#include "colonnade/workflows/demo.h"

namespace colonnade {

void add_demo(CLI::App& app, const Shared& shared) {
  struct State {
    DemoOptions options;
    std::string out = "demo";
    bool overwrite = false;
  };
  auto state = std::make_shared<State>();
  auto* command =
      app.add_subcommand("demo", "The whole way in a few minutes: particles, images, counts, truth beside them");
  command->add_option("--out", state->out, "Folder for everything (default demo)");
  command->add_flag("--overwrite", state->overwrite, "Replace the output folder if it exists");
  add_options(*command, state->options.table(), false, [state, &shared] {
    const auto report = run_demo(state->options, state->out, state->overwrite);
    print_result(shared, {{"report", report.string()}}, "The report is " + report.string());
  });
}

}  // namespace colonnade
