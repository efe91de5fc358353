// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/classify_pattern.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numeric>

#include "colonnade/core/file.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/workflows/classify_report.h"
#include "colonnade/workflows/pattern_materials.h"
#include "colonnade/workflows/test_recordings.h"

namespace colonnade {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class ClassifyPattern : public testing::Test {
 protected:
  ClassifyPattern() { options_.model = (folder_.path() / "model.h5").string(); }

  static std::vector<NamedPattern> two_patterns() {
    return {{"one", {recorded(recorded_spots("Al", {0, 0, 1}), {}), 0}},
            {"two", {recorded(recorded_spots("Al", {0, 1, 1}), {.x = 20, .y = -9}), 0}}};
  }
  static std::vector<std::vector<float>> pictures() {
    std::vector<std::vector<float>> all;
    for (const NamedPattern& one : two_patterns())
      all.push_back(network_pixels(pattern_square(one.recorded.image).pixels, 32));
    return all;
  }
  PatternClassification of_model_that_answers(int look) {
    write_classifier(options_.model, look, pictures());
    return classify_patterns(two_patterns(), options_);
  }

  TemporaryFolder folder_;
  ClassifyPatternOptions options_;
};

TEST_F(ClassifyPattern, WeighsPatternsAsGroupEvidenceDoes) {
  write_classifier(options_.model);
  const PatternClassification result = classify_patterns(two_patterns(), options_);
  const ClassifierModel model = ClassifierModel::load(options_.model);
  const auto log_looks = model.log_probabilities(pictures());
  const GroupEvidence evidence(result.meaning.look_shares);
  EXPECT_EQ(result.groups, evidence.probabilities(log_looks));
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(result.patterns[i].groups, evidence.probabilities({log_looks[i]}));
    EXPECT_EQ(result.patterns[i].saliency.size(), 32u * 32u);
  }
  EXPECT_NEAR(std::accumulate(result.groups.begin(), result.groups.end(), 0.0), 1, 1e-12);
  EXPECT_EQ(result.best,
            std::size_t(std::max_element(result.groups.begin(), result.groups.end()) - result.groups.begin()));
}

TEST_F(ClassifyPattern, NamesGroupAndZone) {
  const PatternClassification result = of_model_that_answers(2);
  EXPECT_EQ(recognised_name(result.best), "225");
  EXPECT_THAT(result.verdict, AllOf(HasSubstr("Space group 225 (Fm-3m)"), HasSubstr("2 patterns")));
  EXPECT_EQ(result.patterns[0].zone, "[011]");
  EXPECT_GT(result.patterns[0].zone_probability, 0.9);
  EXPECT_EQ(to_json(result)["decided"], true);
  EXPECT_THAT(result.patterns[0].without_indexing, HasSubstr("--pixel-size"));
}

TEST_F(ClassifyPattern, SaysWhatNoneOfTheseMeans) {
  const PatternClassification result = of_model_that_answers(5);
  EXPECT_EQ(recognised_name(result.best), "none of these");
  EXPECT_THAT(result.verdict, AllOf(HasSubstr("None of these"), HasSubstr("another space group")));
  EXPECT_EQ(result.patterns[0].zone, "");
}

TEST_F(ClassifyPattern, SaysThatItIsNotDecided) {
  // [001] is the same in three groups, and 221 has no other look here: 1 : 0.25 : 0.25 in two of 225 and 229.
  write_classifier(options_.model);
  const PatternClassification result = classify_patterns({two_patterns()[0]}, options_);
  ASSERT_LT(*std::max_element(result.groups.begin(), result.groups.end()), 0.5);
  EXPECT_THAT(result.verdict, AllOf(HasSubstr("Not decided"), HasSubstr("another zone axis")));
  EXPECT_THAT(to_text(result), HasSubstr("zone [001] of 221, 225, 229"));
  EXPECT_EQ(to_json(result)["decided"], false);
}

