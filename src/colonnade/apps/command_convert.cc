// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/apps/command.h"
#include "colonnade/core/error.h"
#include "colonnade/workflows/convert_images.h"
#include "colonnade/workflows/map_batch.h"

namespace colonnade {

void add_convert(CLI::App& app, const Shared& shared) {
  struct State {
    ConvertOptions options;
    std::vector<std::string> images;
    std::string out = "converted";
    bool overwrite = false, list = false;
  };
  auto state = std::make_shared<State>();
  auto* command = app.add_subcommand("convert", "Image files of any format that is read, into another, scale and all");
  command->add_option("images", state->images, "Images, folders of images, or patterns such as 'day1/*.dm4'")
      ->type_name("IMAGE...");
  command->add_option("--out", state->out, "Folder for the new files (default converted)");
  command->add_flag("--overwrite", state->overwrite, "Replace files that are there");
  command->add_flag("--list", state->list, "Say which signals each file holds, and do nothing else");
  add_options(*command, state->options.table(), false, [state, &shared] {
    if (state->images.empty()) fail("no image is given: colonnade convert IMAGE... --to tif");
    if (state->list) {
      std::vector<std::string> files;
      for (const MapJob& job : map_jobs(state->images)) files.push_back(job.file.string());
      return list_signals(shared, files);
    }
    nlohmann::json rows = nlohmann::json::array();
    std::string text;
    for (const Conversion& one : convert_images(state->images, state->options, state->out, state->overwrite)) {
      rows.push_back({{"from", one.from.string()}, {"to", one.to.string()}, {"what", one.what}});
      text += fmt::format("{}{}: {}", text.empty() ? "" : "\n", one.to.string(), one.what);
    }
    print_result(shared, {{"converted", rows}}, text);
  });
}

}  // namespace colonnade
