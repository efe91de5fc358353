// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/apps/command.h"
#include "colonnade/core/file.h"
#include "colonnade/core/log.h"
#include "colonnade/core/parallel.h"
#include "colonnade/workflows/reproduce.h"
#include "colonnade/workflows/reproduce_diffraction.h"

namespace colonnade {
namespace {

struct State {
  ReproduceOptions options;
  std::string out = "ragone2021";
  bool dry_run = false;
};

void run(const State& state, const Shared& shared) {
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

void add_ragone(CLI::App& reproduce, const Shared& shared) {
  auto state = std::make_shared<State>();
  auto* command = reproduce.add_subcommand(
      "ragone2021", "Elements per column by a network; several processes (torchrun, mpirun, srun) share the work");
  command->add_option("--out", state->out, "Folder to work in (default ragone2021)");
  command->add_flag("--dry-run", state->dry_run, "Only say what the scale means and how long the images would take");
  add_options(*command, state->options.table(), false, [state, &shared] { run(*state, shared); });
}

void add_jeong(CLI::App& reproduce, const Shared& shared) {
  struct Diffraction {
    ReproduceDiffractionOptions options;
    std::string out = "jeong2024";
  };
  auto state = std::make_shared<Diffraction>();
  auto* command = reproduce.add_subcommand(
      "jeong2024",
      "Space groups of cubic crystals by residual networks, from diffraction patterns of crystals with defects");
  command->add_option("--out", state->out, "Folder to work in (default jeong2024)");
  add_options(*command, state->options.table(), false, [state, &shared] {
    const ClassifierScores scores = reproduce_diffraction(state->options, state->out);
    const std::filesystem::path out = state->out;
    print_result(shared, to_json(scores),
                 read_file(out / "tables.txt") + "The report is " + (out / "report.html").string());
  });
}

}  // namespace

void add_reproduce(CLI::App& app, const Shared& shared) {
  auto* command = app.add_subcommand(
      "reproduce", "A published experiment, its tables beside one's own; goes on where it was cut off");
  command->require_subcommand(1);
  add_ragone(*command, shared);
  add_jeong(*command, shared);
}

}  // namespace colonnade
