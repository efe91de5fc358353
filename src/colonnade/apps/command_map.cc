// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/ranges.h>

#include "colonnade/apps/command.h"
#include "colonnade/core/error.h"
#include "colonnade/workflows/map_batch.h"
#include "colonnade/workflows/map_plan.h"

namespace colonnade {
namespace {

struct State {
  MapOptions options;
  std::vector<std::string> images;
  std::string out = "map";
  bool overwrite = false, dry_run = false, list = false;
};

void show_plan(const State& state, const Shared& shared, const std::vector<MapJob>& jobs) {
  const bool batch = is_batch(state.images);
  std::vector<std::string> failed;
  nlohmann::json plans = nlohmann::json::array();
  std::string text;
  for (const MapJob& job : jobs) {
    const auto out = batch ? std::filesystem::path(state.out) / job.name : std::filesystem::path(state.out);
    const MapPlan plan = plan_map(job.file, state.options, out, state.overwrite);
    if (!plan.error.empty()) failed.push_back(job.file.string());
    plans.push_back(plan.to_json());
    text += (text.empty() ? "" : "\n") + plan.text();
  }
  print_result(shared, {{"plan", plans}}, text);
  if (!failed.empty())
    fail("{} of {} images cannot be mapped: {}", failed.size(), jobs.size(), fmt::join(failed, ", "));
}

void map_one(const State& state, const Shared& shared, const std::string& image) {
  auto summary = map_image(image, state.options, state.out, state.overwrite);
  const std::string report = (std::filesystem::path(state.out) / "report.html").string();
  summary["report"] = report;
  std::string text = fmt::format("{} columns; the report is {}", summary["columns"].get<int>(), report);
  if (summary.contains("statements")) text = summary["statements"][0].get<std::string>() + "\n" + text;
  print_result(shared, summary, text);
}

void map_all(const State& state, const Shared& shared, const std::vector<MapJob>& jobs) {
  const BatchResult result = map_batch(jobs, state.options, state.out, state.overwrite);
  const std::string page = (std::filesystem::path(state.out) / "summary.html").string();
  print_result(shared, {{"images", result.rows}, {"summary", page}, {"failed", result.failed}},
               fmt::format("{} of {} images mapped; the table of all is {}", jobs.size() - result.failed.size(),
                           jobs.size(), page));
  if (!result.failed.empty()) {
    fail("{} of {} images failed: {}; {} says why", result.failed.size(), jobs.size(), fmt::join(result.failed, ", "),
         page);
  }
}

}  // namespace

void add_map(CLI::App& app, const Shared& shared) {
  auto state = std::make_shared<State>();
  auto* command = app.add_subcommand(
      "map", "From micrographs: atomic columns, their scattering cross-sections, and atoms of each element");
  command->add_option("images", state->images, "Images, folders of images, or patterns such as 'day1/*.dm4'")
      ->type_name("IMAGE...");
  command->add_option("--out", state->out,
                      "Folder for tables, maps, figures and report.html; of several images a folder in it for each "
                      "(default map)");
  command->add_flag("--overwrite", state->overwrite,
                    "Replace what is there; without it, images of a batch that are done are kept");
  command->add_flag("--dry-run", state->dry_run, "Say what would be done with each image, and write nothing");
  command->add_flag("--list", state->list, "Say which signals each file holds, and do nothing else");
  add_options(*command, state->options.table(), false, [state, &shared] {
    if (state->images.empty()) fail("no image is given: colonnade map IMAGE --elements Pt,Ni");
    if (state->list) return list_signals(shared, state->images);
    const auto jobs = map_jobs(state->images);
    if (state->dry_run) return show_plan(*state, shared, jobs);
    if (is_batch(state->images)) return map_all(*state, shared, jobs);
    map_one(*state, shared, state->images[0]);
  });
}

}  // namespace colonnade
