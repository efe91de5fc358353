// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/reproduce_scores.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>
#include <utility>

#include "colonnade/columns/counts.h"
#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/progress.h"
#include "colonnade/image/noise.h"
#include "colonnade/image/normalise.h"
#include "colonnade/workflows/calibrate_response.h"
#include "colonnade/workflows/measured_field.h"

namespace colonnade {
namespace {

/// As compare_counts() leaves columns out.
constexpr double border_px = 4;

bool inside(const LabelledColumn& column, const Image& image) {
  const double right = image.width - 1 - column.x_px, bottom = image.height - 1 - column.y_px;
  return std::min({column.x_px, column.y_px, right, bottom}) >= border_px;
}

/// The image's peaks at the columns. read_counts() knows nothing below 0, so the image is lifted for it.
std::vector<double> peaks_of(Image image, const std::vector<Column>& columns) {
  const float lowest = extremes(image).low;
  for (float& value : image.data) value -= lowest;
  std::vector<double> peaks;
  for (const auto& row : read_counts({image}, columns)) peaks.push_back(row[0] + lowest);
  return peaks;
}

void add_view(const Sample& view, const Image& noisy, IntensityScatter& scatter) {
  const std::vector<Column> all = places_of(view);
  std::vector<Column> read;
  const auto whole = measure_signals({view.image}, {{view.image.title, "", 0}}, all, {}).whole;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!inside(view.columns[i], view.image)) continue;
    read.push_back(all[i]);
    scatter.whole.push_back(whole[i]);
    scatter.counts.emplace_back(view.columns[i].counts.begin(), view.columns[i].counts.end());
  }
  for (const double peak : peaks_of(normalise_locally(noisy), read)) scatter.intensity.push_back(peak);
}

void fit_lines(IntensityScatter& scatter, std::size_t elements) {
  std::vector<double> totals;
  for (const auto& counts : scatter.counts) {
    double& total = totals.emplace_back(0);
    for (const double count : counts) total += count;
  }
  for (std::size_t e = 0; e < elements; ++e) {
    std::vector<double> heights;
    for (const auto& counts : scatter.counts) heights.push_back(counts[e]);
    scatter.fits.push_back(fit_line(heights, scatter.intensity));
  }
  scatter.total = fit_line(totals, scatter.intensity);
}

nlohmann::json number(double value) { return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr); }

nlohmann::json to_json(const std::vector<CountScore>& scores) {
  nlohmann::json json = nlohmann::json::array();
  for (const CountScore& score : scores) json.push_back(to_json(score));
  return json;
}

nlohmann::json to_json(const std::vector<std::vector<HeightError>>& errors, const std::vector<std::string>& elements) {
  nlohmann::json json = nlohmann::json::object();
  for (std::size_t e = 0; e < errors.size(); ++e) {
    for (const HeightError& error : errors[e]) {
      json[elements[e]].push_back({{"height", error.height},
                                   {"columns", error.columns},
                                   {"mean_absolute", error.mean_absolute},
                                   {"rms", error.rms},
                                   {"bias", error.bias}});
    }
  }
  return json;
}

nlohmann::json to_json(const LinearFit& fit) {
  return {{"slope", number(fit.slope)},
          {"intercept", number(fit.intercept)},
          {"slope_error", number(fit.slope_error)},
          {"r2", number(fit.r2)},
          {"columns", fit.points}};
}

nlohmann::json to_json(const IntensityScatter& scatter, const std::vector<std::string>& elements) {
  nlohmann::json json{{"images", scatter.images}, {"total", to_json(scatter.total)}};
  for (std::size_t e = 0; e < elements.size(); ++e) {
    json[elements[e]] = to_json(scatter.fits[e]);
    if (const auto* line = published_line(elements[e])) {
      json[elements[e]]["published"] = {{"slope", line->slope}, {"r2", line->r2}};
    }
  }
  return json;
}

}  // namespace

OffBy off_by(const CountScore& score) {
  return {score.exact, score.within_1 - score.exact, score.within_2 - score.within_1, score.within_3 - score.within_2,
          1 - score.within_3};
}

NetworkScores scores_of(std::string name, std::string what, CountComparison comparison, int images,
                        const std::vector<std::string>& elements) {
  NetworkScores scores;
  scores.name = std::move(name);
  scores.what = std::move(what);
  scores.images = images;
  const auto thickness = thickness_only(comparison.truth);
  scores.network = score_counts(comparison.truth, comparison.predicted, elements);
  scores.thickness_only = score_counts(comparison.truth, thickness, elements);
  scores.by_height = errors_by_height(comparison.truth, comparison.predicted, elements.size());
  scores.by_height_thickness = errors_by_height(comparison.truth, thickness, elements.size());
  scores.comparison = std::move(comparison);
  return scores;
}

