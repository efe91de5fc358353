// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/register_frames.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/image/cross_correlation.h"
#include "colonnade/image/filter.h"
#include "colonnade/image/sinc_sampling.h"
#include "colonnade/image/undistort.h"

namespace colonnade {
namespace {

// Peaks of the correlation that compete: a lattice gives many of nearly equal height.
constexpr double rival_peaks = 0.9;
constexpr int most_rivals = 13;
// A rival is preferred to the peak nearest to the expected place where its mean square difference is lower by this many
// standard deviations of what noise makes of it.
constexpr double significant_deviations = 6;
// A frame is left out where its correlation with the mean of the others is below the median by this many robust
// deviations and by this much.
constexpr double outlier_deviations = 6, outlier_drop = 0.1;
constexpr int whole_frame_rounds = 3, line_stride = 4, compared_stride = 4;
// For that comparison both are blurred (pixels), so that noise between the pixels is like that at them; along a line so
// many pixels of blurred noise are worth one.
constexpr double compared_blur_px = 1, pixels_per_value = 3.5;
// Noise of the reference that the lines are held against, and of its slopes, is damped by this Gaussian, pixels.
constexpr double reference_blur_px = 0.7;

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Mean square of b(p) - a(p + d) over some lines and its standard error; nothing where they hardly overlap.
struct Difference {
  double value = 0, error = 0;
};
std::optional<Difference> difference(const Image& a, const Image& b, const CorrelationPeak& d) {
  LineShifts shifts(b.height, d.y, d.x);
  double sum = 0, squares = 0, count = 0;
  for (const LineStep& step : measure_lines(b, a, shifts, compared_stride)) {
    if (step.yy <= 0) continue;
    // The displacement is not exact; what a better one would take off is taken off.
    const double gain = step.yy * step.y * step.y + 2 * step.yx * step.y * step.x + step.xx * step.x * step.x;
    const double per_pixel = step.residual / (1 + gain / b.width);
    sum += per_pixel;
    squares += per_pixel * per_pixel;
    count += 1;
  }
  if (count < 4) return {};
  // Noise alone, or the lines' scatter, which knows of jitter: the larger.
  const double mean = sum / count, noise = mean * std::sqrt(2 * pixels_per_value / (count * b.width)),
               scatter = std::sqrt(std::max(0.0, squares / count - mean * mean) / count);
  return Difference{mean, std::max(noise, scatter)};
}

/// Of the peaks that the data cannot tell apart, the one nearest to the expected place.
CorrelationPeak choose(const Image& a, const Image& b, std::vector<CorrelationPeak> peaks, double y, double x) {
  if (peaks.size() == 1) return peaks.front();
  const auto far = [&](const CorrelationPeak& peak) { return std::hypot(peak.y - y, peak.x - x); };
  std::sort(peaks.begin(), peaks.end(), [&](const auto& one, const auto& other) { return far(one) < far(other); });
  if (peaks.size() > most_rivals) peaks.resize(most_rivals);
  std::vector<std::optional<Difference>> rivals;
  std::optional<Difference> best;
  const Image soft_a = gaussian_filter(a, compared_blur_px), soft_b = gaussian_filter(b, compared_blur_px);
  for (const auto& peak : peaks) {
    rivals.push_back(difference(soft_a, soft_b, peak));
    if (rivals.back() && (!best || rivals.back()->value < best->value)) best = rivals.back();
  }
  for (std::size_t i = 0; i < peaks.size(); ++i) {
    if (rivals[i] && rivals[i]->value <= best->value + significant_deviations * best->error) return peaks[i];
  }
  return peaks.front();
}

/// Displacements of all frames relative to the first, chained through time.
std::vector<CorrelationPeak> chained(const std::vector<Image>& frames, const RegistrationOptions& options) {
  const int reach = std::max(8, int(options.largest_step * std::min(frames[0].height, frames[0].width)));
  const CrossCorrelation correlation(frames[0].height, frames[0].width, reach);
  std::vector<CrossCorrelation::Spectrum> spectra(frames.size());
  parallel_for(std::int64_t(frames.size()), [&](std::int64_t i, int) { spectra[i] = correlation.spectrum(frames[i]); });
  std::vector<std::vector<CorrelationPeak>> peaks(frames.size());
  parallel_for(std::int64_t(frames.size()) - 1,
               [&](std::int64_t i, int) { peaks[i + 1] = correlation.peaks(spectra[i], spectra[i + 1], rival_peaks); });
  std::vector<CorrelationPeak> places(1);
  double step_y = 0, step_x = 0;
  for (std::size_t i = 1; i < frames.size(); ++i) {
    CorrelationPeak step{step_y, step_x, 0};
    if (!peaks[i].empty()) step = choose(frames[i - 1], frames[i], peaks[i], step_y, step_x);
    places.push_back({places.back().y + step.y, places.back().x + step.x, step.correlation});
    step_y = step.y;
    step_x = step.x;
  }
  return places;
}

/// Frames moved to the common place, with their sum, so that any one can be left out.
struct Stack {
  std::vector<Image> aligned;
  std::vector<std::vector<std::pair<int, int>>> shown;  ///< of each frame, per line: first and behind last pixel
  std::vector<float> sum, count;                        ///< over the used frames that show a pixel