TEST_F(ClassifyPattern, WritesAFolder) {
  write_classifier(options_.model, 2, pictures());
  std::vector<std::string> files;
  for (const NamedPattern& one : two_patterns()) {
    files.push_back((folder_.path() / (one.name + ".tif")).string());
    write_image(files.back(), one.recorded.image);
  }
  const auto out = folder_.path() / "out";
  options_.crystals = {"Al", "Fe"};
  options_.per_px = 50.0 / 400 / (680 * 0.0250793);
  const PatternClassification result = classify_pattern_files(files, options_, out, false);
  ASSERT_TRUE(result.patterns[1].indexing.has_value());
  EXPECT_EQ(result.patterns[1].indexing->indexing.matches.at(0).name, "Al");
  const std::string page = read_file(out / "report.html");
  EXPECT_THAT(page, AllOf(HasSubstr("Space group 225"), HasSubstr("data:image/png"), HasSubstr("one.tif"),
                          HasSubstr("Al [1 1 0]"), HasSubstr("What speaks for")));
  const auto record = nlohmann::json::parse(read_file(out / "run.json"));
  EXPECT_EQ(record["result"]["best"], "225");
  EXPECT_EQ(record["inputs"].size(), 3u);
  for (const char* name : {"groups.txt", "groups.svg", "pattern_2.png", "saliency_2.png", "overlay_2.svg"})
    EXPECT_GT(std::filesystem::file_size(out / name), 200u) << name;
  EXPECT_THAT(message_of([&] { classify_pattern_files(files, options_, out, false); }), HasSubstr("exists"));
}

TEST_F(ClassifyPattern, RefusesWhatItCannotDo) {
  const auto refusal = [&] { return message_of([&] { classify_patterns(two_patterns(), options_); }); };
  EXPECT_THAT(refusal(), HasSubstr("model.h5"));
  write_file(options_.model, "no model");
  EXPECT_THAT(refusal(), HasSubstr("model.h5"));
  write_classifier(options_.model);
  ClassifierModel other = ClassifierModel::load(options_.model);
  other.record.meaning = {{"kind", "cats"}};
  other.save(options_.model);
  EXPECT_THAT(refusal(), AllOf(HasSubstr("model.h5"), HasSubstr("no classifier of diffraction patterns")));
  write_classifier(options_.model);
  auto patterns = two_patterns();
  patterns[1].recorded.image = recorded({}, {.height = 128, .width = 128, .background = 1});
  EXPECT_THAT(message_of([&] { classify_patterns(patterns, options_); }),
              AllOf(HasSubstr("two: "), HasSubstr("no diffraction spot")));
  EXPECT_THAT(message_of([&] { classify_patterns({}, options_); }), HasSubstr("no pattern"));
  options_.crystals = {"Unobtainium"};
  EXPECT_THAT(refusal(), HasSubstr("Unobtainium"));
  options_.model = "";
  EXPECT_THAT(refusal(), HasSubstr("--model"));
}

TEST(DrawnBack, PutsEachPixelWhereItCameFrom) {
  for (const auto& [row, column] : {std::pair{50, 10}, {40, 63}, {60, 33}}) {
    std::vector<float> picture(64 * 64, 0.0F);
    picture[std::size_t(row) * 64 + std::size_t(column)] = 1;
    const Image image = drawn_back(picture, 64);
    const auto [x, y] = network_pixel_place(row, column, 64);
    for (const double sign : {1.0, -1.0})
      EXPECT_EQ(image.at(int(std::lround(63.5 + sign * y)), int(std::lround(63.5 + sign * x))), 1) << row;
    EXPECT_EQ(image.at(int(std::lround(63.5 - x)), int(std::lround(63.5 + y))), 0) << row;  // not mirrored
    EXPECT_TRUE(std::isnan(image.at(63, 63)));
    EXPECT_TRUE(std::isnan(image.at(0, 0)));
  }
}

TEST(LookTitle, GroupsByZone) {
  EXPECT_EQ(look_title("221[001] 225[001] 227[012]"), "zone [001] of 221, 225; zone [012] of 227");
  EXPECT_EQ(look_title("none of these"), "none of these");
}

}  // namespace
}  // namespace colonnade
