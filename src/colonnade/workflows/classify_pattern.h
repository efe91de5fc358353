// SPDX-License-Identifier: GPL-3.0-or-later
// The job "classify": from one or several recorded diffraction patterns of one crystal to the space groups that it can
// have, by a trained classifier (train_classifier.h): how probable each is, by each pattern and by all together, which
// zone axis each pattern shows, what in it speaks for the answer, and the indexing of the classical way beside it.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/learn/classifier_model.h"
#include "colonnade/workflows/index_pattern.h"
#include "colonnade/workflows/pattern_square.h"
#include "colonnade/workflows/read_pattern.h"
#include "colonnade/workflows/train_classifier.h"

namespace colonnade {

struct ClassifyPatternOptions {
  std::string model;                  ///< file made by "train-classifier"
  std::vector<std::string> crystals;  ///< to index with, names as crystal_from() takes them; empty: of the library
  double per_px = 0;                  ///< 1/Angstrom per pixel, for indexing; 0: from the file, else not known
  /// Without `crystals`: as many of the library's crystals of the most probable group are tried, where the scale is
  /// known and the group has no more; 0: never.
  int most_crystals = 40;
  std::string signal;  ///< of files that hold several
  int pattern = 1;     ///< of scans, counted from 1
  PatternSquareOptions square;
  OptionTable table();
  void check() const;
};

/// A pattern that is asked about, and how people call it.
struct NamedPattern {
  std::string name;
  RecordedPattern recorded;
};

/// What a pattern's look can be, how probable it is.
struct ProbableLook {
  std::size_t look = 0;
  double probability = 0;
};

struct ClassifiedPattern {
  std::string name;
  Image image;
  PatternSquare square;
  std::vector<double> log_looks;    ///< logarithms of the looks' probabilities
  std::vector<double> groups;       ///< probabilities by this pattern alone
  std::vector<ProbableLook> looks;  ///< the most probable first, those above 1 %, at least one
  std::string zone;                 ///< "[0 0 1]": most probable of the most probable group; empty: none of these
  double zone_probability = 0;      ///< given that group
  std::vector<float> saliency;      ///< of the network's picture, for the most probable group
  std::vector<std::string> notes;   ///< what makes the answer weak
  std::optional<PatternIndexing> indexing;
  std::string without_indexing;  ///< why there is none
};

struct PatternClassification {
  ClassifierRecord model;
  ClassifierMeaning meaning;
  std::vector<ClassifiedPattern> patterns;
  std::vector<double> groups;  ///< probabilities by all patterns together
  std::size_t best = 0;        ///< of the groups
  bool decided = false;        ///< the best has at least half
  std::string verdict;         ///< for people
};

/// Fails on what is no pattern of spots, naming the pattern, and on a model that is not of patterns.
PatternClassification classify_patterns(const std::vector<NamedPattern>& patterns,
                                        const ClassifyPatternOptions& options);

/// "zone [001] of 221, 225; zone [012] of 227" for the name "221[001] 225[001] 227[012]".
std::string look_title(const std::string& look);

nlohmann::json to_json(const PatternClassification& result);
std::string to_text(const PatternClassification& result);

/// Reads, classifies, and writes the folder: report.html, run.json, groups.txt, and for each pattern pattern_1,
/// saliency_1 and (where it is indexed) overlay_1, .svg and .png. Returns the result.
PatternClassification classify_pattern_files(const std::vector<std::string>& files,
                                             const ClassifyPatternOptions& options, const std::filesystem::path& out,
                                             bool overwrite);

}  // namespace colonnade
