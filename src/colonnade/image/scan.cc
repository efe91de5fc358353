// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/scan.h"

#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/image/sinc_sampling.h"

namespace colonnade {

void ScanOptions::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section.empty() ? "" : section + ".";
  table.add(prefix + "dwell", &dwell_us, "us", "time per pixel");
  table.add(prefix + "flyback", &flyback_us, "us", "time between two lines");
  table.add(prefix + "drift_x", &drift_x_nm_s, "nm/s", "drift of the beam over the specimen, along the lines");
  table.add(prefix + "drift_y", &drift_y_nm_s, "nm/s", "drift of the beam over the specimen, across the lines");
  table.add(prefix + "settling", &settling_px, "px", "displacement along x at the beginning of a line (flyback error)");
  table.add(prefix + "settling_time", &settling_us, "us", "time constant in which that decays");
  table.add(prefix + "jitter", &jitter_px, "px", "scan noise: standard deviation of each line's displacement");
}

void ScanOptions::check() const {
  const auto require = [](bool right, const char* name, double value, const char* wanted) {
    if (!right || !std::isfinite(value)) fail("{} is {}; give {}", name, value, wanted);
  };
  require(dwell_us > 0, "--dwell", dwell_us, "a time above 0 us");
  require(flyback_us >= 0, "--flyback", flyback_us, "a time of 0 us or more");
  require(true, "--drift-x", drift_x_nm_s, "a speed in nm/s");
  require(true, "--drift-y", drift_y_nm_s, "a speed in nm/s");
  require(true, "--settling", settling_px, "a number of pixels");
  require(settling_us > 0, "--settling-time", settling_us, "a time above 0 us");
  require(jitter_px >= 0, "--jitter", jitter_px, "0 px or more");
}

double ScanOptions::reach_px(int height, int width, double pixel_size_nm) const {
  const double frame_s = 1e-6 * height * (width * dwell_us + flyback_us);
  const double drift = std::hypot(drift_x_nm_s, drift_y_nm_s);
  return std::abs(settling_px) + 4 * jitter_px + (drift > 0 ? drift * frame_s / pixel_size_nm : 0);
}

Displacements scan_displacements(int height, int width, double pixel_size_nm, const ScanOptions& options,
                                 Random& random) {
  options.check();
  const bool drifts = options.drift_x_nm_s != 0 || options.drift_y_nm_s != 0;
  if (drifts && !(pixel_size_nm > 0)) fail("drift in nm/s needs the image's pixel size; state it");
  const double px_per_nm = drifts ? 1 / pixel_size_nm : 0;
  Displacements result;
  for (int row = 0; row < height; ++row) {
    const double right = options.jitter_px > 0 ? options.jitter_px * random.normal() : 0;
    const double down = options.jitter_px > 0 ? options.jitter_px * random.normal() : 0;
    for (int column = 0; column < width; ++column) {
      const double in_line_us = column * options.dwell_us;
      const double seconds = 1e-6 * (row * (width * options.dwell_us + options.flyback_us) + in_line_us);
      const double settling = options.settling_px * std::exp(-in_line_us / options.settling_us);
      result.y.push_back(float(down + options.drift_y_nm_s * px_per_nm * seconds));
      result.x.push_back(float(right + settling + options.drift_x_nm_s * px_per_nm * seconds));
    }
  }
  return result;
}

Image scan_distorted(const Image& image, int height, int width, const Displacements& displacements) {
  require_finite(image, "scan distortion");
  const std::size_t count = std::size_t(height) * width;
  const int border = (image.height - height) / 2;
  if (border < 0 || image.height != height + 2 * border || image.width != width + 2 * border ||
      displacements.x.size() != count || displacements.y.size() != count) {
    fail("an image of {} x {} pixels cannot be scanned as {} x {} with {} displacements", image.height, image.width,
         height, width, displacements.x.size());
  }
  Image result = crop(image, border, border, height, width);
  const bool worth_threads = count > 300000;  // data sets distort many small images, one thread each
  const auto line = [&](std::int64_t row, int) {
    for (int column = 0; column < width; ++column) {
      const std::size_t i = std::size_t(row) * width + column;
      result.data[i] =
          sinc_sample(image, double(row) + border + displacements.y[i], double(column) + border + displacements.x[i]);
    }
  };
  parallel_for(height, line, worth_threads ? 0 : 1);
  return result;
}

}  // namespace colonnade