  bool shows(std::size_t frame, int y, int x) const { return x >= shown[frame][y].first && x < shown[frame][y].second; }
};

/// The pixels of each line that were recorded: q - u(q) inside the frame.
std::vector<std::pair<int, int>> shown_pixels(const FrameRegistration& frame, int height, int width) {
  std::vector<std::pair<int, int>> shown;
  for (int y = 0; y < height; ++y) {
    const int line = std::clamp(int(std::lround(y - frame.y)), 0, height - 1);
    const double at = y - frame.lines.y[line], right = frame.lines.x[line];
    if (at < 0 || at > height - 1) {
      shown.emplace_back(0, 0);
    } else {
      shown.emplace_back(std::clamp(int(std::ceil(right)), 0, width),
                         std::clamp(int(std::floor(width - 1 + right)) + 1, 0, width));
    }
  }
  return shown;
}

/// The frames put back, and where they are known.
Stack aligned_stack(const std::vector<Image>& frames, const Registration& registration, int corrections = 0) {
  const int height = frames[0].height, width = frames[0].width;
  Stack stack{{}, {}, std::vector<float>(frames[0].data.size()), std::vector<float>(frames[0].data.size())};
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const FrameRegistration& frame = registration.frames[i];
    bool even = true;
    for (int row = 1; row < frame.lines.lines(); ++row) {
      even = even && frame.lines.y[row] == frame.lines.y[0] && frame.lines.x[row] == frame.lines.x[0];
    }
    stack.aligned.push_back(
        even ? sinc_shift(frames[i], -frame.lines.y[0], -frame.lines.x[0])
             : scan_undistorted(frames[i], line_displacements(frame.lines.y, frame.lines.x, width), corrections));
    stack.shown.push_back(shown_pixels(frame, height, width));
    if (!frame.used) continue;
    for (int y = 0; y < height; ++y) {
      for (int x = stack.shown[i][y].first; x < stack.shown[i][y].second; ++x) {
        const std::size_t p = std::size_t(y) * width + x;
        stack.sum[p] += stack.aligned[i].data[p];
        stack.count[p] += 1;
      }
    }
  }
  return stack;
}

/// Where no other frame shows a pixel, the frame's own.
Image mean_of_others(const Stack& stack, std::size_t i, bool used) {
  Image reference = stack.aligned[i];
  for (int y = 0; y < reference.height; ++y) {
    for (int x = 0; x < reference.width; ++x) {
      const std::size_t p = std::size_t(y) * reference.width + x;
      const float own = used && stack.shows(i, y, x) ? 1 : 0, count = stack.count[p] - own;
      if (count > 0) reference.data[p] = (stack.sum[p] - own * reference.data[p]) / count;
    }
  }
  return gaussian_filter(reference, reference_blur_px);
}

double correlation_of(const Image& a, const Image& b, const Registration& area) {
  double count = 0, sa = 0, sb = 0, aa = 0, bb = 0, ab = 0;
  for (int y = area.top; y < area.top + area.height; ++y) {
    for (int x = area.left; x < area.left + area.width; ++x) {
      const double u = a.at(y, x), v = b.at(y, x);
      count += 1, sa += u, sb += v, aa += u * u, bb += v * v, ab += u * v;
    }
  }
  const double spread = (aa - sa * sa / count) * (bb - sb * sb / count);
  return spread > 0 ? (ab - sa * sb / count) / std::sqrt(spread) : 0;
}

/// The rectangle that every used frame shows. A frame with displacement u holds p in [u, u + size - 1].
void set_common_area(Registration& registration, int height, int width) {
  double top = 0, left = 0, bottom = height - 1, right = width - 1;
  for (const FrameRegistration& frame : registration.frames) {
    if (!frame.used) continue;
    const auto [least, most] = std::minmax_element(frame.lines.x.begin(), frame.lines.x.end());
    left = std::max(left, *most);
    right = std::min(right, width - 1 + *least);
    const auto near = std::min<std::ptrdiff_t>(32, std::ptrdiff_t(height / 2));
    top = std::max(top, *std::max_element(frame.lines.y.begin(), frame.lines.y.begin() + near));
    bottom = std::min(bottom, height - 1 + *std::min_element(frame.lines.y.end() - near, frame.lines.y.end()));
  }
  registration.top = int(std::ceil(top - 1e-6));
  registration.left = int(std::ceil(left - 1e-6));
  registration.height = int(std::floor(bottom + 1e-6)) - registration.top + 1;
  registration.width = int(std::floor(right + 1e-6)) - registration.left + 1;
  if (registration.height < height / 2 || registration.width < width / 2) {
    fail(
        "the frames drift so far that they share only {} x {} of {} x {} pixels; use fewer frames, one after the other",
        std::max(registration.width, 0), std::max(registration.height, 0), width, height);
  }
}

/// The displacement of the whole frame within its lines.
void set_whole(FrameRegistration& frame, double y, double x) {
  for (double& value : frame.lines.y) value += y - frame.y;
  for (double& value : frame.lines.x) value += x - frame.x;
  frame.y = y;
  frame.x = x;
}

/// Displacements count from the mean place of the used frames.
void centre(Registration& registration) {
  double y = 0, x = 0, count = 0;
  for (const auto& frame : registration.frames) {
    if (frame.used) y += frame.y, x += frame.x, count += 1;
  }
  for (auto& frame : registration.frames) set_whole(frame, frame.y - y / count, frame.x - x / count);
}

/// What all lines say of the whole frame: the mean step, weighted by how much each knows.
void refine_whole(FrameRegistration& frame, const std::vector<LineStep>& steps) {
  double yy = 0, yx = 0, xx = 0, y = 0, x = 0;
  for (const LineStep& step : steps) {
    yy += step.yy, yx += step.yx, xx += step.xx;
    y += step.yy * step.y + step.yx * step.x;
    x += step.yx * step.y + step.xx * step.x;
  }
  const double determinant = yy * xx - yx * yx;
  if (!(determinant > 0)) return;
  const double down = (xx * y - yx * x) / determinant, right = (yy * x - yx * y) / determinant;
  set_whole(frame, frame.y + std::clamp(down, -1.0, 1.0), frame.x + std::clamp(right, -1.0, 1.0));
  frame.error_px = std::sqrt(std::max(xx, yy) / determinant);
}

/// Of the mean of all others.
double slope_noise(const Registration& registration) {
  double used = 0;
  for (const auto& frame : registration.frames) used += frame.used;
  return blurred_slope_noise(reference_blur_px, std::max(1.0, used - 1));
}

void refine_frames(const std::vector<Image>& frames, Registration& registration) {
  for (int round = 0; round < whole_frame_rounds; ++round) {
    const Stack stack = aligned_stack(frames, registration);
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const Image reference = mean_of_others(stack, i, registration.frames[i].used);
      FrameRegistration& frame = registration.frames[i];
      refine_whole(frame, measure_lines(frames[i], reference, frame.lines, line_stride, slope_noise(registration)));
      if (round + 1 == whole_frame_rounds) {
        frame.correlation = correlation_of(stack.aligned[i], reference, registration);
      }
    }
    centre(registration);
    set_common_area(registration, frames[0].height, frames[0].width);
  }
}

