// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/map_image.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fmt/ranges.h>
#include <limits>

#include "colonnade/columns/counts.h"
#include "colonnade/columns/cross_section.h"
#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/log.h"
#include "colonnade/image/filter.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/learn/model.h"
#include "colonnade/structures/elements.h"
#include "colonnade/workflows/map_output.h"
#include "colonnade/workflows/run_record.h"

namespace colonnade {
namespace fs = std::filesystem;
namespace {

/// Median over columns of the distance to the nearest other one, nm; 0 with fewer than two.
double typical_spacing_nm(const std::vector<Column>& columns, double pixel_size_nm) {
  std::vector<double> nearest;
  for (const auto& a : columns) {
    double best = std::numeric_limits<double>::infinity();
    for (const auto& b : columns) {
      if (&a != &b) best = std::min(best, std::hypot(a.x_px - b.x_px, a.y_px - b.y_px));
    }
    if (std::isfinite(best)) nearest.push_back(best * pixel_size_nm);
  }
  if (nearest.empty()) return 0;
  std::nth_element(nearest.begin(), nearest.begin() + nearest.size() / 2, nearest.end());
  return nearest[nearest.size() / 2];
}

void settle_pixel_size(Image& image, const fs::path& file, const MapOptions& options) {
  if (options.pixel_size_nm > 0) {
    const double known = image.pixel_size_nm;
    if (known > 0 && std::fabs(known / options.pixel_size_nm - 1) > 0.01) {
      warn("{} says {:.5g} nm per pixel; --pixel-size {:.5g} nm is used instead", file.string(), known,
           options.pixel_size_nm);
    }
    image.pixel_size_nm = options.pixel_size_nm;
  }
  if (image.pixel_size_nm <= 0) {
    fail("{}: the file does not say its pixel size; give it in nm with --pixel-size", file.string());
  }
  if (image.pixel_size_nm < 0.001 || image.pixel_size_nm > 0.06) {
    warn("a pixel of {:.4g} nm is unusual for atomic columns (0.002 to 0.05 nm); check the scale or give --pixel-size",
         image.pixel_size_nm);
  }
}

void warn_of_spacing(const std::vector<Column>& columns, double pixel_size_nm) {
  const double spacing = typical_spacing_nm(columns, pixel_size_nm);
  if (spacing > 0 && (spacing < 0.08 || spacing > 0.6)) {
    warn("neighbouring columns lie {:.3g} nm apart, crystals have 0.1 to 0.5 nm; is the pixel size {:.4g} nm right?",
         spacing, pixel_size_nm);
  }
}

/// The model's counts at the columns; the image is brought to the model's pixel size first.
void count_with(const Model& model, ElementMap& result) {
  const double ratio = result.image.pixel_size_nm / model.record.pixel_size_nm;
  const Image at_model_size =
      std::fabs(ratio - 1) < 1e-3 ? result.image : resample(result.image, model.record.pixel_size_nm);
  result.maps = model.predict(at_model_size);
  std::vector<Column> scaled = result.columns;
  for (auto& column : scaled) {
    column.x_px *= ratio;
    column.y_px *= ratio;
  }
  // The model may hold its elements in another order than the user asked for.
  std::vector<std::size_t> order;
  for (const auto& element : result.elements) {
    const auto& names = model.record.elements;
    order.push_back(std::find(names.begin(), names.end(), element) - names.begin());
  }
  std::vector<Image> maps;
  for (const auto index : order) maps.push_back(result.maps[index]);
  result.maps = std::move(maps);
  result.counts = read_counts(result.maps, scaled);
  const bool calibrated = model.record.count_errors.size() == order.size();
  for (const auto& counts : result.counts) {
    std::vector<double> deviations;
    for (std::size_t e = 0; e < order.size(); ++e) {
      deviations.push_back(calibrated ? model.record.count_errors[order[e]].at(counts[e])
                                      : std::numeric_limits<double>::quiet_NaN());
    }
    result.deviations.push_back(std::move(deviations));
  }
}

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, ", ")); }

