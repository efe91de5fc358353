// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/apps/command.h"
#include "colonnade/core/log.h"
#include "colonnade/core/parallel.h"
#include "colonnade/workflows/estimate_dataset.h"

namespace colonnade {
namespace {

struct State {
  DatasetOptions options;
  std::string out = "dataset";
  bool dry_run = false;
};

void print_estimate(const DatasetOptions& options, const Shared& shared) {
  const DatasetEstimate estimate = estimate_dataset(options);
  const double seconds = estimate.seconds_per_particle * options.particles;
  print_result(shared,
               {{"particles", options.particles},
                {"seconds", seconds},
                {"seconds_per_particle", estimate.seconds_per_particle},
                {"seconds_before_probes", estimate.seconds_before_probes},
                {"probes", estimate.probes},
                {"threads", estimate.threads},
                {"device", estimate.device}},
               estimate.text(options.particles));
}

void make(const State& state, const Shared& shared) {
  const ProcessGroup group = process_group();
  if (group.local_size > 1 && !shared.threads_given) set_thread_count(threads_per_process(group));
  const DatasetResult result = make_dataset(state.options, state.out, group);
  std::string text = "The dataset is in " + state.out;
  if (result.elsewhere > 0) {
    text += fmt::format("; {} of its {} particles are under way in other processes (if one of them dies, start again)",
                        result.elsewhere, state.options.particles);
  }
  print_result(shared,
               {{"out", state.out},
                {"particles", state.options.particles},
                {"made", result.made},
                {"there", result.there},
                {"elsewhere", result.elsewhere}},
               text);
}

}  // namespace

void add_dataset(CLI::App& app, const Shared& shared) {
  auto state = std::make_shared<State>();
  auto* command = app.add_subcommand(
      "dataset",
      "Labelled images of random nanoparticles for training; a run that was cut off goes on where it stopped, and "
      "several processes (mpirun, srun, torchrun, or started by hand) fill one folder together");
  command->add_option("--out", state->out, "Folder of the dataset (default dataset)");
  command->add_flag("--dry-run", state->dry_run, "Only say how long it would take on this machine");
  add_options(*command, state->options.table(), true, [state, &shared] {
    if (state->dry_run) return print_estimate(state->options, shared);
    make(*state, shared);
  });
}

}  // namespace colonnade