/// Marks frames unlike the others; whether there are new ones.
bool leave_out_strangers(Registration& registration) {
  std::vector<double> correlations, deviations;
  for (const auto& frame : registration.frames) correlations.push_back(frame.correlation);
  if (correlations.size() < 4) return false;
  const double usual = median_of(correlations);
  for (const double correlation : correlations) deviations.push_back(std::abs(correlation - usual));
  const double least = usual - std::max(outlier_drop * usual, outlier_deviations * 1.4826 * median_of(deviations));
  bool any = false;
  for (auto& frame : registration.frames) {
    if (frame.used && frame.correlation < least) {
      frame.used = false;
      any = true;
    }
  }
  return any;
}

/// Drift within each frame: a smooth course through the places of the frames at the times of their middles.
void add_drift_within(Registration& registration, int height, double frame_lines) {
  std::vector<std::size_t> used;
  for (std::size_t i = 0; i < registration.frames.size(); ++i) {
    if (registration.frames[i].used) used.push_back(i);
  }
  if (used.size() < 2) return;
  for (std::size_t k = 0; k < used.size(); ++k) {
    FrameRegistration& frame = registration.frames[used[k]];
    const std::size_t before = used[k == 0 ? 0 : k - 1], after = used[std::min(k + 1, used.size() - 1)];
    const FrameRegistration &from = registration.frames[before], &to = registration.frames[after];
    const double lines = double(after - before) * frame_lines;
    for (int row = 0; row < height; ++row) {
      const double time = row - 0.5 * (height - 1);
      frame.lines.y[row] = frame.y + (to.y - from.y) / lines * time;
      frame.lines.x[row] = frame.x + (to.x - from.x) / lines * time;
    }
  }
}

