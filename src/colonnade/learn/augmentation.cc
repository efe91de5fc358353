// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/augmentation.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "colonnade/image/filter.h"
#include "colonnade/image/noise.h"

namespace colonnade {
namespace {

void shift_column(LabelledColumn& column, int top, int left) {
  column.x_px -= left;
  column.y_px -= top;
}

/// A counter-clockwise quarter turn of an image of that width.
void turn_column(LabelledColumn& column, int width) {
  std::swap(column.x_px, column.y_px);
  column.y_px = width - 1 - column.y_px;
}

void mirror_column(LabelledColumn& column, int width) { column.x_px = width - 1 - column.x_px; }

/// Counter-clockwise: out(y, x) = in(x, width - 1 - y).
Sample turned_once(const Sample& sample) {
  const Image& source = sample.image;
  Sample result = sample;
  std::swap(result.image.height, result.image.width);
  for (int y = 0; y < result.image.height; ++y) {
    for (int x = 0; x < result.image.width; ++x) result.image.at(y, x) = source.at(x, source.width - 1 - y);
  }
  for (LabelledColumn& column : result.columns) turn_column(column, source.width);
  return result;
}

void illuminate(Image& image, double gradient_x, double gradient_y) {
  const double half_width = std::max(0.5, 0.5 * (image.width - 1));
  const double half_height = std::max(0.5, 0.5 * (image.height - 1));
  for (int y = 0; y < image.height; ++y) {
    const double row = 1 + gradient_y * (y - 0.5 * (image.height - 1)) / half_height;
    for (int x = 0; x < image.width; ++x) {
      const double brightness = row + gradient_x * (x - 0.5 * (image.width - 1)) / half_width;
      image.at(y, x) *= static_cast<float>(std::max(0.0, brightness));
    }
  }
}

void bend_contrast(Image& image, double gamma) {
  const float largest = extremes(image).high;
  if (gamma == 1 || !(largest > 0)) return;
  const auto exponent = static_cast<float>(gamma);
  for (float& value : image.data) value = largest * std::pow(value / largest, exponent);
}

}  // namespace

Augmentation draw_augmentation(const TrainingOptions& options, int height, int width, Random& random) {
  Augmentation drawn;
  drawn.height = options.crop_px > 0 ? options.crop_px : options.largest_side(height);
  drawn.width = options.crop_px > 0 ? options.crop_px : options.largest_side(width);
  drawn.top = static_cast<int>(random.below(height - drawn.height + 1));
  drawn.left = static_cast<int>(random.below(width - drawn.width + 1));
  if (options.rotation) {
    drawn.quarter_turns =
        drawn.height == drawn.width ? static_cast<int>(random.below(4)) : 2 * static_cast<int>(random.below(2));
    drawn.mirror = random.below(2) == 1;
  }
  drawn.blur_px = options.blur_px * random.uniform();
  const double strength = options.illumination * random.uniform();
  const double direction = 2 * std::numbers::pi * random.uniform();
  drawn.gradient_x = strength * std::cos(direction);
  drawn.gradient_y = strength * std::sin(direction);
  drawn.gamma = random.uniform(1 - options.contrast, 1 + options.contrast);
  return drawn;
}

std::vector<LabelledColumn> moved(const std::vector<LabelledColumn>& columns, const Augmentation& drawn) {
  std::vector<LabelledColumn> result = columns;
  for (LabelledColumn& column : result) {
    int height = drawn.height, width = drawn.width;
    shift_column(column, drawn.top, drawn.left);
    for (int turn = 0; turn < drawn.quarter_turns; ++turn) {
      turn_column(column, width);
      std::swap(height, width);
    }
    if (drawn.mirror) mirror_column(column, width);
  }
  return result;
}

Sample cropped(const Sample& sample, int top, int left, int height, int width) {
  Sample result{crop(sample.image, top, left, height, width), sample.columns};
  for (LabelledColumn& column : result.columns) shift_column(column, top, left);
  return result;
}

Sample turned(const Sample& sample, int quarter_turns) {
  Sample result = sample;
  for (int i = 0; i < quarter_turns; ++i) result = turned_once(result);
  return result;
}

Sample mirrored(const Sample& sample) {
  Sample result = sample;
  const int width = result.image.width;
  for (int y = 0; y < result.image.height; ++y) {
    const auto row = result.image.data.begin() + std::ptrdiff_t(y) * width;
    std::reverse(row, row + width);
  }
  for (LabelledColumn& column : result.columns) mirror_column(column, width);
  return result;
}

Sample augmented(const Sample& sample, const Augmentation& drawn, double dose_per_A2, Random& random) {
  Sample result = drawn.height == 0 ? sample : cropped(sample, drawn.top, drawn.left, drawn.height, drawn.width);
  if (drawn.quarter_turns != 0) result = turned(result, drawn.quarter_turns);
  if (drawn.mirror) result = mirrored(result);
  Image& image = result.image;
  for (float& value : image.data) value = std::max(value, 0.0F);  // filtered files may dip below
  if (drawn.blur_px > smallest_blur_px) image = gaussian_filter(image, drawn.blur_px);
  if (drawn.gradient_x != 0 || drawn.gradient_y != 0) illuminate(image, drawn.gradient_x, drawn.gradient_y);
  if (dose_per_A2 > 0) image = poisson_noise(image, dose_per_A2, random);
  bend_contrast(image, drawn.gamma);
  return result;
}

}  // namespace colonnade
