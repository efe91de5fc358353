// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/apps/command.h"
#include "colonnade/core/log.h"
#include "colonnade/core/parallel.h"
#include "colonnade/workflows/train_model.h"

namespace colonnade {
namespace {

void train(const TrainModelOptions& options, const Shared& shared) {
  const ProcessGroup group = process_group();
  if (group.local_size > 1 && !shared.threads_given) set_thread_count(threads_per_process(group));
  if (group.rank > 0) set_verbosity(Verbosity::quiet);
  const Evaluation evaluation = train_model(options, group);
  if (group.rank == 0) print_result(shared, to_json(evaluation), to_text(evaluation));
}

}  // namespace

void add_train(CLI::App& app, const Shared& shared) {
  auto options = std::make_shared<TrainModelOptions>();
  auto* command = app.add_subcommand(
      "train",
      "Train a network on a dataset and score it on particles it has not seen; resumes a run that was cut off; "
      "started by torchrun, mpirun or srun, all processes train one network");
  add_options(*command, options->table(), true, [options, &shared] { train(*options, shared); });
}

}  // namespace colonnade
