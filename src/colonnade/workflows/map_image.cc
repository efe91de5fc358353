// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/map_image.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fmt/ranges.h>

#include "colonnade/columns/cross_section.h"
#include "colonnade/columns/point_grid.h"
#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/log.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/learn/model.h"
#include "colonnade/structures/elements.h"
#include "colonnade/workflows/count_estimator.h"
#include "colonnade/workflows/map_output.h"
#include "colonnade/workflows/preparation_report.h"
#include "colonnade/workflows/read_micrograph.h"
#include "colonnade/workflows/run_record.h"

namespace colonnade {
namespace fs = std::filesystem;
namespace {

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
    if (!options.prepare.crystal.empty()) return;  // which will say it
    fail("{}: the file does not say its pixel size; give it in nm with --pixel-size, or a crystal with --crystal",
         file.string());
  }
  if (image.pixel_size_nm < 0.001 || image.pixel_size_nm > 0.06) {
    warn("a pixel of {:.4g} nm is unusual for atomic columns (0.002 to 0.05 nm); check the scale or give --pixel-size",
         image.pixel_size_nm);
  }
}

void warn_of_spacing(const std::vector<Column>& columns, double pixel_size_nm) {
  std::vector<Point> places;
  for (const Column& column : columns) places.push_back({column.x_px, column.y_px});
  const double spacing = typical_spacing(places) * pixel_size_nm;
  if (spacing > 0 && (spacing < 0.08 || spacing > 0.6)) {
    warn("neighbouring columns lie {:.3g} nm apart, crystals have 0.1 to 0.5 nm; is the pixel size {:.4g} nm right?",
         spacing, pixel_size_nm);
  }
}

/// The model's counts at the columns, in the order of the elements that the user gave.
void count_with(const Model& model, ElementMap& result) {
  const auto& names = model.record.elements;
  if (model.record.count_errors.size() != names.size()) {
    result.without_calibration = "the model carries no errors of its own; Poisson's are stated instead";
  }
  MapCounts counted = count_on_maps(model, result.image, result.columns);
  std::vector<std::size_t> order;
  for (const auto& element : result.elements) {
    order.push_back(std::find(names.begin(), names.end(), element) - names.begin());
    result.maps.push_back(std::move(counted.maps[order.back()]));
  }
  for (const auto& column : counted.distributions) result.distributions.push_back(reordered(column, order));
}

void count_with_physics(const MapOptions& options, const MapArea& area, ElementMap& result) {
  if (result.columns.size() < 4) {
    result.without_model = fmt::format("{} columns are too few to count atoms in", result.columns.size());
    return;
  }
  PhysicsCounts counts = count_image(result.image, result.columns, result.elements, options.physics, area);
  result.distributions = std::move(counts.columns);
  // All columns share the scale's error and, where no X-rays say more, that of the composition told beforehand.
  const std::size_t elements = result.elements.size();
  const double told = with_x_rays(counts.response.kinds()) ? 0 : options.physics.bayesian.composition_spread;
  result.common.assign(elements * elements, counts.gain_spread * counts.gain_spread);
  for (std::size_t e = 0; e < elements && elements > 1; ++e) result.common[e * elements + e] += told * told;
  result.physics = {{"alloy", counts.alloy.to_json(result.elements)},
                    {"gain", counts.gain},
                    {"gain_spread", counts.gain_spread},
                    {"notes", counts.notes}};
}

/// A setting that has its default gives way to what is known of the microscope; one that was given stays.
void take_setting(double known, double usual, const char* name, double& setting) {
  if (!(known > 0)) return;
  if (setting == usual) {
    setting = known;
  } else if (std::abs(known / setting - 1) > 0.02) {
    warn("the file says {} {:g}; {:g} is used, as given", name, known, setting);
  }
}

void take_acquisition(const Acquisition& known, PhysicsOptions& physics) {
  const PhysicsOptions usual;
  take_setting(known.beam_energy_keV, usual.optics.energy_keV, "kV", physics.optics.energy_keV);
  take_setting(known.convergence_mrad, usual.optics.semiangle_mrad, "a semi-angle in mrad of",
               physics.optics.semiangle_mrad);
  if (known.inner_mrad > 0 && known.outer_mrad > known.inner_mrad && physics.detector == usual.detector) {
    physics.detector = fmt::format("HAADF:{:g}-{:g}", known.inner_mrad, known.outer_mrad);
  }
}

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, ", ")); }

std::string no_model_text(const std::vector<std::string>& elements) {
  return fmt::format(
      "no model counts exactly {}; train one (colonnade train), give --model FILE, or count by physics (--method "
      "physics)",
      joined(elements));
}

