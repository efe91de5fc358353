// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/prepare_image.h"

#include <cmath>
#include <filesystem>
#include <optional>
#include <utility>

#include "colonnade/columns/find_columns.h"
#include "colonnade/columns/lattice_distortion.h"
#include "colonnade/columns/lattice_fit.h"
#include "colonnade/columns/pixel_calibration.h"
#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/image/detector_scan.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/frame_average.h"
#include "colonnade/image/noise_estimate.h"
#include "colonnade/image/particle_mask.h"
#include "colonnade/image/register_frames.h"
#include "colonnade/image/scan_pair.h"
#include "colonnade/image/undistort.h"
#include "colonnade/structures/known_crystals.h"
#include "colonnade/structures/projected_lattice.h"

namespace colonnade {
namespace {

constexpr int smallest_for_noise = 64;

std::string file_name(const std::string& path) { return std::filesystem::path(path).filename().string(); }

void add_step(Prepared& result, std::string name, std::string sentence, Image after, nlohmann::json record) {
  result.steps.push_back({std::move(name), std::move(sentence), std::move(result.image), after, std::move(record)});
  result.image = std::move(after);
}

/// A step that changes no pixel.
void add_note(Prepared& result, std::string name, std::string sentence, nlohmann::json record) {
  result.steps.push_back({std::move(name), std::move(sentence), {}, {}, std::move(record)});
}

void combine_frames(const std::vector<Image>& frames, const PreparationOptions& options, Prepared& result) {
  const auto count = frames.size();
  FrameAverage as_it_is = average_frames(frames);
  result.image = as_it_is.mean;
  if (options.align == "none") {
    result.standard_error = std::move(as_it_is.standard_error);
    add_step(result, "frames", fmt::format("{} frames were averaged as they are.", count), std::move(as_it_is.mean),
             {{"frames", count}});
    return;
  }
  RegistrationOptions registering;
  registering.lines = options.align == "non-rigid";
  const Registration registration = register_frames(frames, registering);
  FrameAverage average = average_registered(frames, registration);
  std::size_t used = 0;
  double error = 0;
  for (const auto& frame : registration.frames) {
    used += frame.used ? 1 : 0;
    if (frame.used) error = std::max(error, frame.error_px);
  }
  std::string sentence = fmt::format(
      "{} of {} frames were aligned ({}) and averaged: {:.2f} px of drift from the first to the last, each frame "
      "placed "
      "within {:.3f} px; {} x {} pixels that all frames show are kept.",
      used, count, options.align, registration.drift_px, error, average.mean.width, average.mean.height);
  if (registering.lines) {
    sentence += fmt::format(" Lines jitter by {:.2f} px along and {:.2f} px across, of which {:.2f} px cannot be seen.",
                            registration.jitter_x_px, registration.jitter_y_px,
                            std::max(registration.jitter_x_px, registration.jitter_y_px) / std::sqrt(double(used)));
  }
  nlohmann::json record = registration.to_json();
  record["alignment"] = options.align;
  result.standard_error = std::move(average.standard_error);
  add_step(result, "frames", sentence, std::move(average.mean), std::move(record));
}

void combine_turned(const PreparationOptions& options, Prepared& result) {
  const Image second = read_image(options.turned);
  ScanPair pair = combine_pair(result.image, second);
  const std::string sentence = fmt::format(
      "Combined with {}, scanned at {} degrees: drifts of {:.2f} and {:.2f} px within the two scans and jitter of "
      "{:.2f} "
      "px were taken out; their correlation rose from {:.3f} to {:.3f}.",
      file_name(options.turned), 90 * pair.quarter_turns, pair.drift_first_px, pair.drift_second_px, pair.jitter_px,
      pair.correlation_before, pair.correlation_after);
  nlohmann::json record = pair.to_json();
  record["file"] = file_name(options.turned);
  result.standard_error = {};
  add_step(result, "scan pair", sentence, std::move(pair.image), std::move(record));
}

void normalise_by_detector(const PreparationOptions& options, Prepared& result) {
  if (result.image.intensity == "fraction of beam") {
    fail("the image is in fractions of the beam already; leave --detector-scan out");
  }
  DetectorScanOptions scanning;
  scanning.flux_exponent = options.flux_exponent;
  if (options.flux_exponent > 0 && result.acquisition.outer_mrad > 0) {
    scanning.inner_mrad = result.acquisition.inner_mrad;
    scanning.outer_mrad = result.acquisition.outer_mrad;
  }
  const DetectorResponse response = detector_response(read_image(options.detector_scan), scanning);
  Image after = fraction_of_beam(result.image, response);
  for (float& value : result.standard_error.data) value = float(value / response.response);
  result.standard_error.intensity = after.intensity;
  const std::string sentence = fmt::format(
      "Intensities became fractions of the incident beam by the detector scan {}: dark {:.5g}, response {:.5g} +- "
      "{:.2g} "
      "({:.1f} %), uneven by {:.1f} %{}. Scan and image must have the same gain, offset, current and dwell time.",
      file_name(options.detector_scan), response.dark, response.response, response.response_error,
      100 * response.response_error / response.response, 100 * response.non_uniformity,
      options.flux_exponent > 0 ? fmt::format(", weighted with angle^-{:g}", options.flux_exponent) : "");
  nlohmann::json record = response.to_json();
  record["file"] = file_name(options.detector_scan);
  record["flux_exponent"] = options.flux_exponent;
  add_step(result, "detector", sentence, std::move(after), std::move(record));
  const Extremes ends = extremes(result.image);
  if (ends.high > 1 || ends.low < -0.5) {
    warn(
        "by the detector scan intensities run from {:.3g} to {:.3g} of the beam, which cannot be; were scan and image "
        "taken with the same settings?",
        ends.low, ends.high);
  }
}

/// Everything that the crystal is asked: its lattice in the image, and what that says.
struct CrystalView {
  std::vector<Column> columns;
  LatticeFit fit;
  std::optional<PixelCalibration> calibration;
};

/// The pixel size that a mere look at the Fourier transform gives: columns cannot be looked for without any.
double provisional_pixel_nm(const Image& image, const ProjectedLattice& crystal) {
  const auto guess = guess_lattice(image);
  if (!guess) fail("the image shows no lattice in two directions, so the crystal cannot give its pixel size");
  LatticeFit fit;
  fit.basis = *guess;
  return calibrate_pixel(fit, crystal).pixel_size_nm;
}

CrystalView look_at_crystal(Image image, const PreparationOptions& options) {
  CrystalView view;
  std::optional<ProjectedLattice> crystal;
  const double stated = image.pixel_size_nm;
  if (!options.crystal.empty()) {
    crystal = projected_lattice(crystal_from(options.crystal), parse_zone_axis(options.zone));
    if (stated <= 0) image.pixel_size_nm = provisional_pixel_nm(image, *crystal);
  }
  if (image.pixel_size_nm <= 0) fail("taking out distortion needs the pixel size; give --pixel-size or --crystal");
  view.columns = find_columns(image);
  view.fit = fit_lattice(image, view.columns);
  if (crystal) view.calibration = calibrate_pixel(view.fit, *crystal, stated);
  return view;
}

void calibrate(const CrystalView& view, const PreparationOptions& options, Prepared& result) {
  const PixelCalibration& found = *view.calibration;
  const double stated = result.image.pixel_size_nm;
  std::string sentence = fmt::format(
      "The pixel size is {:.6f} +- {:.1g} nm by the lattice of {} along [{}] ({} columns), {}; lines lie {:+.2f} % "
      "farther apart than pixels, and shear is {:+.2f} degrees.",
      found.pixel_size_nm, found.pixel_size_error_nm, options.crystal, options.zone, view.fit.used,
      stated > 0 ? fmt::format("{:+.2f} % from the stated {:.6f} nm", 100 * (found.pixel_size_nm / stated - 1), stated)
                 : std::string("where none was stated"),
      100 * found.anisotropy, found.shear_deg);
  if (std::abs(found.anisotropy) > 0.01 || std::abs(found.shear_deg) > 0.6) {
    sentence += " That is much: the pixel size is sure to about " +
                fmt::format("{:.1f} %.", 50 * std::max(std::abs(found.anisotropy), std::abs(found.shear_deg) / 57.3));
  }
  nlohmann::json record = found.to_json();
  record["stated_nm"] = stated;
  record["crystal"] = options.crystal;
  record["zone"] = options.zone;
  record["columns"] = view.fit.used;
  record["rms_px"] = view.fit.rms_px;
  result.image.pixel_size_nm = found.pixel_size_nm;
  if (!result.standard_error.data.empty()) result.standard_error.pixel_size_nm = found.pixel_size_nm;
  add_note(result, "pixel size", sentence, std::move(record));
}

/// Without the border that the scan did not reach, where pixels are only held.
Image recorded_part(const Image& image, const Displacements& u) {
  constexpr double slack_px = 0.05;
  const std::size_t height = image.height, width = image.width;
  double top = 0, left = 0, bottom = image.height - 1, right = image.width - 1;
  for (std::size_t x = 0; x < width; ++x) {
    top = std::max(top, double(u.y[x]));
    bottom = std::min(bottom, image.height - 1 + double(u.y[(height - 1) * width + x]));
  }
  for (std::size_t y = 0; y < height; ++y) {
    left = std::max(left, double(u.x[y * width]));
    right = std::min(right, image.width - 1 + double(u.x[y * width + width - 1]));
  }
  const int first_row = int(std::ceil(top - slack_px)), first = int(std::ceil(left - slack_px));
  const int rows = int(std::floor(bottom + slack_px)) - first_row + 1,
            columns = int(std::floor(right + slack_px)) - first + 1;
  if (rows < image.height / 2 || columns < image.width / 2)
    fail("distortion leaves less than half of the image; undistort less");
  return crop(image, first_row, first, rows, columns);
}

void take_out_distortion(const CrystalView& view, const PreparationOptions& options, Prepared& result) {
  DistortionOptions distortion;
  distortion.kind = options.undistort;
  const LatticeDistortion found =
      measure_distortion(result.image, view.columns, view.fit, view.calibration, distortion);
  Image after = recorded_part(scan_undistorted(result.image, found.displacements), found.displacements);
  if (!result.standard_error.data.empty()) {
    result.standard_error =
        recorded_part(scan_undistorted(result.standard_error, found.displacements), found.displacements);
    for (float& value : result.standard_error.data) value = std::max(value, 0.0F);
  }
  std::string sentence = fmt::format("Scan distortion was taken out by the lattice ({}): {:.2f} px rms affine",
                                     options.undistort, found.affine_px);
  if (options.undistort != "affine") {
    sentence += fmt::format(", {:.2f} px smooth (columns from their lattice: {:.2f} px before, {:.2f} px after)",
                            found.smooth_px, found.before_px, found.after_px);
  }
  if (options.undistort == "rows") sentence += fmt::format(", {:.2f} px line by line", found.rows_px);
  sentence += ". True strain of the same form is gone with it.";
  add_step(result, "distortion", sentence, std::move(after), found.to_json());
}

void take_off_background(Prepared& result) {
  const ParticleMask mask = find_particle(result.image);
  if (mask.fills) {
    add_note(result, "background", "No background was taken off: the crystal fills the image.", mask.to_json());
    return;
  }
  const std::string sentence = fmt::format(
      "The background outside the particle (which covers {:.0f} % of the image) was carried on beneath it by a surface "
      "of "
      "degree {} and taken off: {:.4g} +- {:.2g} beneath the particle.",
      100 * mask.share, mask.degree, mask.level, mask.level_error);
  Image after = without_background(result.image, mask);
  add_step(result, "background", sentence, std::move(after), mask.to_json());
}

void note_noise(Prepared& result) {
  if (std::min(result.image.height, result.image.width) < smallest_for_noise) return;
  const NoiseEstimate noise = estimate_noise(result.image);
  std::string sentence =
      fmt::format("A pixel of mean intensity has a noise of {:.3g} (standard deviation)", noise.deviation);
  if (noise.gain > 3 * noise.gain_error) {
    sentence += fmt::format("; the variance grows by {:.3g} +- {:.1g} per intensity", noise.gain, noise.gain_error);
  }
  sentence += std::abs(noise.neighbour_correlation) > 0.3
                  ? "; noise of neighbouring pixels is alike, so averages are less sure than that says."
                  : ".";
  add_note(result, "noise", sentence, noise.to_json());
}

}  // namespace

void PreparationOptions::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section.empty() ? "" : section + ".";
  table.add(
      prefix + "align", &align, "",
      "Several frames are aligned before they are averaged: rigid (whole frames), non-rigid (line by line), none");
  table.add(prefix + "turned", &turned, "", "File of the same place scanned at 90 degrees: drift is taken out of both");
  table.add(prefix + "detector_scan", &detector_scan, "",
            "File of a scan over the detector: intensities become fractions of the incident beam");
  table.add(prefix + "flux_exponent", &flux_exponent, "",
            "How scattering falls with the angle, as angle^-n, to weight an uneven detector; 0: evenly");
  table.add(prefix + "crystal", &crystal, "",
            "Crystal in the image, for its pixel size: a name (SrTiO3, Si, Au ...), edges in Angstrom, or a file");
  table.add(prefix + "zone", &zone, "", "Direction of that crystal along the beam");
  table.add(prefix + "undistort", &undistort, "",
            "Distortion to take out by the lattice: none, affine (needs --crystal), smooth, rows; strain looks alike");
  table.add(prefix + "background", &background, "", "Take off what lies beneath the particle (a support film)");
  table.add(prefix + "inner_angle", &acquisition.inner_mrad, "mrad",
            "Inner angle of the detector; 0: as the file says");
  table.add(prefix + "outer_angle", &acquisition.outer_mrad, "mrad",
            "Outer angle of the detector; 0: as the file says");
}

