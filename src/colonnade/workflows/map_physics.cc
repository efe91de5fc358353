// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/map_physics.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "colonnade/columns/cross_section.h"
#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/core/units.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/structures/alloy.h"
#include "colonnade/workflows/calibrate_response.h"
#include "colonnade/workflows/measured_field.h"
#include "colonnade/workflows/read_micrograph.h"

namespace colonnade {
namespace {

// An image without absolute scale gets the one that makes the particle as thick as a sphere of its area, to within this
// relative standard deviation: particles are flatter or taller than round ones.
constexpr double shape_spread = 0.3;

NanoparticleOptions crystal_of(const std::vector<std::string>& elements, const PhysicsOptions& options) {
  NanoparticleOptions crystal;
  crystal.elements = elements;
  crystal.fractions = options.bayesian.fractions;
  crystal.lattice_A = options.lattice_A;
  crystal.zone_axis = options.zone_axis;
  return crystal;
}

SignalResponse response_of(const std::vector<std::string>& elements, const PhysicsOptions& options, bool x_rays) {
  DatasetOptions dataset = calibration_defaults();
  dataset.particle = crystal_of(elements, options);
  dataset.particle.diameter_nm = DatasetOptions().particle.diameter_nm;
  dataset.energy_keV = {options.optics.energy_keV, options.optics.energy_keV};
  dataset.semiangle_mrad = {options.optics.semiangle_mrad, options.optics.semiangle_mrad};
  const Aberrations& aberrations = options.optics.aberrations;
  dataset.C10_A = {aberrations.C10, aberrations.C10};
  dataset.C12_A = {aberrations.C12, aberrations.C12};
  dataset.phi12_deg = {aberrations.phi12, aberrations.phi12};
  dataset.C30_um = {aberrations.C30 * 1e-4, aberrations.C30 * 1e-4};
  dataset.detectors = {options.detector};
  dataset.eds_maps = x_rays;
  return response_for(options.response, dataset);
}

/// Further images by the names of the response's signals.
void add_signals(const PhysicsOptions& options, const SignalResponse& response, const Image& first, const PixelBox& box,
                 std::vector<Image>& images, std::vector<SignalKind>& kinds) {
  for (const std::string& text : options.signals) {
    const std::size_t split = text.find('=');
    const std::string name = text.substr(0, split), file = split == std::string::npos ? "" : text.substr(split + 1);
    if (file.empty()) fail("--signals holds '{}'; give NAME=FILE, e.g. \"Pt L=pt.tif\"", text);
    const auto known = std::find_if(response.kinds().begin(), response.kinds().end(),
                                    [&](const SignalKind& kind) { return kind.name == name; });
    if (known == response.kinds().end()) fail("the response knows no signal '{}'; calibrate it with that", name);
    Image image = read_named_micrograph(file);
    image.pixel_size_nm = first.pixel_size_nm;
    SignalKind kind = *known;
    kind.dose_per_nm2 = dose_per_nm2(kind, {options.dose_per_A2, options.x_ray_dose_per_A2});
    if (!kind.element.empty()) {
      if (!(kind.dose_per_nm2 > 0)) fail("X-ray counts need the electrons they come from; give --x-ray-dose");
      const double electrons = kind.dose_per_nm2 * image.pixel_size_nm * image.pixel_size_nm;
      for (float& value : image.data) value = float(value / electrons);
    }
    if (image.width != first.width || image.height != first.height) {
      fail("{}: the image of '{}' has {} x {} pixels, the micrograph {} x {}; they must show the same field", file,
           name, image.width, image.height, first.width, first.height);
    }
    images.push_back(crop(image, box));
    kinds.push_back(kind);
  }
}

/// Atoms in the mean column of a sphere that covers the area of these columns (fcc: four atoms in a cube).
double mean_total_of_sphere(const ColumnSignals& signals, double lattice_A) {
  const double reach = 3 * typical_spacing(signals.positions_nm);
  const PointGrid grid(signals.positions_nm, reach);
  std::size_t most = 1;
  for (const Point& place : signals.positions_nm) most = std::max(most, grid.within(place, reach).size());
  const double area_nm2 = std::numbers::pi * reach * reach / double(most);  // of one column, where they are densest
  const double diameter_nm = 2 * std::sqrt(double(signals.size()) * area_nm2 / std::numbers::pi);
  const double atoms_per_nm = 4 / std::pow(lattice_A / angstrom_per_nm, 3) * area_nm2;
  return 2.0 / 3 * diameter_nm * atoms_per_nm;
}

/// The gain for which the mean of the columns' totals is what is wanted.
double gain_for(const ColumnSignals& signals, const SignalResponse& response, const std::vector<double>& fractions,
                double mean_total) {
  double low = 1e-9, high = 1e12;
  std::vector<ColumnEvidence> evidence;
  for (std::size_t i = 0; i < signals.size(); ++i) {
    evidence.push_back(evidence_of(signals, i));
  }
  for (int turn = 0; turn < 80; ++turn) {
    const double gain = std::sqrt(low * high);
    double sum = 0;
    const auto at = response.at(signals.conditions, gain);
    for (const auto& column : evidence) sum += total_by_signals(response, at, column, fractions, 20 * mean_total);
    (sum / double(evidence.size()) > mean_total ? low : high) = gain;
  }
  return std::sqrt(low * high);
}

/// The columns (in the box's px) whose place in the whole image lies in the area.
ColumnSignals inside(const ColumnSignals& all, const std::vector<Column>& columns, const MapArea& area) {
  if (area.whole()) return all;
  ColumnSignals some = all;
  std::vector<int> place(all.size(), -1);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!area.contains(columns[i].x_px, columns[i].y_px)) continue;
    place[i] = int(kept);
    some.positions_nm[kept] = all.positions_nm[i];
    some.sections_nm2[kept] = all.sections_nm2[i];
    some.neighbours[kept] = all.neighbours[i];
    some.whole[kept++] = all.whole[i];
  }
  some.positions_nm.resize(kept);
  some.sections_nm2.resize(kept);
  some.neighbours.resize(kept);
  some.whole.resize(kept);
  for (auto& near : some.neighbours) {
    std::erase_if(near, [&](int i) { return place[std::size_t(i)] < 0; });
    for (int& i : near) i = place[std::size_t(i)];
  }
  return some;
}

}  // namespace

