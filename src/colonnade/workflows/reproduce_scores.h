// SPDX-License-Identifier: GPL-3.0-or-later
// What an experiment of reproduce.h comes to, in numbers.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "colonnade/columns/count_bound.h"
#include "colonnade/columns/height_errors.h"
#include "colonnade/columns/linear_fit.h"
#include "colonnade/columns/scores.h"
#include "colonnade/workflows/evaluate_model.h"
#include "colonnade/workflows/reproduce_plan.h"

namespace colonnade {

inline constexpr const char* split_by_particle_name = "split by particle";
inline constexpr const char* split_by_image_name = "split by image";
inline constexpr const char* fresh_particles_name = "split by image, on fresh particles";

/// One network on some images.
struct NetworkScores {
  std::string name;  ///< one of the above
  std::string what;  ///< what was trained on, and what is scored, in words
  CountComparison comparison;
  int images = 0;
  std::vector<CountScore> network, thickness_only;                       ///< per element, on the same columns
  std::vector<std::vector<HeightError>> by_height, by_height_thickness;  ///< per element
};

/// The peak intensities of the locally normalised images at the columns, against heights.
struct IntensityScatter {
  std::vector<double> intensity;            ///< per column
  std::vector<std::vector<double>> counts;  ///< per column, by element
  std::vector<bool> whole;                  ///< per column: its cell and its neighbours lie inside the image
  std::vector<LinearFit> fits;              ///< per element
  LinearFit total;                          ///< against all atoms of a column
  int images = 0;
};

/// Bounds, and who is to be compared with them: only columns that lie wholly inside count.
struct BoundsBeside {
  BoundScores bounds;
  std::vector<CountScore> network, thickness_only;
};

struct LearningCurve {
  std::string name;
  std::vector<nlohmann::json> epochs;  ///< lines of log.jsonl
};

struct Reproduction {
  std::vector<std::string> elements;
  /// In this order, as far as asked for: split by particle, split by image, and the network of the latter on the
  /// particles held out from the former, of which it has seen no view.
  std::vector<NetworkScores> networks;
  std::vector<LearningCurve> curves;
  std::optional<IntensityScatter> intensities;
  std::optional<BoundsBeside> bounds;
};

/// How wrong, as shares of the columns: right, off by 1, 2, 3, and by more.
struct OffBy {
  double exact = 0, one = 0, two = 0, three = 0, more = 0;
};
OffBy off_by(const CountScore& score);

NetworkScores scores_of(std::string name, std::string what, CountComparison comparison, int images,
                        const std::vector<std::string>& elements);

/// Of all columns that compare_counts() reads, in its order, with the noise that it draws.
IntensityScatter intensities_of(const std::vector<std::filesystem::path>& files, double dose_per_A2,
                                std::uint64_t seed);

/// What is possible on the files' columns; the response's elements must be the dataset's.
BoundScores bounds_of(const std::vector<std::filesystem::path>& files, const std::string& response_file,
                      double dose_per_A2, std::uint64_t seed);
/// The same with a network's scores on these columns.
BoundsBeside beside_bounds(BoundScores bounds, const NetworkScores& network, const IntensityScatter& intensities,
                           const std::vector<std::string>& elements);

std::vector<nlohmann::json> read_log(const std::filesystem::path& work_folder);

/// What Ragone et al. (2021) print of the line through peak intensity against height; nothing for other elements.
struct PublishedLine {
  double slope = 0, r2 = 0;
};
const PublishedLine* published_line(const std::string& element);
/// "R2 > 0.70 for all".
inline constexpr double published_r2 = 0.70;

nlohmann::json to_json(const Reproduction& reproduction);

}  // namespace colonnade
