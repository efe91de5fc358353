// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/apps/command.h"
#include "colonnade/core/error.h"
#include "colonnade/workflows/evaluate_model.h"

namespace colonnade {

void add_evaluate(CLI::App& app, const Shared& shared) {
  struct State {
    std::string model, dataset;
    std::uint64_t seed = 1;
    double dose = -1;
  };
  auto state = std::make_shared<State>();
  auto* command = app.add_subcommand("evaluate",
                                     "Score a model on a dataset's particles, beside a predictor that knows the "
                                     "thickness alone and the published figures");
  command->add_option("model", state->model, "Model file")->type_name("MODEL");
  command->add_option("dataset", state->dataset, "Dataset folder; of its own data only held-out particles are used")
      ->type_name("DATASET");
  OptionTable table;
  table.add("seed", &state->seed, "", "Seed of the noise");
  table.add("dose", &state->dose, "e/A^2",
            "Electron dose of the noise; 0: none; negative: what the model was trained for");
  add_options(*command, table, false, [state, &shared] {
    if (state->model.empty() || state->dataset.empty()) fail("give both: colonnade evaluate MODEL DATASET");
    const Evaluation evaluation = evaluate_model(Model::load(state->model), state->dataset, state->dose, state->seed);
    print_result(shared, to_json(evaluation), to_text(evaluation));
  });
}

}  // namespace colonnade
