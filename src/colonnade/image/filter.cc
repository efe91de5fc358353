// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/filter.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"

namespace colonnade {

namespace {

constexpr int rows_at_once = 4;
constexpr int lane_width = 8;
constexpr int panel_width = 2 * lane_width;
using Lane = float __attribute__((vector_size(lane_width * sizeof(float))));

/// Where index i of a line mirrored again and again about its ends (d c b a | a b c d | d c b a) lies.
int reflect(std::int64_t i, int size) {
  if (i < 0 && i >= -size) return int(-1 - i);  // most cases go without the slow division below
  if (i >= 0 && i < 2 * std::int64_t(size)) return int(i < size ? i : 2 * std::int64_t(size) - 1 - i);
  const std::int64_t period = 2 * std::int64_t(size);
  const std::int64_t phase = ((i % period) + period) % period;
  return int(phase < size ? phase : period - 1 - phase);
}

std::vector<double> gaussian_kernel(double sigma_px) {
  const int radius = int(std::lround(4 * sigma_px));
  std::vector<double> kernel(std::size_t(radius) + 1);
  double sum = 0;
  for (int i = 0; i <= radius; ++i) {
    kernel[i] = std::exp(-0.5 * i * i / (sigma_px * sigma_px));
    sum += i == 0 ? kernel[i] : 2 * kernel[i];
  }
  for (double& weight : kernel) weight /= sum;
  return kernel;
}

/// The filter of a line with its reflections folded in, for blocks of rows_at_once results: result b * rows_at_once + r
/// is the sum over j of weights[j * rows_at_once + r] * line[first + j]. A kernel longer than the line costs no more
/// than the line's length.
struct Block {
  int first = 0, count = 0;
  std::vector<float> weights;
};

Block fold_block(const std::vector<double>& kernel, int start, int size) {
  const int radius = int(kernel.size()) - 1;
  const int last = std::min(start + rows_at_once, size) - 1;
  Block block;
  block.first = std::max(0, start - radius);
  block.count = int(std::min<std::int64_t>(size - 1, std::int64_t(last) + radius)) - block.first + 1;
  std::vector<double> folded(std::size_t(block.count) * rows_at_once, 0.0);
  for (int r = 0; start + r <= last; ++r) {
    for (int k = -radius; k <= radius; ++k) {
      folded[std::size_t(reflect(std::int64_t(start) + r + k, size) - block.first) * rows_at_once + r] +=
          kernel[std::abs(k)];
    }
  }
  block.weights.assign(folded.begin(), folded.end());
  return block;
}

/// One block of result rows, panel_width columns from column `left`.
void filter_panel(const float* source, int width, const Block& block, int left, int rows, float* target) {
  Lane sums[rows_at_once][2] = {};
  const float* weights = block.weights.data();
  const float* row = source + std::size_t(block.first) * width + left;
  for (int j = 0; j < block.count; ++j, row += width, weights += rows_at_once) {
    Lane low, high;
    std::memcpy(&low, row, sizeof low);
    std::memcpy(&high, row + lane_width, sizeof high);
    for (int r = 0; r < rows_at_once; ++r) {
      sums[r][0] += weights[r] * low;
      sums[r][1] += weights[r] * high;
    }
  }
  for (int r = 0; r < rows; ++r) std::memcpy(target + std::size_t(r) * width + left, sums[r], sizeof sums[r]);
}

/// A plane whose rows are padded to whole panels.
struct Plane {
  int height = 0, width = 0, stride = 0;
  std::vector<float> data;