/// A displacement that all frames share at a place of the specimen cannot be told from the specimen: of each line of
/// the specimen the mean of the frames' own displacements there is taken off. (Of jitter t in N frames t/sqrt(N)
/// stays.)
void remove_shared(const std::vector<LineShifts>& before, Registration& registration) {
  const int lines = registration.frames[0].lines.lines();
  std::vector<double> y(lines, 0.0), x(lines, 0.0), count(lines, 0.0);
  const auto place = [&](const FrameRegistration& frame, int row) {
    return std::clamp(int(std::lround(row + frame.y)), 0, lines - 1);
  };
  for (std::size_t i = 0; i < before.size(); ++i) {
    const FrameRegistration& frame = registration.frames[i];
    for (int row = 0; row < lines && frame.used; ++row) {
      const int at = place(frame, row);
      y[at] += frame.lines.y[row] - before[i].y[row];
      x[at] += frame.lines.x[row] - before[i].x[row];
      count[at] += 1;
    }
  }
  for (auto& frame : registration.frames) {
    for (int row = 0; row < lines; ++row) {
      const int at = place(frame, row);
      if (count[at] < 1) continue;
      frame.lines.y[row] -= y[at] / count[at];
      frame.lines.x[row] -= x[at] / count[at];
    }
  }
}

