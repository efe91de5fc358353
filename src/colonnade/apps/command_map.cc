// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/apps/command.h"
#include "colonnade/core/error.h"
#include "colonnade/workflows/map_image.h"

namespace colonnade {

void add_map(CLI::App& app, const Shared& shared) {
  struct State {
    MapOptions options;
    std::string image, out = "map";
    bool overwrite = false;
  };
  auto state = std::make_shared<State>();
  auto* command = app.add_subcommand(
      "map", "From one micrograph: atomic columns, their scattering cross-sections, and atoms of each element");
  command->add_option("image", state->image, "Image file: TIFF, NPY, PNG, MRC or HDF5")->type_name("IMAGE");
  command->add_option("--out", state->out, "Folder for tables, maps, figures and report.html (default map)");
  command->add_flag("--overwrite", state->overwrite, "Replace the output folder if it exists");
  add_options(*command, state->options.table(), false, [state, &shared] {
    if (state->image.empty()) fail("no image is given: colonnade map IMAGE --elements Pt,Ni");
    auto summary = map_image(state->image, state->options, state->out, state->overwrite);
    const std::string report = (std::filesystem::path(state->out) / "report.html").string();
    summary["report"] = report;
    print_result(shared, summary, fmt::format("{} columns; the report is {}", summary["columns"].get<int>(), report));
  });
}

}  // namespace colonnade
