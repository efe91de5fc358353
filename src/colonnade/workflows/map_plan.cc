// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/map_plan.h"

#include <algorithm>
#include <cmath>
#include <fmt/ranges.h>
#include <numbers>

#include "colonnade/columns/column_stack.h"
#include "colonnade/columns/spacing.h"
#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/core/memory.h"
#include "colonnade/structures/alloy.h"
#include "colonnade/structures/crystal.h"
#include "colonnade/structures/elements.h"

namespace colonnade {
namespace fs = std::filesystem;
namespace {

// Measured on one core with images of 512 to 4096 px and 140 to 9,000 columns of five elements: seconds for each
// million pixels (finding columns, fitting them) and for each column (fitting, counting, figures), bytes for each
// pixel.
constexpr double seconds_per_megapixel = 1.1, seconds_per_column = 0.0035, seconds_at_least = 1;
constexpr double network_seconds_per_megapixel = 30, bytes_per_pixel = 40, bytes_at_least = 2.5e8;

constexpr double usual_spacing_nm = 0.24;  // where the image shows no repeat
constexpr double fewest_px = 3;            // between columns that pixels can show

/// The image as it would be prepared, but only where that is quick: what else is asked for is told.
Image planned_image(const fs::path& file, MapOptions& options, MapPlan& plan) {
  MapOptions quick = options;
  quick.prepare = {};
  quick.prepare.acquisition = options.prepare.acquisition;
  Prepared prepared = read_map_image(file, quick);
  options.physics = quick.physics;
  for (const auto& step : prepared.steps) plan.steps.push_back("prepare: " + step.sentence);
  const PreparationOptions& asked = options.prepare;
  if (!asked.detector_scan.empty()) plan.steps.push_back("prepare: detector from " + asked.detector_scan);
  if (!asked.crystal.empty()) plan.steps.push_back("prepare: pixel size from " + asked.crystal);
  if (asked.undistort != "none") plan.steps.push_back("prepare: take out distortion, " + asked.undistort);
  if (asked.background) plan.steps.emplace_back("prepare: take off the background");
  return std::move(prepared.image);
}

void plan_image(const fs::path& file, MapOptions& options, MapPlan& plan) {
  Image image = planned_image(file, options, plan);
  plan.width = image.width;
  plan.height = image.height;
  plan.pixel_size_nm = image.pixel_size_nm;
  plan.intensity = image.intensity;
  const MapArea area(image, options.area);
  const PixelBox box = measured_box(image, area);
  if (!area.whole()) image = crop(image, box);
  const double pixel = image.pixel_size_nm;
  plan.measured_spacing_nm = pixel * estimate_spacing(image, std::max(3.0, 0.07 / pixel), 0.8 / pixel).spacing_px;
  double spacing = plan.measured_spacing_nm > 0 ? plan.measured_spacing_nm : usual_spacing_nm;
  if (spacing < fewest_px * pixel) {
    plan.remarks.push_back(
        fmt::format("pixels of {:.3g} nm are too coarse to show columns {:.2g} nm apart", pixel, spacing));
    spacing = fewest_px * pixel;
  }
  plan.columns = double(area.box().width) * area.box().height * pixel * pixel / (spacing * spacing);
  const double pixels = double(box.width) * box.height;
  plan.memory_GB = (bytes_at_least + bytes_per_pixel * double(plan.width) * plan.height) / bytes_per_GB;
  plan.seconds = seconds_at_least + seconds_per_megapixel * pixels / 1e6 + seconds_per_column * plan.columns;
  plan.steps.push_back(fmt::format("find and fit columns in {} x {} px{}", box.width, box.height,
                                   area.whole() ? "" : " (the area and a border)"));
}

void plan_counting(const MapOptions& options, MapPlan& plan) {
  plan.counting = counting_text(options);
  plan.steps.push_back("count atoms: " + plan.counting);
  if (plan.counting.starts_with("network")) {
    plan.seconds += network_seconds_per_megapixel * double(plan.width) * plan.height / 1e6;
  }
}

void plan_spacing(const MapOptions& options, MapPlan& plan) {
  const auto& fractions = options.physics.bayesian.fractions;
  const double lattice = options.physics.lattice_A > 0
                             ? options.physics.lattice_A
                             : vegard_fcc_lattice(options.elements, checked_fractions(options.elements, fractions));
  plan.expected_spacing_nm = 0.1 * column_lattice("fcc", lattice, options.physics.zone_axis).nearest_A;
  if (plan.measured_spacing_nm == 0) {
    plan.remarks.push_back(
        fmt::format("the image shows no repeat; columns are looked for as if {} nm apart", usual_spacing_nm));
  } else if (std::abs(plan.measured_spacing_nm / plan.expected_spacing_nm - 1) > 0.06) {
    plan.remarks.push_back(
        fmt::format("columns repeat after {:.3f} nm, and fcc {} seen down [{}] has them {:.3f} nm apart: the pixel "
                    "size or the zone "
                    "axis may be another",
                    plan.measured_spacing_nm, fmt::join(options.elements, ""), options.physics.zone_axis,
                    plan.expected_spacing_nm));
  }
}

void plan_output(const fs::path& out, bool overwrite, MapPlan& plan) {
  if (fs::exists(out)) {
    plan.remarks.push_back(overwrite ? out.string() + " is there and would be replaced"
                                     : out.string() + " is there: --overwrite replaces it");
  }
  plan.steps.push_back("write " + (out / "report.html").string());
  if (plan.memory_GB * bytes_per_GB > available_memory()) {
    plan.remarks.push_back(fmt::format("only {:.1f} GB of memory are free", available_memory() / bytes_per_GB));
  }
}

}  // namespace

std::string MapPlan::text() const {
  std::string out = file + "\n";
  if (!error.empty()) return out + "  cannot be mapped: " + error;
  const auto line = [&](const std::string& name, const std::string& value) {
    out += fmt::format("  {:<12} {}\n", name, value);
  };
  line("image", fmt::format("{} x {} px of {:.5g} nm ({:.3g} x {:.3g} nm), intensity: {}", width, height, pixel_size_nm,
                            width * pixel_size_nm, height * pixel_size_nm, intensity));
  line("columns", fmt::format("{}, expected {:.3f} nm apart; room for about {:.0f}",
                              measured_spacing_nm > 0 ? fmt::format("a repeat of {:.3f} nm", measured_spacing_nm)
                                                      : std::string("no repeat seen"),
                              expected_spacing_nm, columns));
  for (std::size_t i = 0; i < steps.size(); ++i) line(i == 0 ? "steps" : "", fmt::format("{}. {}", i + 1, steps[i]));
  line("needs", fmt::format("about {} on one core and {:.1f} GB", format_duration(seconds), memory_GB));
  for (const std::string& remark : remarks) line("remark", remark);
  out.pop_back();
  return out;
}

nlohmann::json MapPlan::to_json() const {
  nlohmann::json json{{"file", file}, {"out", out.string()}};
  if (!error.empty()) {
    json["error"] = error;
    return json;
  }
  json.update({{"width", width},
               {"height", height},
               {"pixel_size_nm", pixel_size_nm},
               {"intensity", intensity},
               {"measured_spacing_nm", measured_spacing_nm},
               {"expected_spacing_nm", expected_spacing_nm},
               {"columns", columns},
               {"counting", counting},
               {"steps", steps},
               {"memory_GB", memory_GB},
               {"seconds", seconds},
               {"remarks", remarks}});
  return json;
}

MapPlan plan_map(const fs::path& file, MapOptions options, const fs::path& out, bool overwrite) {
  options.check();
  options.elements = checked_elements(options.elements);
  MapPlan plan;
  plan.file = file.string();
  plan.out = out;
  try {
    plan_image(file, options, plan);
  } catch (const Error& error) {  // the other files' plans are wanted all the same
    plan.error = error.what();
    return plan;
  }
  plan_spacing(options, plan);
  plan_counting(options, plan);
  plan_output(out, overwrite, plan);
  return plan;
}

}  // namespace colonnade