void refine_lines(const std::vector<Image>& frames, const RegistrationOptions& options, Registration& registration) {
  std::vector<LineShifts> start;
  for (const auto& frame : registration.frames) start.push_back(frame.lines);
  LineSmoothing smoothing;
  smoothing.lines = options.smooth_lines;
  smoothing.largest_px = 2;
  const auto used = double(std::count_if(registration.frames.begin(), registration.frames.end(),
                                         [](const FrameRegistration& frame) { return frame.used; }));
  for (int round = 0; round < options.rounds; ++round) {
    const Stack stack = aligned_stack(frames, registration);
    double sum_y = 0, sum_x = 0;
    for (std::size_t i = 0; i < frames.size(); ++i) {
      FrameRegistration& frame = registration.frames[i];
      if (!frame.used) continue;
      const Image reference = mean_of_others(stack, i, true);
      double jitter[2] = {};
      frame.lines =
          credible_shifts(frame.lines, measure_lines(frames[i], reference, frame.lines, 1, slope_noise(registration)),
                          smoothing, jitter);
      sum_y += jitter[0] * jitter[0];
      sum_x += jitter[1] * jitter[1];
      if (round + 1 == options.rounds) {
        frame.correlation = correlation_of(stack.aligned[i], reference, registration);
      }
    }
    registration.jitter_y_px = std::sqrt(sum_y / used);
    registration.jitter_x_px = std::sqrt(sum_x / used);
    remove_shared(start, registration);
  }
}

void check_frames(const std::vector<Image>& frames) {
  if (frames.size() < 2) fail("{} frame cannot be aligned; give two or more of the same place", frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    require_finite(frames[i], "frame " + std::to_string(i + 1));
    if (frames[i].height != frames[0].height || frames[i].width != frames[0].width) {
      fail("frame {} has {} x {} pixels, the first {} x {}; frames to be aligned have one size", i + 1, frames[i].width,
           frames[i].height, frames[0].width, frames[0].height);
    }
  }
  if (frames[0].height < 32 || frames[0].width < 32) fail("frames below 32 x 32 pixels cannot be aligned");
}

}  // namespace

void RegistrationOptions::check() const {
  if (!(largest_step > 0 && largest_step <= 0.5))
    fail("a largest step of {} of the image is outside 0 to 0.5", largest_step);
  if (!(frame_lines >= 0)) fail("frames cannot follow each other after {} lines", frame_lines);
  if (rounds < 1 || rounds > 50) fail("{} rounds of alignment are outside 1 to 50", rounds);
  if (!(smooth_lines >= 1)) fail("a smoothing over {} lines is below 1", smooth_lines);
}

nlohmann::json Registration::to_json() const {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& frame : frames) {
    list.push_back({{"y_px", frame.y},
                    {"x_px", frame.x},
                    {"error_px", frame.error_px},
                    {"correlation", frame.correlation},
                    {"used", frame.used}});
  }
  return {{"frames", list},
          {"drift_px", drift_px},
          {"jitter_y_px", jitter_y_px},
          {"jitter_x_px", jitter_x_px},
          {"common_area", {{"top", top}, {"left", left}, {"height", height}, {"width", width}}}};
}

Registration register_frames(const std::vector<Image>& frames, const RegistrationOptions& options) {
  options.check();
  check_frames(frames);
  const int height = frames[0].height, width = frames[0].width;
  Registration registration;
  for (const CorrelationPeak& place : chained(frames, options)) {
    FrameRegistration frame;
    frame.lines = LineShifts(height, 0, 0);
    set_whole(frame, place.y, place.x);
    registration.frames.push_back(std::move(frame));
  }
  centre(registration);
  set_common_area(registration, height, width);
  refine_frames(frames, registration);
  if (leave_out_strangers(registration)) {
    centre(registration);
    refine_frames(frames, registration);
  }
  if (options.lines) {
    add_drift_within(registration, height, options.frame_lines > 0 ? options.frame_lines : height);
    refine_lines(frames, options, registration);
    set_common_area(registration, height, width);
  }
  const auto &first = registration.frames.front(), &last = registration.frames.back();
  registration.drift_px = std::hypot(last.y - first.y, last.x - first.x);
  return registration;
}

FrameAverage average_registered(const std::vector<Image>& frames, const Registration& registration) {
  Stack stack = aligned_stack(frames, registration, 1);
  std::vector<double> weights;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    weights.push_back(registration.frames[i].used ? 1 : 0);
    stack.aligned[i] =
        crop(stack.aligned[i], registration.top, registration.left, registration.height, registration.width);
  }
  return average_frames(stack.aligned, weights);
}

}  // namespace colonnade
