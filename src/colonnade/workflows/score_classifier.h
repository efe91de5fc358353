// SPDX-License-Identifier: GPL-3.0-or-later
// How well classifiers of diffraction patterns do on materials they have never seen, defect by defect, on patterns that
// are summed over every atom of a specimen (exact_patterns.h): not on the quick ones they were trained with.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/learn/classifier_model.h"
#include "colonnade/report/text_table.h"

namespace colonnade {

struct ScoreClassifierOptions {
  int materials = 4;  ///< per group, of those that no model was trained or calibrated on; Al and Fe besides
  int patterns = 8;   ///< of each material and case: the largest ensemble
  std::uint64_t seed = 1;
  std::vector<std::string> specimens;  ///< names of specimen_cases(); empty: all
  void check() const;
};

/// A share with the interval that holds it in 95 % of all draws of materials (bootstrap over materials).
struct Share {
  double value = 0, low = 0, high = 0;
};

/// One model on one kind of specimen.
struct CaseScore {
  std::string specimen, materials;  ///< materials: "unseen", or a name
  int patterns = 0;
  Share look;                  ///< the most probable look is the right one
  std::vector<Share> group;    ///< the most probable group is the right one, from ensembles of ensemble_sizes()
  double mean_confidence = 0;  ///< probability that the model gives its group, one pattern: to be equal to group[0]
};
/// 1, 2, 4, 8 as far as the number of patterns goes.
std::vector<int> ensemble_sizes(int patterns);

struct ClassifierScore {
  std::string name;
  std::vector<CaseScore> cases;
};
struct ClassifierScores {
  std::vector<int> ensembles;
  std::vector<double> best_possible;        ///< of the group, per ensemble: when all looks are known (group_evidence.h)
  double most_common_look = 0, chance = 0;  ///< baselines: of always naming it; of guessing the group
  std::vector<ClassifierScore> models;
};
nlohmann::json to_json(const ClassifierScores& scores);
/// Looks, then groups by ensemble, a row per case.
std::vector<TextTable> tables(const ClassifierScores& scores);

/// All models on the same patterns. Fails where they were not trained on the same split of the materials.
ClassifierScores score_classifiers(const std::vector<std::pair<std::string, const ClassifierModel*>>& models,
                                   const ScoreClassifierOptions& options);

}  // namespace colonnade