fs::path chosen_model(const MapOptions& options) {
  if (!options.model.empty()) return options.model;
  return find_model(model_folders(), options.elements);
}

}  // namespace

OptionTable MapOptions::table() {
  OptionTable table;
  table.add("seed", &seed, "", "Seed of everything random");
  table.add("elements", &elements, "", "Elements of the alloy, e.g. Pt,Ni,Pd,Co,Fe");
  table.add("pixel_size", &pixel_size_nm, "nm", "Pixel size; 0: as the file says");
  table.add("model", &model, "", "Model file; empty: the shipped one that fits the elements");
  table.add("columns.cross_section", &cross_section, "", "gaussian (sum of fitted Gaussians) or voronoi (integrated)");
  find.describe(table);
  return table;
}

void MapOptions::check() const {
  if (elements.empty()) fail("no elements are given; use --elements, e.g. --elements Pt,Ni");
  checked_elements(elements);
  if (!(pixel_size_nm >= 0 && std::isfinite(pixel_size_nm))) {
    fail("--pixel-size is {} nm; it must be positive", pixel_size_nm);
  }
  if (cross_section != "gaussian" && cross_section != "voronoi") {
    fail("--cross-section is '{}'; it must be gaussian or voronoi", cross_section);
  }
  find.check();
}

std::vector<fs::path> model_folders() {
  std::vector<fs::path> folders;
  if (const char* own = std::getenv("COLONNADE_MODELS")) folders.emplace_back(own);
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    folders.push_back(program.parent_path().parent_path() / "share" / "colonnade" / "models");  // installed
    folders.push_back(program.parent_path().parent_path().parent_path() / "models");  // build/bin in the source
  }
  return folders;
}

ElementMap map_elements(Image image, const MapOptions& options) {
  ElementMap result;
  result.image = std::move(image);
  result.elements = checked_elements(options.elements);
  result.columns = find_columns(result.image, options.find);
  info("{} columns found", result.columns.size());
  if (!result.columns.empty()) fit_gaussians(result.image, result.columns);
  if (options.cross_section == "voronoi") {
    const auto areas = voronoi_cross_sections(result.image, result.columns);
    for (std::size_t i = 0; i < areas.size(); ++i) result.columns[i].cross_section_nm2 = areas[i];
  }
  warn_of_spacing(result.columns, result.image.pixel_size_nm);
  result.model_file = chosen_model(options);
  if (result.model_file.empty()) {
    result.without_model = fmt::format("no model counts exactly {}; train one (colonnade train) or give --model FILE",
                                       joined(result.elements));
    return result;
  }
  const Model model = Model::load(result.model_file);
  std::vector<std::string> known = model.record.elements, wanted = result.elements;
  std::sort(known.begin(), known.end());
  std::sort(wanted.begin(), wanted.end());
  if (known != wanted) {
    fail("{} counts {}; it cannot count {}", result.model_file.string(), joined(model.record.elements),
         joined(result.elements));
  }
  result.model_record = {{"file", result.model_file.filename().string()},
                         {"sha256", sha256_file(result.model_file)},
                         {"scores", model.record.scores},
                         {"options", model.record.options}};
  count_with(model, result);
  return result;
}

nlohmann::json map_image(const fs::path& image_file, MapOptions options, const fs::path& out, bool overwrite) {
  options.check();
  options.elements = checked_elements(options.elements);
  Image image = read_image(image_file);
  settle_pixel_size(image, image_file, options);
  PendingFolder folder(out, overwrite);
  const ElementMap result = map_elements(std::move(image), options);
  if (!result.without_model.empty()) warn("{}", result.without_model);
  auto record = run_record("map", options.table(), options.seed, {image_file});
  record["pixel_size_nm"] = result.image.pixel_size_nm;
  if (!result.model_file.empty()) record["model"] = result.model_record;
  nlohmann::json summary = write_map_files(folder.temporary(), result, record, image_file.filename().string());
  folder.commit();
  return summary;
}

}  // namespace colonnade