IntensityScatter intensities_of(const std::vector<std::filesystem::path>& files, double dose_per_A2,
                                std::uint64_t seed) {
  IntensityScatter scatter;
  std::size_t elements = 0;
  Progress progress("Reading peak intensities", std::ssize(files));
  for (const auto& file : files) {
    const ParticleSamples samples = read_particle(file);
    elements = samples.elements.size();
    for (std::size_t view = 0; view < samples.views.size(); ++view) {
      Random random = Random(seed).stream(samples.particle).stream(view);
      const Image& image = samples.views[view].image;
      add_view(samples.views[view], dose_per_A2 > 0 ? poisson_noise(image, dose_per_A2, random) : image, scatter);
      ++scatter.images;
    }
    progress.advance();
  }
  fit_lines(scatter, elements);
  return scatter;
}

BoundScores bounds_of(const std::vector<std::filesystem::path>& files, const std::string& response_file,
                      double dose_per_A2, std::uint64_t seed) {
  const LabelledFields fields = read_fields(files, false);
  std::vector<KnownColumns> chosen;
  for (const KnownColumns& field : fields.clean) chosen.push_back(at_doses(field, {}, {dose_per_A2, 0}));
  return count_bound(chosen, load_response(response_file).for_elements(fields.elements), seed);
}

BoundsBeside beside_bounds(BoundScores bounds, const NetworkScores& network, const IntensityScatter& intensities,
                           const std::vector<std::string>& elements) {
  const CountComparison& all = network.comparison;
  if (all.truth != intensities.counts) fail("the columns of the network's scores and of the bounds differ");
  CountComparison whole;
  for (std::size_t i = 0; i < all.truth.size(); ++i) {
    if (!intensities.whole[i]) continue;
    whole.truth.push_back(all.truth[i]);
    whole.predicted.push_back(all.predicted[i]);
  }
  if (whole.truth.size() != std::size_t(bounds.columns)) {
    fail("{} columns lie wholly inside their images, but the bounds are of {}", whole.truth.size(), bounds.columns);
  }
  return {std::move(bounds), score_counts(whole.truth, whole.predicted, elements),
          score_counts(whole.truth, thickness_only(whole.truth), elements)};
}

std::vector<nlohmann::json> read_log(const std::filesystem::path& work_folder) {
  std::istringstream text(read_file(work_folder / "log.jsonl"));
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(text, line);) {
    auto json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object()) fail("{}: a line of the log is no JSON", (work_folder / "log.jsonl").string());
    lines.push_back(std::move(json));
  }
  return lines;
}

const PublishedLine* published_line(const std::string& element) {
  static const std::array<std::pair<const char*, PublishedLine>, 5> lines{{{"Pt", {0.366, 0.308}},
                                                                           {"Pd", {0.134, 0.035}},
                                                                           {"Ni", {0.029, 0.002}},
                                                                           {"Co", {0.057, 0.007}},
                                                                           {"Fe", {0.072, 0.011}}}};
  for (const auto& [name, line] : lines)
    if (element == name) return &line;
  return nullptr;
}

nlohmann::json to_json(const Reproduction& reproduction) {
  const auto& elements = reproduction.elements;
  nlohmann::json json{{"elements", elements}};
  for (const NetworkScores& scores : reproduction.networks) {
    json["networks"].push_back({{"name", scores.name},
                                {"what", scores.what},
                                {"images", scores.images},
                                {"columns", scores.comparison.truth.size()},
                                {"network", to_json(scores.network)},
                                {"thickness_only", to_json(scores.thickness_only)},
                                {"by_height", to_json(scores.by_height, elements)},
                                {"by_height_thickness_only", to_json(scores.by_height_thickness, elements)}});
  }
  for (const std::string& element : elements) {
    const auto* score = published_score(element);
    if (score == nullptr) continue;
    json["published"][element] = {{"r2_above", published_r2}, {"exact", score->exact}, {"within_1", score->within_1}};
  }
  for (const LearningCurve& curve : reproduction.curves) json["learning_curves"][curve.name] = curve.epochs;
  if (reproduction.intensities) json["intensity_against_height"] = to_json(*reproduction.intensities, elements);
  if (reproduction.bounds) {
    const BoundsBeside& beside = *reproduction.bounds;
    json["bounds"] = {{"columns", beside.bounds.columns},
                      {"image_only", to_json(beside.bounds.image)},
                      {"oracle", to_json(beside.bounds.oracle)},
                      {"thickness_only", to_json(beside.thickness_only)},
                      {"network", to_json(beside.network)}};
  }
  return json;
}

}  // namespace colonnade
