// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/apps/command.h"
#include "colonnade/core/error.h"
#include "colonnade/workflows/show_crystal.h"

namespace colonnade {
namespace {

struct State {
  ShowCrystalOptions options;
  std::vector<std::string> crystals;
  std::string out;
  bool overwrite = false;
};

void run(const State& state, const Shared& shared) {
  if (state.options.list) {
    if (!state.crystals.empty()) fail("--list takes no crystals; give --group, --system or --element");
    const auto listed = listed_crystals(state.options);
    return print_result(shared, to_json(listed), to_text(listed));
  }
  if (state.crystals.empty()) fail("no crystal is given: colonnade crystal NAME..., a structure file, or --list");
  if (!state.out.empty() && state.crystals.size() > 1) fail("--out takes one crystal, not {}", state.crystals.size());
  nlohmann::json rows = nlohmann::json::array();
  std::string text;
  for (const std::string& name : state.crystals) {
    const CrystalFacts facts = show_crystal(name, state.options);
    if (!state.out.empty()) write_crystal(facts, state.options, state.out, state.overwrite);
    rows.push_back(to_json(facts));
    text += (text.empty() ? "" : "\n") + to_text(facts);
  }
  if (!state.out.empty()) text += "\nWritten to " + state.out;
  print_result(shared, {{"crystals", rows}}, text);
}

}  // namespace

void add_crystal(CLI::App& app, const Shared& shared) {
  auto state = std::make_shared<State>();
  auto* command = app.add_subcommand(
      "crystal", "What is known of a crystal: cell, space group, sites, density; by name, formula or structure file");
  command->add_option("crystals", state->crystals, "Names or formulas of the library (--list), or structure files")
      ->type_name("NAME|FILE...");
  command->add_option("--out", state->out, "Write the crystal, too: a name that ends in .cif or .xyz");
  command->add_flag("--overwrite", state->overwrite, "Replace that file if it exists");
  add_options(*command, state->options.table(), false, [state, &shared] { run(*state, shared); });
}

}  // namespace colonnade
