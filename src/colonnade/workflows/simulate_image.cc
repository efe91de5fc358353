// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/simulate_image.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/log.h"
#include "colonnade/core/units.h"
#include "colonnade/image/filter.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/formats/signal_file.h"
#include "colonnade/image/noise.h"
#include "colonnade/report/figure.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/structure_file.h"
#include "colonnade/workflows/run_record.h"
#include "colonnade/workflows/simulate_patterns.h"
#include "colonnade/workflows/stem_device.h"
#include "colonnade/workflows/stem_signals.h"

namespace colonnade {
namespace {

constexpr double block_border_nm = 1, block_field_nm = 2;

double block_width_nm(const SimulateImageOptions& options) {
  const double field = options.field_nm > 0 ? options.field_nm : block_field_nm;
  return field + 2 * block_border_nm + options.multislice.window_A / angstrom_per_nm;
}

/// The field asked for, centred on the atoms; without a wish all of them with 0.3 nm around.
FieldOfView field_around(const Structure& structure, const SimulateImageOptions& options) {
  const Bounds box = bounds(structure);
  const double pixel_A = options.pixel_size_nm * angstrom_per_nm, border_A = 3;
  const auto pixels = [&](double low, double high) {
    const bool block = options.specimen.thickness_nm > 0;
    const double wanted_nm = options.field_nm == 0 && block ? block_field_nm : options.field_nm;
    const double side_A = wanted_nm > 0 ? wanted_nm * angstrom_per_nm : high - low + 2 * border_A;
    return std::max(16, static_cast<int>(std::lround(side_A / pixel_A)));
  };
  FieldOfView field;
  field.pixel_size_nm = options.pixel_size_nm;
  field.width_px = pixels(box.low.x, box.high.x);
  field.height_px = pixels(box.low.y, box.high.y);
  field.low_x_A = 0.5 * (box.low.x + box.high.x - (field.width_px - 1) * pixel_A);
  field.low_y_A = 0.5 * (box.low.y + box.high.y - (field.height_px - 1) * pixel_A);
  constexpr double most_pixels = 1e8;
  if (double(field.width_px) * field.height_px > most_pixels) {
    fail("the image would have {} x {} pixels; give a smaller --field or a larger --pixel-size", field.width_px,
         field.height_px);
  }
  return field;
}

std::vector<EdsLine> lines_of(const Structure& structure, const SimulateImageOptions& options) {
  if (!options.eds_maps) return {};
  std::vector<int> numbers;
  for (const auto& [symbol, count] : composition(structure)) numbers.push_back(element(symbol).number);
  return eds_lines(options.eds, numbers, options.optics.energy_keV);
}

/// A scan of the detector as its sensitivity, the mean of what counts at least half as well as the best being 1.
std::shared_ptr<const DetectorSensitivity> sensitivity_of(const SimulateImageOptions& options) {
  if (options.sensitivity.empty()) return nullptr;
  const Image image = read_image(options.sensitivity);
  const float half = extremes(image).high / 2;
  double sum = 0, count = 0;
  for (const float value : image.data) {
    sum += value >= half ? value : 0;
    count += value >= half ? 1 : 0;
  }
  if (!(half > 0)) fail("{}: a detector's sensitivity must be positive somewhere", options.sensitivity);
  std::vector<float> values;
  for (const float value : image.data) values.push_back(std::max(0.0F, float(value * count / sum)));
  return std::make_shared<DetectorSensitivity>(
      DetectorSensitivity::map(std::move(values), image.height, image.width, 0.5 * (image.height - 1),
                               0.5 * (image.width - 1), options.sensitivity_mrad));
}

Signals signals_of(const std::vector<EdsLine>& lines, const SimulateImageOptions& options) {
  Signals signals;
  signals.detectors = parse_detectors(options.detectors, options.optics.semiangle_mrad);
  const auto sensitivity = sensitivity_of(options);
  for (auto& detector : signals.detectors) detector.sensitivity = sensitivity;
  add_eds_signals(lines, options.multislice.thermal, signals);
  for (const double depth : options.depths_nm) signals.depths_A.push_back(depth * angstrom_per_nm);
  return signals;
}

/// Expected and counted X-rays of each pixel, two images for each line.
std::vector<Image> eds_images(const Image& ionisations, const EdsLine& line, const EdsOptions& options,
                              Random& random) {
  const auto expected = eds_expected(line, options, ionisations.data);
  const auto counts = eds_counts(expected, random);
  std::vector<Image> images(2, ionisations);
  for (std::size_t i = 0; i < 2; ++i) {
    images[i].title = ionisations.title + (i == 0 ? " expected" : " counts");
    images[i].intensity = "counts";
    images[i].metadata["simulation"]["eds"] = line.record();
    const auto& values = i == 0 ? expected : counts;
    std::transform(values.begin(), values.end(), images[i].data.begin(), [](double v) { return float(v); });
  }
  return images;
}

/// What the detector and the scan make of a computed image, which is larger than the field by a border.
Image recorded(const Image& computed, const FieldOfView& field, const Displacements& displacements,
               const SimulateImageOptions& options, Random& random) {
  Image image = scan_distorted(computed, field.height_px, field.width_px, displacements);
  const bool counted = image.intensity == "fraction of beam";
  if (!counted) return image;
  for (float& value : image.data) value = std::max(value, 0.0F);
  if (options.dose_per_A2 > 0) {
    const double side_A = field.pixel_size_nm * angstrom_per_nm, electrons = options.dose_per_A2 * side_A * side_A;
    image = poisson_noise(image, options.dose_per_A2, random);
    image = gaussian_noise(image, options.read_noise_electrons / electrons, random);
    image.metadata["electrons_per_pixel"] = electrons;
  }
  return image;
}

/// Images of the detectors, as recorded, and two of each X-ray line.
std::vector<Image> record_images(std::vector<Image> computed, const std::vector<EdsLine>& lines,
                                 const FieldOfView& field, const SimulateImageOptions& options) {
  Random random(options.seed);
  const auto displacements =
      scan_displacements(field.height_px, field.width_px, field.pixel_size_nm, options.scan, random);
  const std::size_t per_depth = computed.size() / (options.depths_nm.size() + 1), detectors = per_depth - lines.size();
  std::vector<Image> images;
  for (std::size_t i = 0; i < computed.size(); ++i) {
    const std::size_t signal = i % per_depth;
    if (signal < detectors) {
      images.push_back(recorded(computed[i], field, displacements, options, random));
      continue;
    }
    const Image distorted = scan_distorted(computed[i], field.height_px, field.width_px, displacements);
    for (auto& image : eds_images(distorted, lines[signal - detectors], options.eds, random)) {
      images.push_back(std::move(image));
    }
  }
  return images;
}

void write_signals(const PendingFolder& folder, const std::vector<Image>& images, const Optics& optics) {
  SignalFile file(folder / "images.hdf5");
  for (const auto& image : images) {
    std::string name = image.title;
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == ' ' || c == '/'; }, '-');
    write_image(folder / (name + ".tif"), image);
    ImageFigure figure;
    figure.image = image;
    figure.title = image.title;
    write_png(folder / (name + ".png"), to_svg(figure));
    SignalDescription description = describe_signal(image);
    description.beam_energy_keV = optics.energy_keV;
    description.convergence_mrad = optics.semiangle_mrad;
    file.add(description, image.data);
  }
  file.close();
}

