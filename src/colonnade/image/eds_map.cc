// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/eds_map.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/image/formats/json_access.h"
#include "colonnade/image/formats/signal_form.h"

namespace colonnade {

namespace {

constexpr double manganese_K_alpha_keV = 5.8988;
constexpr std::int64_t values_at_once = 1 << 24;

/// Whole channels, first to last.
struct Window {
  std::int64_t first = 0, last = -1;
  std::int64_t channels() const { return std::max<std::int64_t>(0, last - first + 1); }
};

/// The channels whose middles lie between two energies.
Window channels_between(const SignalAxis& axis, double keV, double low, double high) {
  const double step = axis.scale * keV, start = axis.offset * keV;
  Window window{std::int64_t(std::ceil((low - start) / step)), std::int64_t(std::floor((high - start) / step))};
  window.first = std::max<std::int64_t>(window.first, 0);
  window.last = std::min(window.last, axis.size - 1);
  return window;
}

struct Windows {
  Window line;
  std::vector<Window> background;
};

Windows windows_of(const SignalAxis& axis, const LineMapOptions& options, double width, const std::string& where) {
  const double keV = axis.unit == "eV" ? 1e-3 : 1, energy = options.energy_keV;
  const double reach = options.half_width * width;
  Windows windows{channels_between(axis, keV, energy - reach, energy + reach), {}};
  const double first = axis.offset * keV, last = (axis.offset + axis.scale * double(axis.size - 1)) * keV;
  if (energy - reach < first || energy + reach > last || windows.line.channels() < 1) {
    fail("{}: no line at {:.4g} keV in spectra from {:.4g} to {:.4g} keV", where, energy, first, last);
  }
  for (const double side : {-1.0, 1.0}) {
    const double near = energy + side * options.gap * width, far = near + side * options.background * width;
    const double low = std::min(near, far), high = std::max(near, far);
    const bool entered = std::any_of(options.others_keV.begin(), options.others_keV.end(),
                                     [&](double other) { return other > low - reach && other < high + reach; });
    const Window window = channels_between(axis, keV, low, high);
    if (!entered && window.channels() > 0) windows.background.push_back(window);
  }
  return windows;
}

double sum(const float* spectrum, const Window& window) {
  double counts = 0;
  for (std::int64_t i = window.first; i <= window.last; ++i) counts += spectrum[i];
  return counts;
}

/// Counts of the line and their variance: the background is the mean of what both sides say.
void integrate(const float* spectrum, const Windows& windows, float& counts, float& variance) {
  const double peak = sum(spectrum, windows.line);
  double background = 0, uncertain = 0;
  for (const Window& side : windows.background) {
    const double factor = double(windows.line.channels()) / double(side.channels()) / double(windows.background.size());
    const double held = sum(spectrum, side);
    background += factor * held;
    uncertain += factor * factor * held;
  }
  counts = float(peak - background);
  variance = float(peak + uncertain);
}

/// An empty map over the scan, with its pixel size.
Image scan_image(const StoredSignal& signal, const std::string& where) {
  StoredSignal scan = signal;
  scan.axes.pop_back();
  const ImageShape shape = image_shape(where, {scan.axes[0].size, scan.axes[1].size});
  Image image(shape.height, shape.width);
  const PixelSize size = pixel_size(scan, where);
  image.pixel_size_nm = size.nm;
  image.metadata = signal.metadata;
  image.metadata["scale_source"] = size.source;
  return image;
}

}  // namespace

double line_width_keV(double energy_keV, double manganese_eV) {
  const double square_eV = 2.5 * 1000 * (energy_keV - manganese_K_alpha_keV) + manganese_eV * manganese_eV;
  return std::sqrt(std::max(square_eV, 400.0)) / 1000;  // electronic noise alone is about 20 eV
}

void LineMapOptions::check() const {
  if (!(energy_keV > 0)) fail("the energy of the X-ray line must be above zero, not {} keV", energy_keV);
  if (!(half_width > 0) || !(background > 0) || gap < half_width) {
    fail("windows of a line: half_width {} and background {} must be above zero, gap {} not below half_width",
         half_width, background, gap);
  }
}

LineMap line_map(const StoredSignal& signal, const LineMapOptions& options, const std::string& where) {
  options.check();
  const bool is_energy = !signal.axes.empty() && (signal.axes.back().unit == "keV" || signal.axes.back().unit == "eV");
  if (form_of(signal) != SignalForm::spectrum_image || signal.axes.size() != 3 || !is_energy) {
    fail("{}: '{}' is {}, not a spectrum image of energies", where, signal.title, describe_form(signal));
  }
  if (!signal.refusal.empty()) fail("{}: '{}' cannot be read: {}", where, signal.title, signal.refusal);
  const SignalAxis& axis = signal.axes.back();
  if (!(axis.scale > 0)) fail("{}: '{}' has channels of {} {}", where, signal.title, axis.scale, axis.unit);
  const auto stated =
      json_number(signal.metadata, {"Acquisition_instrument", "TEM", "Detector", "EDS", "energy_resolution_MnKa"});
  const double manganese = options.manganese_eV > 0 ? options.manganese_eV : stated.value_or(130);
  const double width = line_width_keV(options.energy_keV, manganese);
  const Windows windows = windows_of(axis, options, width, where);
  LineMap map;
  map.counts = scan_image(signal, where);
  map.counts.intensity = "counts";
  map.counts.title = fmt::format("{:.4g} keV", options.energy_keV);
  map.fraction = std::erf(options.half_width * 2 * std::sqrt(std::numbers::ln2));
  map.counts.metadata["xray_line"] = {{"energy_keV", options.energy_keV},
                                      {"width_keV", width},
                                      {"window_fraction", map.fraction},
                                      {"background_windows", windows.background.size()}};
  map.variance = map.counts;
  map.variance.title += " variance";
  const std::int64_t columns = signal.axes[1].size;
  const std::int64_t rows = std::max<std::int64_t>(1, values_at_once / std::max<std::int64_t>(1, columns * axis.size));
  for (std::int64_t y = 0; y < signal.axes[0].size; y += rows) {
    const auto count = std::min(rows, signal.axes[0].size - y);
    const std::vector<float> spectra = signal.read(y, count);
    for (std::int64_t i = 0; i < count * columns; ++i) {
      const auto pixel = std::size_t(y * columns + i);
      integrate(spectra.data() + i * axis.size, windows, map.counts.data[pixel], map.variance.data[pixel]);
    }
  }
  return map;
}

}  // namespace colonnade