bool by_physics(const MapOptions& options) {
  const bool response = !options.physics.response.empty();
  return options.method == "physics" || (options.method == "auto" && response && options.model.empty());
}

fs::path chosen_model(const MapOptions& options) {
  if (!options.model.empty()) return options.model;
  return find_model(model_folders(), options.elements);
}

/// Columns of the area and its border, in the whole image's px.
std::vector<Column> measured_columns(const Image& whole, const MapArea& area, const MapOptions& options) {
  const PixelBox box = measured_box(whole, area);
  const Image part = area.whole() ? Image() : crop(whole, box);
  const Image& image = area.whole() ? whole : part;
  std::vector<Column> columns = find_columns(image, options.find);
  if (!columns.empty()) fit_gaussians(image, columns);
  if (options.cross_section == "voronoi") {
    const auto areas = voronoi_cross_sections(image, columns);
    for (std::size_t i = 0; i < areas.size(); ++i) columns[i].cross_section_nm2 = areas[i];
  }
  warn_of_spacing(columns, image.pixel_size_nm);
  for (Column& column : columns) {
    column.x_px += box.left;
    column.y_px += box.top;
  }
  return columns;
}

/// Columns outside have done their service as neighbours.
void leave_outside(const MapArea& area, ElementMap& map) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < map.columns.size(); ++i) {
    if (!area.contains(map.columns[i].x_px, map.columns[i].y_px)) continue;
    if (kept != i) {
      map.columns[kept] = map.columns[i];
      if (!map.distributions.empty()) map.distributions[kept] = std::move(map.distributions[i]);
    }
    ++kept;
  }
  map.columns.resize(kept);
  if (!map.distributions.empty()) map.distributions.resize(kept);
}

/// Which way of counting fits, and its counts.
void count(const MapArea& area, const MapOptions& options, ElementMap& result) {
  if (by_physics(options)) {
    count_with_physics(options, area, result);
    return;
  }
  result.model_file = chosen_model(options);
  if (result.model_file.empty()) {
    result.without_model = no_model_text(result.elements);
    return;
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
}

/// The model in three dimensions and its image, where they are wanted and there are counts.
void add_model(const MapOptions& options, ElementMap& map) {
  if (map.distributions.empty() || (!options.model_3d && options.verify == "none")) return;
  map.model = model_of_map(map, options);
  if (options.verify != "none") map.verification = verify_map(map, *map.model, options);
}

}  // namespace

void FigureOptions::describe(OptionTable& table, const std::string& section) {
  table.add(section + ".figure_width", &width_mm, "mm", "Width of saved figures: 85 for one column, 170 for two");
  table.add(section + ".figure_font_size", &font_size_pt, "pt", "Size of their letters");
  table.add(section + ".figure_dpi", &dpi, "dpi", "Resolution of PNG");
  table.add(section + ".figure_formats", &formats, "", "svg, pdf, png; none writes no figures");
  table.add(section + ".count_colours", &counts, "", "Colour map of counts: viridis, magma or grey");
  table.add(section + ".error_colours", &errors, "", "Colour map of their errors");
}

void FigureOptions::check() const {
  if (!(width_mm >= 20 && width_mm <= 1000)) fail("--figure-width is {} mm; give 20 to 1000", width_mm);
  if (!(font_size_pt >= 3 && font_size_pt <= 40)) fail("--figure-font-size is {} pt; give 3 to 40", font_size_pt);
  if (!(dpi >= 20 && dpi <= 2400)) fail("--figure-dpi is {}; give 20 to 2400", dpi);
  if (width_mm / font_size_pt < 6) {
    fail("letters of {} pt leave no room in a figure of {} mm; make one smaller or the other wider", font_size_pt,
         width_mm);
  }
  for (const auto& format : formats) {
    if (format != "svg" && format != "pdf" && format != "png" && format != "none") {
      fail("--figure-formats has '{}'; figures can be svg, pdf and png", format);
    }
  }
  for (const auto& colours : {counts, errors}) {
    if (colours != "viridis" && colours != "magma" && colours != "grey") {
      fail("there is no colour map '{}' for counts; use viridis, magma or grey", colours);
    }
  }
}