void PreparationOptions::check() const {
  if (align != "rigid" && align != "non-rigid" && align != "none") {
    fail("--align is '{}'; it must be rigid, non-rigid or none", align);
  }
  if (undistort != "none" && undistort != "affine" && undistort != "smooth" && undistort != "rows") {
    fail("--undistort is '{}'; it must be none, affine, smooth or rows", undistort);
  }
  if (undistort == "affine" && crystal.empty()) fail("--undistort affine needs to know the crystal; give --crystal");
  if (!(flux_exponent >= 0 && flux_exponent <= 10)) fail("--flux-exponent is {}; it must be 0 to 10", flux_exponent);
  if (!crystal.empty()) projected_lattice(crystal_from(crystal), parse_zone_axis(zone));
  acquisition.check();
}

bool PreparationOptions::asked() const {
  return !turned.empty() || !detector_scan.empty() || !crystal.empty() || undistort != "none" || background;
}

nlohmann::json Prepared::to_json() const {
  nlohmann::json list = nlohmann::json::array();
  for (const PreparationStep& step : steps) {
    nlohmann::json entry = step.record;
    entry["name"] = step.name;
    entry["did"] = step.sentence;
    list.push_back(std::move(entry));
  }
  return {{"acquisition", acquisition.to_json()}, {"steps", std::move(list)}};
}

Prepared prepare(std::vector<Image> frames, const PreparationOptions& options) {
  options.check();
  if (frames.empty()) fail("there is no frame to prepare");
  Prepared result;
  result.acquisition = acquisition_of(frames.front(), options.acquisition);
  if (frames.size() > 1) {
    combine_frames(frames, options, result);
  } else {
    result.image = std::move(frames.front());
  }
  frames.clear();
  if (!options.turned.empty()) combine_turned(options, result);
  if (!options.detector_scan.empty()) normalise_by_detector(options, result);
  if (!options.crystal.empty() || options.undistort != "none") {
    const CrystalView view = look_at_crystal(result.image, options);
    if (view.calibration) calibrate(view, options, result);
    if (options.undistort != "none") take_out_distortion(view, options, result);
  }
  if (options.background) take_off_background(result);
  if (options.asked() || !result.steps.empty()) note_noise(result);
  for (const PreparationStep& step : result.steps) info("{}: {}", step.name, step.sentence);
  return result;
}

}  // namespace colonnade