/// Measures what was asked to be measured, chooses the settings where they are to be chosen, and says both.
nlohmann::json settle_accuracy(const Structure& structure, const FieldOfView& field, const PendingFolder& folder,
                               SimulateImageOptions& options) {
  const auto detectors = parse_detectors(options.detectors, options.optics.semiangle_mrad);
  // What is measured is the elastic signal of atoms at rest, which asks more of grid and slices than any other.
  const ThermalMotion thermal = std::exchange(options.multislice.thermal, {});
  nlohmann::json record = nlohmann::json::object();
  std::string text;
  if (options.accuracy > 0) {
    PlanOptions wanted;
    wanted.accuracy = options.accuracy;
    wanted.seed = options.seed;
    const Plan plan =
        plan_simulation(structure, options.optics, detectors, field, options.multislice, wanted, "Choosing settings");
    options.multislice = plan.options;
    record["plan"] = plan.to_json();
    text += plan.text();
  }
  if (options.measure_convergence) {
    const auto report = measure_convergence(structure, options.optics, detectors, field, options.multislice,
                                            options.convergence, "Measuring convergence");
    record["convergence"] = report.to_json();
    text += report.text();
  }
  options.multislice.thermal = thermal;
  if (!text.empty()) {
    info("{}", text);
    write_file(folder / "accuracy.txt", text);
  }
  return record;
}

}  // namespace

OptionTable SimulateImageOptions::table() {
  OptionTable table;
  table.add("seed", &seed, "", "Seed of noise, scan errors and X-ray counts");
  table.add("accuracy", &accuracy, "",
            "Wanted error of the images, rms / mean, e.g. 0.02: chooses algorithm, grid, slices and window by "
            "measurement, and says what and why; 0: the options below as they are");
  table.add("device", &device, "", stem_device_help);
  specimen.describe(table);
  table.add("image.field", &field_nm, "nm",
            "Side of the square field of view around the middle; 0: all atoms, or 2 nm of a block");
  table.add("image.pixel_size", &pixel_size_nm, "nm", "Pixel size of the image");
  table.add("image.dose", &dose_per_A2, "e/A^2", "Electron dose, for counting noise; 0: no noise");
  table.add("image.read_noise", &read_noise_electrons, "e",
            "Standard deviation of the detector's own noise, per pixel");
  scan.describe(table);
  optics.describe(table);
  coherence.describe(table);
  table.add("signals.detectors", &detectors, "mrad", detector_help);
  table.add("signals.sensitivity", &sensitivity, "",
            "Image of a scan of the focused beam over the detector, its middle on the axis; empty: it counts evenly");
  table.add("signals.sensitivity_scale", &sensitivity_mrad, "mrad", "Angle per pixel of that image");
  table.add("signals.depths", &depths_nm, "nm", "Depths at which every image is measured, too");
  table.add("signals.eds", &eds_maps, "", "X-ray maps of the elements");
  eds.describe(table);
  table.add("signals.pattern_pixels", &pattern_pixels, "",
            "4D-STEM: pixels along each side of the camera; 0: no patterns");
  table.add("signals.pattern_angle", &pattern_half_mrad, "mrad", "From the axis to the camera's edge");
  table.add("signals.pattern_step", &pattern_step_nm, "nm", "Distance of the scan points of the patterns");
  multislice.describe(table);
  lensing.describe(table);
  table.add("convergence.measure", &measure_convergence, "",
            "Measure how far the settings are from their limit: grid, slices, window, scan");
  convergence.describe(table);
  return table;
}

