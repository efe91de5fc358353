// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/reproduce.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/log.h"
#include "colonnade/report/raster.h"
#include "colonnade/workflows/calibrate_response.h"
#include "colonnade/workflows/estimate_dataset.h"
#include "colonnade/workflows/make_dataset.h"
#include "colonnade/workflows/reproduce_report.h"
#include "colonnade/workflows/reproduce_tables.h"
#include "colonnade/workflows/run_record.h"

namespace colonnade {
namespace fs = std::filesystem;
namespace {

constexpr const char* options_file = "reproduce.toml";

/// Everything of one split: its data, the network, where both are.
struct SplitRun {
  fs::path folder;
  DatasetOptions data;
  TrainingOptions training;

  fs::path dataset() const { return folder / "dataset"; }
  fs::path model() const { return folder / "model.h5"; }
  fs::path work() const { return folder / "model.h5.training"; }
};

SplitRun particle_run(const fs::path& out, const ReproducePlan& plan) {
  return {out / "split_by_particle", plan.particle_data, plan.training};
}

SplitRun image_run(const fs::path& out, const ReproducePlan& plan) {
  SplitRun run{out / "split_by_image", plan.image_data, plan.training};
  run.training.split_by_image = true;
  return run;
}

/// What a folder made with some options may be gone on with: devices and the response change nothing that is there.
nlohmann::json identity(ReproduceOptions options) {
  nlohmann::json json = options.table().to_json();
  for (const char* free : {"device", "training_device", "response", "split"}) json.erase(free);
  return json;
}

void join_folder(const fs::path& out, const ReproduceOptions& options, const ProcessGroup& group) {
  const fs::path file = out / options_file;
  ReproduceOptions made = options;
  if (fs::exists(file)) {
    made.table().read_toml(file);
    const auto there = identity(made), asked = identity(options);
    for (const auto& [name, value] : asked.items()) {
      if (there.at(name) == value) continue;
      fail("{} was made with --{} {}, now it is {}; give another --out", out.string(), name, there.at(name).dump(),
           value.dump());
    }
  } else if (fs::exists(out) && (!fs::is_directory(out) || !fs::is_empty(out)) && group.size == 1) {
    fail("{} holds something else; give another --out", out.string());
  }
  if (group.rank > 0) return;
  fs::create_directories(out);
  made = options;
  write_file(file, made.table().to_toml());
}

/// Returns when all particles are there, also those that other processes make.
void simulate(const SplitRun& run, const ProcessGroup& group) {
  fs::create_directories(run.folder);
  while (make_dataset(run.data, run.dataset(), group).elsewhere > 0) {
    std::this_thread::sleep_for(std::chrono::seconds(2));
  }
}

Model train_network(const SplitRun& run, const ProcessGroup& group) {
  Model model = train(run.dataset(), run.training, run.work(), {}, group);
  if (group.rank == 0) model.save(run.model());
  return model;
}

std::vector<fs::path> held_out_files(const SplitRun& run) {
  return split_particles(particle_files(run.dataset()), run.training.test_fraction, run.training.seed).test;
}

NetworkScores score_on_particles(const Model& model, const SplitRun& run, const std::string& name,
                                 const std::string& what) {
  const auto files = held_out_files(run);
  return scores_of(name, what, compare_counts(model, files, run.training.dose_per_A2, run.training.seed),
                   int(files.size()) * run.data.views, model.record.elements);
}

NetworkScores score_on_images(const Model& model, const SplitRun& run) {
  const std::size_t images = std::size_t(run.data.particles) * run.data.views;
  const auto held_out = held_out_images(images, run.training.test_fraction, run.training.seed);
  auto comparison = compare_counts(model, particle_files(run.dataset()), run.training.dose_per_A2, run.training.seed, 4,
                                   [&](std::size_t image) { return held_out[image]; });
  return scores_of(split_by_image_name, "other views of the particles that the network was trained on",
                   std::move(comparison), int(std::count(held_out.begin(), held_out.end(), true)),
                   model.record.elements);
}

void add_particle_split(const Model& model, const SplitRun& run, Reproduction& result) {
  result.networks.push_back(
      score_on_particles(model, run, split_by_particle_name, "particles of which the network has seen nothing"));
  result.curves.push_back({split_by_particle_name, read_log(run.work())});
  result.intensities = intensities_of(held_out_files(run), run.training.dose_per_A2, run.training.seed);
}

void add_image_split(const Model& model, const SplitRun& run, Reproduction& result) {
  result.networks.push_back(score_on_images(model, run));
  result.curves.push_back({split_by_image_name, read_log(run.work())});
}

/// Simulates and trains what is missing; all processes. Scores; the first.
Reproduction run_experiment(const ReproduceOptions& options, const ReproducePlan& plan, const fs::path& out,
                            const ProcessGroup& group) {
  const SplitRun by_particle = particle_run(out, plan), by_image = image_run(out, plan);
  const bool first = group.rank == 0;
  Reproduction result;
  result.elements = plan.particle_data.prepared().particle.elements;
  if (options.by_particle()) simulate(by_particle, group);
  if (options.by_image()) simulate(by_image, group);
  std::optional<BoundScores> bounds;
  if (options.by_particle() && !options.response.empty() && first) {
    bounds = bounds_of(held_out_files(by_particle), options.response, options.dose_per_A2, options.seed);
  }
  if (options.by_particle()) {
    const Model model = train_network(by_particle, group);
    if (first) add_particle_split(model, by_particle, result);
  }
  if (bounds) {
    result.bounds = beside_bounds(std::move(*bounds), result.networks[0], *result.intensities, result.elements);
  }
  if (!options.by_image()) return result;
  const Model model = train_network(by_image, group);
  if (!first) return result;
  add_image_split(model, by_image, result);
  if (options.by_particle()) {
    result.networks.push_back(score_on_particles(model, by_particle, fresh_particles_name,
                                                 "the network of the split by image, on particles of which it has seen "
                                                 "nothing"));
  }
  return result;
}

void write_all(const fs::path& out, const ReproduceOptions& options, const ReproducePlan& plan,
               const Reproduction& result) {
  ReproduceOptions copy = options;
  nlohmann::json record = run_record("reproduce ragone2021", copy.table(), options.seed, {});
  const ReproduceFigures figures = figures_of(result);
  write_file(out / "report.html", reproduce_page(options, plan, result, figures, record));
  record["result"] = to_json(result);
  write_file(out / "results.json", record.dump(1) + "\n");
  std::string text, markdown;
  for (const TextTable& table : tables_of(options, plan, result)) {
    text += to_text(table) + "\n";
    markdown += to_markdown(table) + "\n";
  }
  for (const std::string& finding : findings(result)) text += finding + "\n", markdown += "- " + finding + "\n";
  write_file(out / "tables.txt", text);
  write_file(out / "tables.md", markdown);
  fs::create_directories(out / "figures");
  for (const ReproduceFigure& figure : figures.all()) {
    const fs::path svg = out / "figures" / (figure.name + ".svg"), png = out / "figures" / (figure.name + ".png");
    if (fs::exists(png) && fs::exists(svg) && read_file(svg) == figure.svg) continue;
    write_png(png, figure.svg);
    write_file(svg, figure.svg);
  }
}

}  // namespace

std::string reproduction_estimate(const ReproduceOptions& options) {
  const ReproducePlan plan = plan_of(options);
  std::string text = to_text(plan_table(options, plan));
  const DatasetEstimate estimate = estimate_dataset(plan.particle_data);
  const int splits = options.by_particle() + options.by_image();
  text += "Images: as one view of each, " + estimate.text(splits * plan.images()) + ".\n";
  text += "Training says how long it will take after its first epoch, and what memory it needs before.\n";
  return text;
}

Reproduction reproduce(const ReproduceOptions& options, const fs::path& out, const ProcessGroup& group) {
  const ReproducePlan plan = plan_of(options);
  if (!options.response.empty()) {
    load_response(options.response).for_elements(plan.particle_data.prepared().particle.elements);  // fails early
  }
  join_folder(out, options, group);
  if (group.rank == 0) info("{}", to_text(plan_table(options, plan)));
  Reproduction result = run_experiment(options, plan, out, group);
  if (group.rank == 0) write_all(out, options, plan, result);
  return result;
}

}  // namespace colonnade