OptionTable MapOptions::table() {
  OptionTable table;
  table.add("seed", &seed, "", "Seed of everything random");
  table.add("elements", &elements, "", "Elements of the alloy, e.g. Pt,Ni,Pd,Co,Fe");
  table.add("pixel_size", &pixel_size_nm, "nm", "Pixel size; 0: as the file says");
  table.add("signal", &read.signal, "", "Which signal of a file that holds several: its title or number, see --list");
  table.add("frame", &read.frame, "", "Which frame of a series, counted from 1; 0: all, averaged");
  table.add(
      "method", &method, "",
      "How atoms are counted: network, physics (Bayes' rule with calculated cross-sections, any elements), or auto: "
      "a network that fits, else physics where --response is given");
  table.add("model", &model, "", "Model file; empty: the shipped one that fits the elements");
  table.add("columns.cross_section", &cross_section, "", "gaussian (sum of fitted Gaussians) or voronoi (integrated)");
  prepare.describe(table);
  area.describe(table);
  find.describe(table);
  analysis.describe(table);
  figures.describe(table);
  table.add("model.model_3d", &model_3d, "", "Write model.xyz, atoms in three dimensions that agree with the counts");
  particle_model.describe(table);
  table.add("model.verify", &verify, "",
            "Simulate that model and show its image beside the measured one: none, lensing (the first time for new "
            "optics a quarter of an "
            "hour, then seconds) or multislice (minutes)");
  physics.describe(table);
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
  prepare.check();
  area.check();
  find.check();
  analysis.check();
  figures.check();
  particle_model.check();
  if (verify != "none" && verify != "lensing" && verify != "multislice") {
    fail("--verify is '{}'; it must be none, lensing or multislice", verify);
  }
  physics.check();
  if (method != "auto" && method != "network" && method != "physics") {
    fail("--method is '{}'; it must be auto, network or physics", method);
  }
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

Prepared read_map_image(const fs::path& file, MapOptions& options) {
  std::vector<Image> frames = read_micrograph_frames(file, options.read);
  if (frames.size() > 1) info("{}: {} frames", file.string(), frames.size());
  settle_pixel_size(frames.front(), file, options);
  for (Image& frame : frames) frame.pixel_size_nm = frames.front().pixel_size_nm;
  Prepared prepared = prepare(std::move(frames), options.prepare);
  take_acquisition(prepared.acquisition, options.physics);
  return prepared;
}

std::string counting_text(const MapOptions& options) {
  if (by_physics(options)) {
    const PhysicsOptions& physics = options.physics;
    return fmt::format("physics ({}, {:g} keV, {:g} mrad, {}, fcc [{}])",
                       physics.response.empty() ? "response from the cache, or calibrated first: minutes"
                                                : fs::path(physics.response).filename().string(),
                       physics.optics.energy_keV, physics.optics.semiangle_mrad, physics.detector, physics.zone_axis);
  }
  const fs::path model = chosen_model(options);
  return model.empty() ? "none: " + no_model_text(options.elements) : "network " + model.filename().string();
}

ElementMap map_elements(Image image, const MapOptions& options) {
  const MapArea area(image, options.area);
  ElementMap result;
  result.image = std::move(image);
  result.elements = checked_elements(options.elements);
  result.area = area.box();
  result.colours = {options.figures.counts, options.figures.errors};
  result.columns = measured_columns(result.image, area, options);
  if (result.columns.empty()) {
    fail(
        "{}: no atomic columns were found in {} x {} px of {:.3g} nm; is it an image at atomic resolution? If so, give "
        "the distance of its columns in nm by --spacing, or a lower --threshold",
        result.image.title.empty() ? "the image" : result.image.title, result.image.width, result.image.height,
        result.image.pixel_size_nm);
  }
  count(area, options, result);
  if (!area.whole()) leave_outside(area, result);
  info("{} columns found{}", result.columns.size(), area.whole() ? "" : " in the area");
  return result;
}

nlohmann::json map_image(const fs::path& image_file, MapOptions options, const fs::path& out, bool overwrite) {
  options.check();
  options.elements = checked_elements(options.elements);
  require_file(image_file, "image");
  auto record = run_record("map", options.table(), options.seed, {image_file});  // the options as given
  PendingFolder folder(out, overwrite);
  Prepared prepared = read_map_image(image_file, options);
  write_preparation(folder.temporary(), prepared);
  record["preparation"] = prepared.to_json();
  ElementMap result = map_elements(std::move(prepared.image), options);
  result.preparation = std::move(prepared.steps);
  options.analysis.ordering.seed = options.seed;
  add_model(options, result);
  if (!result.without_model.empty()) warn("{}", result.without_model);
  record["microscope"] = {{"energy_keV", options.physics.optics.energy_keV},
                          {"semiangle_mrad", options.physics.optics.semiangle_mrad},
                          {"detector", options.physics.detector}};
  record["pixel_size_nm"] = result.image.pixel_size_nm;
  if (!result.model_file.empty()) record["model"] = result.model_record;
  if (!result.physics.is_null()) record["physics"] = result.physics;
  nlohmann::json summary = write_map_files(folder.temporary(), result, options, record, image_file.filename().string());
  folder.commit();
  return summary;
}

}  // namespace colonnade