void SimulateImageOptions::check() const {
  if (!(pixel_size_nm > 0 && pixel_size_nm < 10)) fail("--pixel-size is {} nm; it must be positive", pixel_size_nm);
  if (!(field_nm >= 0)) fail("--field is {} nm; it must not be negative", field_nm);
  if (!(dose_per_A2 >= 0)) fail("--dose is {}; it must not be negative", dose_per_A2);
  if (!(accuracy >= 0 && accuracy < 1)) fail("--accuracy is {}; give an error such as 0.02, or 0 for none", accuracy);
  if (!(read_noise_electrons >= 0)) fail("--read-noise is {}; it must not be negative", read_noise_electrons);
  if (read_noise_electrons > 0 && dose_per_A2 == 0) fail("--read-noise is in electrons and needs a --dose");
  if (detectors.empty() && !eds_maps && pattern_pixels == 0) {
    fail("nothing is to be measured; use --detectors HAADF:60-100, --eds true or --pattern-pixels 128");
  }
  if (accuracy > 0 && detectors.empty()) fail("--accuracy is that of a detector's image; give --detectors, too");
  if (!sensitivity.empty() && !(sensitivity_mrad > 0)) fail("--sensitivity needs --sensitivity-scale, mrad per pixel");
  if (!(pattern_step_nm > 0)) fail("--pattern-step is {} nm; it must be positive", pattern_step_nm);
  specimen.check();
  scan.check();
  optics.check();
  coherence.check();
  eds.check();
  multislice.check();
  convergence.check();
}

void SimulateImageOptions::make_preview() {
  multislice.window_A = std::min(multislice.window_A == 0 ? 5 : multislice.window_A, 5.0);
  multislice.oversampling = 1;
  multislice.thermal.configurations = std::min(multislice.thermal.configurations, 2);
  coherence.defocus_steps = std::min(coherence.defocus_steps, 3);
}

void simulate_image(const std::filesystem::path& structure_file, SimulateImageOptions options,
                    const std::filesystem::path& out, bool overwrite) {
  options.check();
  const StemAlgorithmFactory algorithms = stem_algorithms_on(options.device);
  const Structure structure = make_specimen(structure_file, options.specimen, block_width_nm(options));
  complete_factors(elements_of(structure.atoms), options.multislice.thermal);
  const FieldOfView field = field_around(structure, options);
  const auto lines = lines_of(structure, options);
  PendingFolder folder(out, overwrite);
  const OptionTable asked = options.table();
  auto record = run_record("simulate", asked, options.seed, {structure_file});
  record.update(settle_accuracy(structure, field, folder, options));
  // Source size and scan errors reach into a border.
  const double reach_px = source_reach_px(options.coherence, field) +
                          options.scan.reach_px(field.height_px, field.width_px, field.pixel_size_nm);
  const StemExperiment experiment{options.optics, options.coherence, signals_of(lines, options),
                                  widened(field, border_px(reach_px)), options.multislice};
  if (experiment.signals.values_per_depth() > 1) {
    options.lensing.zone_axis = options.specimen.zone_axis.empty() ? "110" : options.specimen.zone_axis;
    auto computed = options.multislice.algorithm == "lensing"
                        ? simulate_by_lensing(structure, experiment, options.lensing, options.seed)
                        : simulate_experiment(structure, experiment, "Simulating", algorithms);
    const auto images = record_images(std::move(computed), lines, field, options);
    write_signals(folder, images, options.optics);
    for (const auto& image : images) record["images"][image.title] = image.metadata;
  }
  if (options.pattern_pixels > 0) {
    const PatternGrid camera{options.pattern_pixels, options.pattern_half_mrad};
    simulate_patterns(structure, experiment, field, options.pattern_step_nm, camera, folder / "patterns.hdf5", record,
                      algorithms);
  }
  write_xyz(folder / "structure.xyz", structure);
  write_file(folder / "run.json", record.dump(2) + "\n");
  folder.commit();
}

}  // namespace colonnade
