// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/apps/command.h"
#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/log.h"
#include "colonnade/core/parallel.h"
#include "colonnade/workflows/reproduce.h"

namespace colonnade {
namespace {

struct State {
  ReproduceOptions options;
  std::string what, out = "ragone2021";
  bool dry_run = false;
};

void run(const State& state, const Shared& shared) {
  if (state.what.empty()) fail("nothing is named to reproduce: colonnade reproduce ragone2021");
  if (state.what != "ragone2021") fail("'{}' is not known here; there is ragone2021", state.what);
  if (state.dry_run) {
    const std::string text = reproduction_estimate(state.options);
    return print_result(shared, {{"estimate", text}}, text);
  }
  const ProcessGroup group = process_group();
  if (group.local_size > 1 && !shared.threads_given) set_thread_count(threads_per_process(group));
  if (group.rank > 0) set_verbosity(Verbosity::quiet);
  const Reproduction result = reproduce(state.options, state.out, group);
  if (group.rank > 0) return;
  print_result(
      shared, to_json(result),
      read_file(std::filesystem::path(state.out) / "tables.txt") + "The report is " + state.out + "/report.html");
}

}  // namespace

void add_reproduce(CLI::App& app, const Shared& shared) {
  auto state = std::make_shared<State>();
  auto* command = app.add_subcommand(
      "reproduce",
      "A published experiment, its tables beside one's own: ragone2021 (elements per column by a network); goes on "
      "where it was cut off; several processes (torchrun, mpirun, srun) share the work");
  command->add_option("what", state->what, "ragone2021")->type_name("PAPER");
  command->add_option("--out", state->out, "Folder to work in (default ragone2021)");
  command->add_flag("--dry-run", state->dry_run, "Only say what the scale means and how long the images would take");
  add_options(*command, state->options.table(), false, [state, &shared] { run(*state, shared); });
}

}  // namespace colonnade