PixelBox measured_box(const Image& image, const MapArea& area) {
  return area.whole() ? area.box() : area.with_border(area_border_nm / image.pixel_size_nm);
}

void PhysicsOptions::describe(OptionTable& table) {
  table.add("physics.response", &response, "",
            "Response of the signals (colonnade calibrate); empty: from the cache, or calibrated now (minutes)");
  table.add("physics.detector", &detector, "mrad", "Annular detector of the image, NAME:INNER-OUTER");
  optics.describe(table);
  table.add("physics.zone_axis", &zone_axis, "", "Crystal direction along the beam (fcc)");
  table.add("physics.lattice", &lattice_A, "A", "Lattice parameter; 0: by Vegard's law");
  table.add("physics.scale", &scale, "",
            "Intensities are fractions of the beam (beam), or get the scale that makes the particle as thick as it is "
            "wide, 30 % uncertain (shape); auto: as the file says");
  table.add("physics.dose", &dose_per_A2, "e/A^2", "Dose of the image, for its counting noise; 0: taken as noiseless");
  table.add("physics.x_ray_dose", &x_ray_dose_per_A2, "e/A^2", "Dose of the X-ray maps");
  table.add("physics.signals", &signals, "",
            "Further images of the same field, NAME=FILE or NAME=FILE#SIGNAL, e.g. Pt L=pt.tif or Pt L=a.emd#EDS:Pt "
            "(X-ray counts)");
  bayesian.describe(table, "physics");
}

void PhysicsOptions::check() const {
  optics.check();
  bayesian.check();
  if (scale != "auto" && scale != "beam" && scale != "shape")
    fail("--scale is '{}'; it must be auto, beam or shape", scale);
  if (!(dose_per_A2 >= 0) || !(x_ray_dose_per_A2 >= 0)) fail("a dose must not be negative");
}

PhysicsCounts count_image(const Image& image, const std::vector<Column>& columns,
                          const std::vector<std::string>& elements, const PhysicsOptions& options,
                          const MapArea& area) {
  if (columns.size() < 4) fail("{} columns are too few to count atoms in", columns.size());
  const SignalResponse all = response_of(elements, options, !options.signals.empty());
  const PixelBox box = measured_box(image, area);
  std::vector<Image> images{crop(image, box)};
  std::vector<Column> placed = columns;
  for (Column& column : placed) {
    column.x_px -= box.left;
    column.y_px -= box.top;
  }
  std::vector<SignalKind> kinds{all.kinds().at(0)};
  kinds[0].dose_per_nm2 = dose_per_nm2(kinds[0], {options.dose_per_A2, 0});
  add_signals(options, all, image, box, images, kinds);
  const auto names = names_of(kinds);
  PhysicsCounts result{{}, {}, all.only(names).for_elements(elements), 1, options.bayesian.gain_spread, {}};
  std::vector<double> background(images.size(), 0);
  background[0] = field_level(images[0], placed);
  if (!std::isfinite(background[0])) {
    background[0] = 0;
    result.notes.push_back("no field without columns was seen, so nothing was subtracted as background");
  }
  const ColumnSignals signals = measure_signals(images, kinds, placed, conditions_of(options.optics), background);
  BayesianOptions bayesian = options.bayesian;
  const bool absolute = options.scale == "beam" || (options.scale == "auto" && image.intensity == "fraction of beam");
  if (!absolute) {
    const ColumnSignals particle = inside(signals, columns, area);
    if (particle.size() < 4) fail("{} columns in the area are too few to find the scale from", particle.size());
    const double wanted = mean_total_of_sphere(particle, lattice_of(crystal_of(elements, options)));
    bayesian.absolute_gain = gain_for(particle.only({names[0]}), result.response.only({names[0]}),
                                      checked_fractions(elements, bayesian.fractions), wanted);
    bayesian.gain_spread = std::hypot(bayesian.gain_spread, shape_spread);
    result.notes.push_back(fmt::format(
        "the intensities have no absolute scale; they were given the one that makes the particle as thick as a "
        "sphere of its area ({:.1f} atoms in the mean column), which is {:.0f} % uncertain for all columns together",
        wanted, 100 * shape_spread));
  }
  result.gain = bayesian.absolute_gain;
  result.gain_spread = bayesian.gain_spread;
  BayesianCounts counts = count_by_physics(signals, result.response, bayesian);
  result.columns = std::move(counts.columns);
  result.alloy = std::move(counts.alloy);
  for (const std::string& note : result.notes) info("{}", note);
  return result;
}

}  // namespace colonnade
