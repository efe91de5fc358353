// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/demo.h"

#include <algorithm>
#include <cmath>
#include <fmt/ranges.h>

#include "colonnade/columns/counts.h"
#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/log.h"
#include "colonnade/core/version.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/noise.h"
#include "colonnade/report/figure.h"
#include "colonnade/report/page.h"
#include "colonnade/workflows/analysis_figures.h"
#include "colonnade/workflows/evaluate_model.h"
#include "colonnade/workflows/make_dataset.h"
#include "colonnade/workflows/map_figures.h"
#include "colonnade/workflows/map_image.h"
#include "colonnade/workflows/map_output.h"
#include "colonnade/workflows/run_record.h"
#include "colonnade/workflows/train_model.h"

namespace colonnade {
namespace fs = std::filesystem;
namespace {

const std::vector<std::string> alloy{"Pt", "Ni", "Pd", "Co", "Fe"};

/// The particles, optics and noise that a model was trained for.
struct DemoConditions {
  DatasetOptions dataset;
  double dose_per_A2 = 0;
};

DemoConditions conditions_of(const Model& model) {
  DemoConditions conditions;
  conditions.dataset.read_record(model.record.options.at("dataset"));
  conditions.dose_per_A2 = model.record.options.at("training").value("training.dose", 0.0);
  return conditions;
}

/// The model of small particles: those of the others take minutes to simulate.
fs::path shipped_model() {
  const auto folders = model_folders();
  std::vector<std::string> names;
  for (const auto& folder : folders) {
    if (fs::exists(folder / "ptnipdcofe.h5")) return folder / "ptnipdcofe.h5";
    names.push_back(folder.string());
  }
  fail("ptnipdcofe.h5, the model of small particles, is not in {}; run the demo with --train true",
       fmt::join(names, ", "));
}

/// A narrow network trained here on a few particles: quick, and poorer than the one that ships.
fs::path train_here(const DemoOptions& options, const PendingFolder& folder) {
  DatasetOptions dataset;
  dataset.seed = options.seed + 1;
  dataset.particles = 2 * options.particles;
  dataset.size_px = 96;
  dataset.diameter_nm = {1.8, 2.6};
  make_dataset(dataset, folder / "training_data");
  TrainModelOptions training;
  training.dataset = (folder / "training_data").string();
  training.model = (folder / "model.h5").string();
  training.training.widths = {8, 16, 32, 64};
  training.training.epochs = 60;
  training.training.batch = 8;
  training.training.dose_per_A2 = 5e4;
  training.training.seed = options.seed;
  train_model(training);
  return training.model;
}

/// Truth and prediction of one image: columns found against columns that are there.
struct HeldOut {
  ElementMap map;
  std::vector<LabelledColumn> truth;
  std::vector<int> partner;  ///< per true column the found one, or -1
  int false_columns = 0;
};

HeldOut map_held_out(const ParticleSamples& samples, const DemoConditions& conditions, const fs::path& model,
                     std::uint64_t seed, const PendingFolder& folder) {
  HeldOut result;
  Random random(seed);
  const Sample& view = samples.views.front();
  const Image noisy = poisson_noise(view.image, conditions.dose_per_A2, random);
  fs::create_directory(folder / "held_out");
  write_image(folder / "held_out/image.tif", noisy);
  MapOptions options;
  options.elements = samples.elements;
  options.model = model.string();
  result.map = map_elements(noisy, options);
  result.truth = view.columns;
  std::vector<Point> there, found;
  for (const auto& column : view.columns) there.push_back({column.x_px, column.y_px});
  for (const auto& column : result.map.columns) found.push_back({column.x_px, column.y_px});
  result.partner = match_points(there, found, 0.05 / noisy.pixel_size_nm);
  const auto matched = std::count_if(result.partner.begin(), result.partner.end(), [](int i) { return i >= 0; });
  result.false_columns = static_cast<int>(found.size()) - static_cast<int>(matched);
  return result;
}

std::string truth_csv(const ParticleSamples& samples, const HeldOut& held_out) {
  std::string text = "x_px,y_px";
  for (const auto& element : samples.elements) text += fmt::format(",{0},{0}_predicted", element);
  text += "\n";
  for (std::size_t i = 0; i < held_out.truth.size(); ++i) {
    text += fmt::format("{:.3f},{:.3f}", held_out.truth[i].x_px, held_out.truth[i].y_px);
    for (std::size_t e = 0; e < samples.elements.size(); ++e) {
      const int partner = held_out.partner[i];
      text += fmt::format(",{},{}", held_out.truth[i].counts[e],
                          partner < 0 ? "" : fmt::format("{:.3f}", held_out.map.distributions[partner].mean[e]));
    }
    text += "\n";
  }
  return text;
}

/// True and predicted map of one element, drawn alike.
std::vector<std::string> maps_side_by_side(const HeldOut& held_out, std::size_t element) {
  const ElementMap& map = held_out.map;
  ElementMap truth;
  truth.image = map.image;
  truth.elements = {map.elements[element]};
  ElementMap predicted = truth;
  for (const auto& column : held_out.truth) {
    Column place;
    place.x_px = column.x_px;
    place.y_px = column.y_px;
    truth.columns.push_back(place);
    truth.distributions.push_back(normal_distribution({static_cast<double>(column.counts[element])}, {0}));
  }
  predicted.columns = map.columns;
  predicted.distributions = grouped(map.distributions, {{element}});
  double most = 1;
  for (const auto& counts : truth.distributions) most = std::max(most, counts.mean[0]);
  for (const auto& counts : predicted.distributions) most = std::max(most, counts.mean[0]);
  return {element_map_svg(truth, 0, map.elements[element] + ": truth", std::ceil(most)),
          element_map_svg(predicted, 0, map.elements[element] + ": predicted", std::ceil(most))};
}

/// What the scores say, in words: which elements are told apart from thickness alone, and which are not.
std::string verdict(const Evaluation& evaluation) {
  std::vector<std::string> told, untold;
  for (std::size_t e = 0; e < evaluation.model.size(); ++e) {
    const double gain = evaluation.model[e].r2 - evaluation.thickness_only[e].r2;
    (gain > 0.05 ? told : untold).push_back(evaluation.model[e].element);
  }
  std::string text;
  if (!told.empty()) {
    text += fmt::format("The image tells {} beyond the thickness of the columns. ", fmt::join(told, ", "));
  }
  if (!untold.empty()) {
    text += fmt::format(
        "For {} the counts are no better, or hardly better, than sharing out each column's thickness by the mean "
        "composition: this image and this network do not tell them apart (Fe, Co and Ni scatter almost alike in any "
        "HAADF "
        "image). Treat their counts as one sum.",
        fmt::join(untold, ", "));
  }
  return text;
}

std::string demo_report(const HeldOut& held_out, const CountComparison& comparison, const Evaluation& evaluation,
                        const nlohmann::json& record) {
  const auto& elements = held_out.map.elements;
  Page page("From an alloy to its element map",
            fmt::format("a {} nanoparticle, simulated and mapped", fmt::join(elements, "")));
  const auto missing = std::count(held_out.partner.begin(), held_out.partner.end(), -1);
  page.cards(
      {{"columns in the image", std::to_string(held_out.truth.size()), ""},
       {"found", std::to_string(held_out.truth.size() - missing),
        fmt::format("and {} that are not there", held_out.false_columns)},
       {"particles scored", std::to_string(evaluation.particles), fmt::format("{} columns", evaluation.columns)}});
  page.paragraph(
      "The network has never seen this particle. It was simulated with counting noise, its columns were found, "
      "and the atoms of each element in every column counted.");
  page.notice(verdict(evaluation));
  page.figures({columns_svg(held_out.map)}, "The simulated image, and the columns found in it.");
  page.heading("Truth beside prediction");
  page.paragraph(
      fmt::format("Left and middle: this particle. Right: predicted against true atoms in the columns of {} "
                  "other particles; the line is where a perfect count would lie.",
                  evaluation.particles));
  for (std::size_t e = 0; e < elements.size(); ++e) {
    auto row = maps_side_by_side(held_out, e);
    row.push_back(counts_svg(comparison, elements, e, "other particles", 315));
    page.figures(row, "");
  }
  page.heading(fmt::format("How good it is: {} other particles", evaluation.particles));
  page.paragraph(
      fmt::format("{} columns at a dose of {:.3g} electrons per square Angstrom. Every score stands beside a "
                  "predictor that knows each column's true thickness and nothing else, and beside the published "
                  "one, which was found on thicker particles and is not the same task.",
                  evaluation.columns, evaluation.dose_per_A2));
  page.table(evaluation_header(), evaluation_rows(evaluation), "Scores on columns");
  page.files({{"held_out/image.tif", "the simulated micrograph"},
              {"held_out/truth.csv", "what is there, and what was predicted"},
              {"map/report.html", "the report that colonnade map makes of it"},
              {"dataset", "the particles that were scored"}});
  page.preformatted(record.dump(2), "All settings");
  page.footer(fmt::format("Colonnade {}, seed {}", version, record.value("seed", 0ULL)));
  return page.html();
}

}  // namespace

OptionTable DemoOptions::table() {
  OptionTable table;
  table.add("seed", &seed, "", "Seed of the particles and the noise");
  table.add("particles", &particles, "", "Particles simulated to say how good the model is");
  table.add("train", &train, "", "Train a narrow network here instead of taking the one that ships");
  return table;
}

void DemoOptions::check() const {
  if (particles < 10 || particles > 10000) fail("--particles is {}; the demo needs 10 to 10000", particles);
}

fs::path run_demo(const DemoOptions& options, const fs::path& out, bool overwrite) {
  options.check();
  PendingFolder folder(out, overwrite);
  const fs::path model_file = options.train ? train_here(options, folder) : shipped_model();
  const Model model = Model::load(model_file);
  DemoConditions conditions = conditions_of(model);
  conditions.dataset.seed = options.seed;
  conditions.dataset.particles = options.particles;
  info("Simulating {} particles to test the model on", options.particles);
  make_dataset(conditions.dataset, folder / "dataset");
  const CountComparison comparison =
      compare_counts(model, particle_files(folder / "dataset"), conditions.dose_per_A2, options.seed);
  Evaluation evaluation = evaluate(model, comparison);
  evaluation.dose_per_A2 = conditions.dose_per_A2;
  evaluation.particles_are = "simulated for this demo";
  info("{}", to_text(evaluation));

  conditions.dataset.view = {0, 0};
  conditions.dataset.diameter_nm.low = conditions.dataset.diameter_nm.high;
  const ParticleSamples samples = make_particle_samples(conditions.dataset, options.particles);
  const HeldOut held_out = map_held_out(samples, conditions, model_file, options.seed, folder);
  DemoOptions copy = options;
  auto record = run_record("demo", copy.table(), options.seed, {model_file});
  record["evaluation"] = to_json(evaluation);
  write_file(folder / "held_out/truth.csv", truth_csv(samples, held_out));
  fs::create_directory(folder / "map");
  MapOptions mapping;
  mapping.analysis.ordering.seed = options.seed;
  write_map_files(folder / "map", held_out.map, mapping, record, "the held-out particle");
  write_file(folder / "run.json", record.dump(2) + "\n");
  write_file(folder / "report.html", demo_report(held_out, comparison, evaluation, record));
  folder.commit();
  return out / "report.html";
}

}  // namespace colonnade