  Plane(int rows, int columns)
      : height(rows),
        width(columns),
        stride((columns + panel_width - 1) / panel_width * panel_width),
        data(std::size_t(rows) * stride, 0.0F) {}
};

/// Filters every column.
Plane filter_columns(const Plane& source, const std::vector<double>& kernel) {
  Plane target(source.height, source.width);
  const int blocks = (source.height + rows_at_once - 1) / rows_at_once;
  const auto work = [&](std::int64_t index, int) {
    const int start = int(index) * rows_at_once;
    const Block block = fold_block(kernel, start, source.height);
    float* rows = target.data.data() + std::size_t(start) * source.stride;
    for (int left = 0; left < source.stride; left += panel_width) {
      filter_panel(source.data.data(), source.stride, block, left, std::min(rows_at_once, source.height - start), rows);
    }
  };
  const double operations =
      double(source.data.size()) * double(std::min<std::size_t>(2 * kernel.size(), source.height));
  const bool worth_threads = operations > 3e8;  // training filters many small images, one thread each
  parallel_for(blocks, work, worth_threads ? 0 : 1);
  return target;
}

Plane transposed(const Plane& source) {
  constexpr int tile = 16;
  Plane target(source.width, source.height);
  for (int top = 0; top < source.height; top += tile) {
    for (int left = 0; left < source.width; left += tile) {
      for (int y = top; y < std::min(top + tile, source.height); ++y) {
        for (int x = left; x < std::min(left + tile, source.width); ++x) {
          target.data[std::size_t(x) * target.stride + y] = source.data[std::size_t(y) * source.stride + x];
        }
      }
    }
  }
  return target;
}

/// Keys' cubic convolution with a = -1/2 (IEEE Trans. Acoust. Speech Signal Process. 29, 1153, 1981): weights of the
/// samples at -1, 0, 1, 2 for a position t in [0, 1).
struct CubicTap {
  int index[4];
  float weight[4];
};

std::vector<CubicTap> cubic_taps(int size, int new_size, double step) {
  std::vector<CubicTap> taps(new_size);
  for (int i = 0; i < new_size; ++i) {
    const double position = i * step;
    const int base = std::min(int(position), size - 1);
    const double t = position - base;
    const double weights[4] = {((-0.5 * t + 1) * t - 0.5) * t, (1.5 * t - 2.5) * t * t + 1,
                               ((-1.5 * t + 2) * t + 0.5) * t, (0.5 * t - 0.5) * t * t};
    for (int k = 0; k < 4; ++k) {
      taps[i].index[k] = reflect(base + k - 1, size);
      taps[i].weight[k] = float(weights[k]);
    }
  }
  return taps;
}

/// How many samples at steps of `step` old pixels lie within the old ones' centres.
int resampled_size(int size, double step) { return int(std::floor((size - 1) / step + 1e-9)) + 1; }

void interpolate(const Image& source, double step, Image& target) {
  const auto down = cubic_taps(source.height, target.height, step);
  const auto across = cubic_taps(source.width, target.width, step);
  std::vector<float> line(source.width);
  for (int y = 0; y < target.height; ++y) {
    std::fill(line.begin(), line.end(), 0.0F);
    for (int k = 0; k < 4; ++k) {
      const float* row = source.data.data() + std::size_t(down[y].index[k]) * source.width;
      for (int x = 0; x < source.width; ++x) line[x] += down[y].weight[k] * row[x];
    }
    for (int x = 0; x < target.width; ++x) {
      const CubicTap& tap = across[x];
      float sum = 0;
      for (int k = 0; k < 4; ++k) sum += tap.weight[k] * line[tap.index[k]];
      target.at(y, x) = sum;
    }
  }
}

}  // namespace

Image gaussian_filter(const Image& image, double sigma_px) {
  require_finite(image, "Gaussian filter");
  if (!(sigma_px >= 0) || sigma_px > 1e6) fail("Gaussian filter: sigma is {} px; it must be in [0, 1e6]", sigma_px);
  Image result = image;
  const std::vector<double> kernel = gaussian_kernel(std::max(sigma_px, 1e-3));
  if (kernel.size() == 1) return result;
  Plane plane(image.height, image.width);
  for (int y = 0; y < image.height; ++y) {
    std::copy_n(image.data.data() + std::size_t(y) * image.width, image.width,
                plane.data.data() + std::size_t(y) * plane.stride);
  }
  plane = transposed(filter_columns(transposed(filter_columns(plane, kernel)), kernel));
  for (int y = 0; y < image.height; ++y) {
    std::copy_n(plane.data.data() + std::size_t(y) * plane.stride, image.width,
                result.data.data() + std::size_t(y) * image.width);
  }
  return result;
}

Image resample(const Image& image, double pixel_size_nm) {
  require_finite(image, "resampling");
  if (!(image.pixel_size_nm > 0)) fail("resampling: the image's pixel size is unknown; state it (in nm per pixel)");
  if (!(pixel_size_nm > 0)) fail("resampling: the new pixel size is {} nm; it must be above 0", pixel_size_nm);
  const double step = pixel_size_nm / image.pixel_size_nm;
  if (!(step <= std::max(image.height, image.width))) {
    fail("resampling: a pixel of {} nm is larger than the whole image", pixel_size_nm);
  }
  const double pixels = (double(image.height) / step + 1) * (double(image.width) / step + 1);
  if (!(pixels < 2147483648.0))
    fail("resampling: {} nm per pixel makes {:.3g} pixels, too many", pixel_size_nm, pixels);
  Image result(resampled_size(image.height, step), resampled_size(image.width, step), pixel_size_nm);
  result.intensity = image.intensity;
  result.title = image.title;
  result.metadata = image.metadata;
  // A coarser pixel's response of 0.5 px, taken in quadrature from what the old pixels have.
  const double blur_px = step > 1 ? 0.5 * std::sqrt(step * step - 1) : 0.0;
  interpolate(blur_px > 0 ? gaussian_filter(image, blur_px) : image, step, result);
  return result;
}

}  // namespace colonnade
