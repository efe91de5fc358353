// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/evaluate_model.h"

#include <algorithm>
#include <cmath>

#include "colonnade/columns/counts.h"
#include "colonnade/core/error.h"
#include "colonnade/core/progress.h"
#include "colonnade/core/random.h"
#include "colonnade/image/noise.h"
#include "colonnade/learn/dataset.h"
#include "colonnade/learn/training.h"
#include "colonnade/report/text_table.h"
#include "colonnade/structures/elements.h"

namespace colonnade {
namespace {

void compare_view(const Model& model, const Sample& view, const std::vector<std::size_t>& order, double dose_per_A2,
                  double border_px, Random random, int particle, CountComparison& comparison) {
  const Image image = dose_per_A2 > 0 ? poisson_noise(view.image, dose_per_A2, random) : view.image;
  const std::vector<Image> maps = model.predict(image);
  std::vector<Column> columns;
  for (const auto& column : view.columns) {
    const double right = image.width - 1 - column.x_px, bottom = image.height - 1 - column.y_px;
    if (std::min({column.x_px, column.y_px, right, bottom}) < border_px) continue;
    columns.push_back({column.x_px, column.y_px});
    std::vector<double> truth;
    for (const auto index : order) truth.push_back(column.counts[index]);
    comparison.truth.push_back(std::move(truth));
    comparison.particle.push_back(particle);
  }
  for (auto& counts : read_counts(maps, columns)) comparison.predicted.push_back(std::move(counts));
}

double share_within(const CountComparison& comparison, const std::vector<CountError>& errors, std::size_t element,
                    double deviations) {
  std::size_t inside = 0;
  for (std::size_t i = 0; i < comparison.truth.size(); ++i) {
    const double predicted = comparison.predicted[i][element];
    if (std::fabs(comparison.truth[i][element] - predicted) <= deviations * errors[element].at(predicted)) ++inside;
  }
  return static_cast<double>(inside) / static_cast<double>(comparison.truth.size());
}

}  // namespace

CountComparison compare_counts(const Model& model, const std::vector<std::filesystem::path>& files, double dose_per_A2,
                               std::uint64_t seed, double border_px, const std::function<bool(std::size_t)>& wanted) {
  CountComparison comparison;
  std::size_t image = 0;
  Progress progress("Counting in particles", static_cast<std::int64_t>(files.size()));
  for (std::size_t i = 0; i < files.size(); ++i) {
    const ParticleSamples samples = read_particle(files[i]);
    const auto order = element_places(model.record.elements, samples.elements, files[i].string());
    if (order.size() != samples.elements.size()) {
      fail("{}: the dataset has elements that the model does not count", files[i].string());
    }
    for (std::size_t view = 0; view < samples.views.size(); ++view, ++image) {
      if (wanted && !wanted(image)) continue;
      compare_view(model, samples.views[view], order, dose_per_A2, border_px,
                   Random(seed).stream(samples.particle).stream(view), static_cast<int>(i), comparison);
    }
    progress.advance();
  }
  if (comparison.truth.empty()) fail("no column lies inside the images of these particles");
  return comparison;
}

Evaluation evaluate(const Model& model, const CountComparison& comparison) {
  const auto& elements = model.record.elements;
  Evaluation evaluation;
  evaluation.model = score_counts(comparison.truth, comparison.predicted, elements);
  evaluation.thickness_only = score_counts(comparison.truth, thickness_only(comparison.truth), elements);
  evaluation.columns = static_cast<int>(comparison.truth.size());
  std::vector<int> particles = comparison.particle;
  std::sort(particles.begin(), particles.end());
  evaluation.particles = static_cast<int>(std::unique(particles.begin(), particles.end()) - particles.begin());
  if (model.record.count_errors.size() == elements.size()) {
    for (std::size_t e = 0; e < elements.size(); ++e) {
      evaluation.within_1_sd.push_back(share_within(comparison, model.record.count_errors, e, 1));
      evaluation.within_2_sd.push_back(share_within(comparison, model.record.count_errors, e, 2));
    }
  }
  return evaluation;
}

Evaluation evaluate_model(const Model& model, const std::filesystem::path& dataset_folder, double dose_per_A2,
                          std::uint64_t seed) {
  auto files = particle_files(dataset_folder);
  const auto& training = model.record.options.value("training", nlohmann::json::object());
  const bool own = dataset_fingerprint(files) == model.record.data_fingerprint;
  if (own && training.value("training.split", "particle") == "image") {
    fail("the model was trained on a split by image: it has seen all particles of its data; give another dataset");
  }
  if (own) files = split_particles(files, training.value("training.test_fraction", 0.2), model.record.seed).test;
  if (dose_per_A2 < 0) dose_per_A2 = training.value("training.dose", 0.0);
  Evaluation evaluation = evaluate(model, compare_counts(model, files, dose_per_A2, seed));
  evaluation.dose_per_A2 = dose_per_A2;
  evaluation.particles_are = own ? "held out from the model's own data" : "a dataset that the model was not trained on";
  return evaluation;
}

std::vector<CountError> count_errors(const CountComparison& comparison, std::size_t elements) {
  constexpr std::size_t fewest = 20;
  std::vector<CountError> errors(elements);
  for (std::size_t e = 0; e < elements; ++e) {
    std::vector<std::vector<double>> squares;
    for (std::size_t i = 0; i < comparison.truth.size(); ++i) {
      const double predicted = comparison.predicted[i][e];
      const auto bin = static_cast<std::size_t>(std::max(0.0, std::round(predicted)));
      if (bin >= squares.size()) squares.resize(bin + 1);
      squares[bin].push_back(std::pow(comparison.truth[i][e] - predicted, 2));
    }
    for (std::size_t bin = 0; bin < squares.size(); ++bin) {
      // Widen the bin on both sides until it holds enough columns.
      double sum = 0;
      std::size_t count = 0;
      for (std::size_t reach = 0; reach < squares.size() && count < fewest; ++reach) {
        sum = 0;
        count = 0;
        for (std::size_t b = bin - std::min(bin, reach); b < std::min(squares.size(), bin + reach + 1); ++b) {
          for (const double square : squares[b]) sum += square;
          count += squares[b].size();
        }
      }
      errors[e].rms.push_back(std::sqrt(sum / static_cast<double>(std::max<std::size_t>(1, count))));
    }
  }
  return errors;
}

nlohmann::json to_json(const Evaluation& evaluation) {
  nlohmann::json json{{"particles", evaluation.particles},
                      {"columns", evaluation.columns},
                      {"dose_per_A2", evaluation.dose_per_A2},
                      {"particles_are", evaluation.particles_are},
                      {"elements", nlohmann::json::array()}};
  double sum_r2 = 0;
  for (const auto& score : evaluation.model) sum_r2 += score.r2;
  json["mean_r2"] = sum_r2 / static_cast<double>(evaluation.model.size());
  for (std::size_t e = 0; e < evaluation.model.size(); ++e) {
    nlohmann::json element{{"element", evaluation.model[e].element},
                           {"model", to_json(evaluation.model[e])},
                           {"thickness_only", to_json(evaluation.thickness_only[e])}};
    if (const auto* published = published_score(evaluation.model[e].element)) {
      element["published"] = {{"exact", published->exact}, {"within_1", published->within_1}};
    }
    if (e < evaluation.within_1_sd.size()) {
      element["within_1_sd"] = evaluation.within_1_sd[e];
      element["within_2_sd"] = evaluation.within_2_sd[e];
    }
    json["elements"].push_back(element);
  }
  return json;
}

std::vector<std::string> evaluation_header() {
  return {"element", "who", "R2", "mean error", "exact", "within 1", "within 2", "within 3"};
}

std::vector<std::vector<std::string>> evaluation_rows(const Evaluation& evaluation) {
  std::vector<std::vector<std::string>> rows;
  const auto percent = [](double share) { return fmt::format("{:.0f} %", 100 * share); };
  const auto add = [&](const CountScore& score, const std::string& who) {
    rows.push_back({score.element, who, fmt::format("{:.2f}", score.r2),
                    fmt::format("{:.2f}", score.mean_absolute_error), percent(score.exact), percent(score.within_1),
                    percent(score.within_2), percent(score.within_3)});
  };
  for (std::size_t e = 0; e < evaluation.model.size(); ++e) {
    add(evaluation.model[e], "this model");
    add(evaluation.thickness_only[e], "thickness only");
    if (const auto* published = published_score(evaluation.model[e].element)) {
      rows.push_back({evaluation.model[e].element, "Ragone 2021 (thicker)", "> 0.70", "", percent(published->exact),
                      percent(published->within_1), "", "100 %"});
    }
  }
  return rows;
}

std::string to_text(const Evaluation& evaluation) {
  std::string text = to_text(TextTable{"", evaluation_header(), evaluation_rows(evaluation), ""});
  text += fmt::format("{} columns of {} particles, {}; dose {} electrons per square Angstrom{}\n", evaluation.columns,
                      evaluation.particles, evaluation.particles_are, evaluation.dose_per_A2,
                      evaluation.dose_per_A2 > 0 ? "" : " (no noise)");
  if (!evaluation.within_1_sd.empty()) {
    text += "truth within 1 / 2 stated standard deviations (68 / 95 % if they are right):";
    for (std::size_t e = 0; e < evaluation.model.size(); ++e) {
      text += fmt::format(" {} {:.0f}/{:.0f} %", evaluation.model[e].element, 100 * evaluation.within_1_sd[e],
                          100 * evaluation.within_2_sd[e]);
    }
    text += "\n";
  }
  return text;
}

}  // namespace colonnade
