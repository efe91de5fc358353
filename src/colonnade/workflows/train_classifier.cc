// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/train_classifier.h"

#include <algorithm>
#include <fmt/ranges.h>

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/core/version.h"

namespace colonnade {

namespace {

std::vector<std::string> names_of(const std::vector<PatternMaterial>& materials) {
  std::vector<std::string> names;
  for (const PatternMaterial& material : materials) names.push_back(material.crystal->name);
  return names;
}

PatternDrawer::Options drawer_options(const TrainClassifierOptions& options, int variants, std::uint64_t seed) {
  PatternDrawer::Options drawing;
  drawing.side_px = options.training.side_px;
  drawing.defects = options.defects;
  drawing.variants = variants;
  drawing.seed = seed;
  return drawing;
}

}  // namespace

OptionTable TrainClassifierOptions::table() {
  OptionTable table;
  table.add("model", &model, "", "file for the model; checkpoints stand beside it");
  table.add("patterns.defects", &defects, "", "train over crystals with defects, not only perfect ones at rest");
  table.add("patterns.variants", &variants, "", "materials per group: the library's, and these with other elements");
  table.add("patterns.validation_share", &validation_share, "", "of each group's materials, to calibrate on");
  table.add("patterns.test_share", &test_share, "", "of each group's materials, never touched");
  table.add("patterns.validation_patterns", &validation_patterns, "", "patterns that judge each epoch");
  training.describe(table);
  return table;
}

void TrainClassifierOptions::check() const {
  training.check();
  if (variants < 1) fail("{} variants per group are too few; give at least 1", variants);
  if (!(validation_share > 0 && test_share > 0 && validation_share + test_share < 0.8))
    fail("shares of {} to validate and {} to test; give positive ones below 0.8 together", validation_share,
         test_share);
  if (validation_patterns < 10) fail("{} validation patterns are too few; give at least 10", validation_patterns);
}

nlohmann::json to_json(const ClassifierMeaning& meaning) {
  return {{"kind", "looks of diffraction patterns"},
          {"looks", meaning.looks},
          {"look_shares", meaning.look_shares},
          {"training", meaning.training},
          {"validation", meaning.validation},
          {"test", meaning.test},
          {"defects", meaning.defects}};
}

ClassifierMeaning classifier_meaning(const nlohmann::json& json, const std::string& where) {
  try {
    ClassifierMeaning meaning{json.at("looks"),      json.at("look_shares"), json.at("training"),
                              json.at("validation"), json.at("test"),        json.at("defects")};
    return meaning;
  } catch (const nlohmann::json::exception& problem) {
    fail("{}: no classifier of diffraction patterns ({}); take one made by 'colonnade train-classifier'", where,
         problem.what());
  }
}

nlohmann::json train_classifier_job(const TrainClassifierOptions& options) {
  options.check();
  const PatternLooks looks = recognised_looks();
  const MaterialSplit split = split_materials(options.validation_share, options.test_share, options.training.seed);
  info("{} materials to train on, {} to validate, {} kept for tests; {} looks", split.training.size(),
       split.validation.size(), split.test.size(), looks.size());
  const PatternDrawer drawer(split.training, looks, drawer_options(options, options.variants, options.training.seed));
  const PatternDrawer judge(split.validation, looks, drawer_options(options, 1, options.training.seed + 1));

  ClassifierTrainingData data;
  data.draw = [&](std::int64_t number) {
    DrawnPattern pattern = drawer.draw(number);
    return LabelledPattern{std::move(pattern.pixels), pattern.look};
  };
  std::vector<std::size_t> groups;
  for (int i = 0; i < options.validation_patterns; ++i) {
    DrawnPattern pattern = judge.draw(i);
    data.held_out.push_back({std::move(pattern.pixels), pattern.look});
    groups.push_back(pattern.group);
  }
  const GroupEvidence evidence(drawer.look_shares());
  data.judge = [&](const std::vector<std::vector<double>>& all) {
    double right = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto chances = evidence.probabilities({all[i]});
      right += std::max_element(chances.begin(), chances.end()) - chances.begin() == std::ptrdiff_t(groups[i]);
    }
    return nlohmann::json{{"group_accuracy", right / double(all.size())}};
  };
  ClassifierMeaning meaning;
  for (int look = 0; look < int(looks.size()); ++look) meaning.looks.push_back(looks.name(look));
  meaning.looks.emplace_back("none of these");
  meaning.look_shares = drawer.look_shares();
  meaning.training = names_of(split.training);
  meaning.validation = names_of(split.validation);
  meaning.test = names_of(split.test);
  meaning.defects = options.defects;
  ClassifierRecord record;
  record.classes = meaning.looks;
  record.meaning = to_json(meaning);
  record.options = {{"patterns", {{"defects", options.defects}, {"variants", options.variants}}}};
  record.data_fingerprint = fmt::format("{}", fmt::join(meaning.training, ","));
  record.version = version;
  ClassifierModel model = train_classifier(data, options.training, std::move(record), options.model + ".training");
  model.save(options.model);
  info("The model is in {}", options.model);
  return to_json(model.record);
}

}  // namespace colonnade
