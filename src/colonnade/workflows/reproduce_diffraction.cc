// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/reproduce_diffraction.h"

#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/report/bar_figure.h"
#include "colonnade/report/image_figure.h"
#include "colonnade/report/page.h"
#include "colonnade/report/raster.h"
#include "colonnade/simulate/diffraction/pattern_raster.h"
#include "colonnade/workflows/exact_patterns.h"
#include "colonnade/workflows/run_record.h"

namespace colonnade {

namespace {

namespace fs = std::filesystem;

const std::string on_perfect = "perfect crystals", on_defects = "with defects";

/// What was published, per cent, for a network trained on perfect crystals, on Al unless it says otherwise.
struct Published {
  const char* specimen;
  const char* accuracy;
};
constexpr Published published[] = {{"clean", "98.65"},
                                   {"100 K", "94.57"},
                                   {"300 K", "90.13"},
                                   {"vacancies 2 %", "83.24-97.79 (point defects)"},
                                   {"impurities 2 %", "83.24-97.79 (point defects)"},
                                   {"strain up to 5 %", "< 80 past 3.5 %"},
                                   {"twin", "33.80"},
                                   {"dislocations", "7.97"}};
std::string published_for(const std::string& specimen) {
  for (const Published& entry : published)
    if (specimen == entry.specimen) return entry.accuracy;
  return "-";
}

TextTable beside_published(const ClassifierScores& scores, const std::vector<std::string>& specimens) {
  TextTable table;
  table.title = "Beside the publication: right, %, one pattern";
  table.header = {"specimen", "published, perfect crystals"};
  for (const ClassifierScore& model : scores.models)
    for (const char* of : {"Al", "Fe"}) table.header.push_back(model.name + ", " + of);
  for (const SpecimenCase& specimen : specimen_cases()) {
    if (!specimens.empty() && std::find(specimens.begin(), specimens.end(), specimen.name) == specimens.end()) continue;
    std::vector<std::string> row{specimen.name, published_for(specimen.name)};
    for (const ClassifierScore& model : scores.models)
      for (const char* of : {"Al", "Fe"}) {
        const auto found = std::find_if(model.cases.begin(), model.cases.end(), [&](const CaseScore& one) {
          return one.specimen == specimen.name && one.materials == of;
        });
        row.push_back(found == model.cases.end() ? "-" : fmt::format("{:.0f}", 100 * found->look.value));
      }
    table.rows.push_back(row);
  }
  table.note =
      "Published: the label is a space group, lattice constants are the crystals' own, the list of zones is not "
      "public. "
      "Here: the label is how the pattern looks (groups and zones that cannot be told apart share one), and the "
      "lattice "
      "constant is drawn at random, so that size says nothing.";
  return table;
}

BarFigure accuracy_figure(const ClassifierScores& scores) {
  BarFigure figure;
  figure.title = "Right looks on materials never seen";
  figure.y_label = "%";
  for (const ClassifierScore& model : scores.models) {
    Series series{"trained on " + model.name, "", {}, {}};
    for (const CaseScore& one : model.cases) {
      if (one.materials != "unseen") continue;
      if (&model == &scores.models.front()) figure.categories.push_back(one.specimen);
      series.values.push_back(100 * one.look.value);
      series.errors.push_back(50 * (one.look.high - one.look.low));
    }
    figure.series.push_back(series);
  }
  figure.not_negative = true;
  figure.footnote = "Bars: 95 % intervals over materials.";
  return figure;
}

/// Al along [110] as each kind of specimen shows it.
std::vector<std::string> example_figures(std::uint64_t seed) {
  const PatternMaterial al = pattern_material(library_crystal("Al"));
  std::vector<std::string> svgs;
  for (const SpecimenCase& specimen : specimen_cases()) {
    Random random(seed);
    PatternView view;
    view.camera_length_mm = 500;
    view.zone = std::size_t(std::find(al.zones.begin(), al.zones.end(), Miller{0, 1, 1}) - al.zones.begin());
    Image image(recorded_side_px, recorded_side_px, 0);
    image.data = exact_pattern(al, specimen, view, random);
    ImageFigure figure;
    figure.image = logarithmic_view(image);
    figure.title = specimen.name;
    svgs.push_back(to_svg(figure, 220));
  }
  return svgs;
}

ClassifierModel trained(const ReproduceDiffractionOptions& options, bool defects, const fs::path& out) {
  const std::string& given = defects ? options.defects : options.perfect;
  if (!given.empty()) return ClassifierModel::load(given);
  const fs::path file = out / (defects ? "defects.h5" : "perfect.h5");
  if (!fs::exists(file)) {
    TrainClassifierOptions training;
    training.model = file.string();
    training.defects = defects;
    training.training = training_at(options.scale, options.seed);
    training.training.device = options.device;
    train_classifier_job(training);
  }
  return ClassifierModel::load(file);
}

Page page_of(const ReproduceDiffractionOptions& options, const ClassifierScores& scores,
             const std::vector<TextTable>& all, const nlohmann::json& record) {
  Page page(
      "Space groups from diffraction patterns",
      "After Jeong, Ra, Jeong and Lee, RSC Adv. 14, 18489 (2024), at a scale of " + fmt::format("{}", options.scale));
  page.paragraph(
      "Two networks, one trained on perfect crystals at rest and one over defects, judged on kinematical sums over "
      "every "
      "atom of specimens of 40 x 30 x 20 cells of Al, or as much of other crystals: materials that neither was trained "
      "or "
      "calibrated on.");
  page.figures({to_svg(accuracy_figure(scores), 900, 360)}, "Accuracy by kind of specimen.");
  for (const TextTable& table : all) {
    page.heading(table.title);
    page.table(table.header, table.rows, table.note);
  }
  page.heading("What the specimens look like");
  page.figures(example_figures(options.seed), "Al along [011], 200 kV, 500 mm; logarithmic.");
  page.preformatted(record.dump(1), "Settings");
  page.footer(fmt::format("Colonnade {}, seed {}", record.value("version", ""), options.seed));
  return page;
}

}  // namespace

OptionTable ReproduceDiffractionOptions::table() {
  OptionTable table;
  table.add("seed", &seed, "", "seed of the split, of training and of all that is drawn");
  table.add("scale", &scale, "", "of training, 0 to 1; 1: ResNet-101, 40,000 patterns in each of 100 epochs");
  table.add("perfect", &perfect, "", "a model trained on perfect crystals, to be judged in place of one trained here");
  table.add("defects", &defects, "", "the same, trained over defects");
  table.add("materials", &materials, "", "unseen materials of each group");
  table.add("patterns", &patterns, "", "patterns of each material and kind of specimen");
  table.add("specimens", &specimens, "", "kinds of specimens, e.g. clean,twin; empty: all");
  table.add("device", &device, "", "auto, cpu or cuda");
  return table;
}

void ReproduceDiffractionOptions::check() const {
  if (!(scale > 0 && scale <= 1)) fail("scale is {}; give a number above 0, up to 1", scale);
  ScoreClassifierOptions{materials, patterns, seed, specimens}.check();
}

ClassifierTrainingOptions training_at(double scale, std::uint64_t seed) {
  const double f = std::pow(scale, 0.25);
  ClassifierTrainingOptions training;
  training.depth = scale < 0.1 ? 18 : scale < 0.5 ? 50 : 101;
  training.width = std::max(8, int(std::lround(64 * f / 8)) * 8);
  training.epochs = std::max(1, int(std::lround(100 * f)));
  training.patterns = std::max(128, int(std::lround(40000 * f * f)));
  training.batch = std::min(64, training.patterns);
  training.seed = seed;
  return training;
}

ClassifierScores reproduce_diffraction(const ReproduceDiffractionOptions& options, const fs::path& out) {
  options.check();
  fs::create_directories(out);
  const ClassifierModel perfect = trained(options, false, out), over_defects = trained(options, true, out);
  ScoreClassifierOptions scoring{options.materials, options.patterns, options.seed, options.specimens};
  ClassifierScores scores = score_classifiers({{on_perfect, &perfect}, {on_defects, &over_defects}}, scoring);
  std::vector<TextTable> all = tables(scores);
  all.push_back(beside_published(scores, options.specimens));
  std::string text, markdown;
  for (const TextTable& table : all) {
    text += to_text(table) + "\n";
    markdown += to_markdown(table) + "\n";
  }
  ReproduceDiffractionOptions copy = options;
  nlohmann::json record = run_record("reproduce jeong2024", copy.table(), options.seed, {});
  write_file(out / "report.html", page_of(options, scores, all, record).html());
  record["result"] = to_json(scores);
  write_file(out / "results.json", record.dump(1) + "\n");
  write_file(out / "tables.txt", text);
  write_file(out / "tables.md", markdown);
  fs::create_directories(out / "figures");
  const std::string svg = to_svg(accuracy_figure(scores), 900, 360);
  write_png(out / "figures" / "accuracy.png", svg);
  write_file(out / "figures" / "accuracy.svg", svg);
  return scores;
}

}  // namespace colonnade
