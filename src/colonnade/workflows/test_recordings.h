// SPDX-License-Identifier: GPL-3.0-or-later
// For tests: patterns as cameras of any size record them, and classifiers that know nothing or one answer.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "colonnade/core/test_folder.h"
#include "colonnade/simulate/diffraction/pattern_raster.h"
#include "colonnade/structures/known_crystals.h"
#include "colonnade/workflows/pattern_drawing.h"
#include "colonnade/workflows/train_classifier.h"

namespace colonnade {

inline std::vector<DiffractionSpot> recorded_spots(const std::string& crystal, const Miller& zone) {
  const Structure cell = crystal_from(crystal);
  StructureFactorOptions factors;
  factors.longest_per_A = 2;
  SpotOptions options;
  options.shape.width_per_A = 0.008;
  options.largest_excitation_per_A = 0.028;
  return ReflectionTable(structure_factors(cell, factors))
      .spot_list(orientation_matrix(cell, {zone, 0, 0, 17}), options);
}

/// 50 mm across the shorter side.
struct Recording {
  int height = 400, width = 400;
  double x = 0, y = 0;  ///< of the beam from the camera's middle, px
  double sigma_px = 2.6;
  double electrons = 1e8;
  double background = 0.03;  ///< per mm^2 and electron of the spots, over that of a square of 50 mm
  BeamStop stop = {};
  double mm_per_px() const { return 50.0 / std::min(height, width); }
};

inline Image recorded(const std::vector<DiffractionSpot>& spots, const Recording& how, std::uint64_t seed = 5) {
  RasterOptions options;
  options.camera.height_px = how.height, options.camera.width_px = how.width;
  options.camera.half_width_mm = 0.5 * how.width * how.mm_per_px();
  options.camera.centre_x_px = how.x, options.camera.centre_y_px = how.y;
  options.spread.sigma_px = how.sigma_px;
  options.electrons = how.electrons;
  options.background_share = how.background * how.height * how.width * how.mm_per_px() * how.mm_per_px() / 2500;
  options.stop = how.stop;
  Random random(seed);
  return PatternRaster(options, 200).draw(spots, random);
}

/// A classifier of looks "225[001] ...", one for each of five groups' own, and "none of these". It has learnt nothing
/// but to answer `answer` to the pictures; -1: not even that.
inline void write_classifier(const std::filesystem::path& file, int answer = -1,
                             const std::vector<std::vector<float>>& pictures = {}) {
  ClassifierMeaning meaning;
  meaning.looks = {"213[001]",     "221[001] 225[001] 229[001]", "225[011]", "227[011] 227[012]", "229[111]",
                   "none of these"};
  meaning.look_shares = {{1, 0, 0, 0, 0, 0},     {0, 1, 0, 0, 0, 0},       {0, 0.25, 0.75, 0, 0, 0},
                         {0, 0, 0, 0.9, 0, 0.1}, {0, 0.25, 0, 0, 0.75, 0}, {0, 0, 0, 0, 0.1, 0.9}};
  meaning.training = {"Cu"}, meaning.validation = {"Ag"}, meaning.test = {"Al"};
  ClassifierRecord record;
  record.classes = meaning.looks;
  record.meaning = to_json(meaning);
  ClassifierTrainingOptions options;
  options.width = 4, options.side_px = 32, options.device = "cpu";
  options.epochs = 1, options.batch = 2, options.patterns = answer < 0 ? 2 : 120;
  options.learning_rate = answer < 0 ? 1e-9 : 0.02;
  ClassifierTrainingData data;
  data.draw = [&](std::int64_t number) {
    if (answer < 0) return LabelledPattern{std::vector<float>(32 * 32, 0.5F), 0};
    return LabelledPattern{pictures[std::size_t(number) % pictures.size()], answer};
  };
  const TemporaryFolder work;
  train_classifier(data, options, record, work.path() / "work").save(file);
}

}  // namespace colonnade
