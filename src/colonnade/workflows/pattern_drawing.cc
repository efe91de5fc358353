// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/pattern_drawing.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <numbers>

#include "colonnade/core/parallel.h"
#include "colonnade/core/progress.h"
#include "colonnade/simulate/diffraction/pattern_set.h"
#include "colonnade/structures/crystal_symmetry.h"

namespace colonnade {

namespace {

/// Streams of a drawer's generator.
enum : std::uint64_t { variants_stream = 1ULL << 60 };

constexpr double largest_g_per_A = 2.6;             // 25 mm at 500 mm and 300 kV
constexpr double most_lattice_points = 25e3;        // large cells: the outermost reflections, weak ones, are left out
constexpr double nearest_px = 3, farthest_px = 62;  // of the recorded pattern, in the network's picture
constexpr std::size_t beam_rows = 4;                // the first quarter of its rows may be the direct beam
constexpr int places_about_dislocations = 32;
constexpr double poisson_ratio = 0.33;

double log_uniform(Random& random, double low, double high) {
  return std::exp(random.uniform(std::log(low), std::log(high)));
}

Matrix3 identity() { return {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}; }

/// Reciprocal vectors of a crystal that F deforms: F^-T g.
Matrix3 reciprocal_deformation(const Matrix3& gradient) {
  return reciprocal({{{gradient[0][0], gradient[1][0], gradient[2][0]},
                      {gradient[0][1], gradient[1][1], gradient[2][1]},
                      {gradient[0][2], gradient[1][2], gradient[2][2]}}});
}

Matrix3 random_strain(Random& random) {
  const double largest = log_uniform(random, 0.005, 0.06);
  Matrix3 gradient = identity();
  for (std::size_t i = 0; i < 3; ++i) {
    gradient[i][i] += random.uniform(-largest, largest);
    for (std::size_t j = 0; j < i; ++j) {
      const double shear = random.uniform(-largest, largest) / 2;
      gradient[i][j] += shear;
      gradient[j][i] += shear;
    }
  }
  return gradient;
}

bool body_centred(int space_group) { return space_group == 229; }

Vector3 unit(const Vector3& vector) { return scaled(vector, 1 / length(vector)); }

/// {111} of most cubic crystals, {112} of body-centred ones; any low plane of others.
Matrix3 random_mirror(const Structure& cell, int space_group, bool cubic, Random& random) {
  const auto sign = [&] { return random.below(2) == 0 ? -1.0 : 1.0; };
  Vector3 hkl{sign(), sign(), sign()};
  if (body_centred(space_group)) hkl[random.below(3)] *= 2;
  if (!cubic) hkl[random.below(3)] *= double(random.below(2));
  const Vector3 n = unit(combine(hkl, reciprocal(cell.cell)));
  Matrix3 mirror = identity();
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) mirror[i][j] -= 2 * n[i] * n[j];
  return mirror;
}

/// Displacement of an edge dislocation along x whose line is z, in units of b.
std::array<double, 2> edge_displacement(double x, double y) {
  constexpr double nu = poisson_ratio, factor = 1 / (2 * std::numbers::pi);
  const double r2 = x * x + y * y;
  return {factor * (std::atan2(y, x) + x * y / (2 * (1 - nu) * r2)),
          -factor * ((1 - 2 * nu) / (4 * (1 - nu)) * std::log(r2) + (x * x - y * y) / (4 * (1 - nu) * r2))};
}

/// Derivatives by central differences, which the cut of atan2 does not reach.
void add_edge_gradient(double x, double y, std::array<std::array<double, 2>, 2>& gradient) {
  const double step = 1e-4 * std::max(1.0, std::hypot(x, y));
  for (std::size_t along = 0; along < 2; ++along) {
    const double dx = along == 0 ? step : 0, dy = along == 1 ? step : 0;
    const auto ahead = edge_displacement(x + dx, y + dy), behind = edge_displacement(x - dx, y - dy);
    double jump = ahead[0] - behind[0];
    jump -= std::round(jump);  // a whole Burgers vector is the cut
    gradient[0][along] += jump / (2 * step);
    gradient[1][along] += (ahead[1] - behind[1]) / (2 * step);
  }
}

/// F at a random place about the middle one of a row of dislocations `spacing` Burgers vectors apart.
Matrix3 gradient_by_dislocations(const Matrix3& axes, double spacing, double height, Random& random) {
  const double x = random.uniform(-0.5, 0.5) * spacing;
  double y = random.uniform(-0.5, 0.5) * height;
  if (std::hypot(x, y) < 0.7) y = 0.7;
  std::array<std::array<double, 2>, 2> plane{};
  for (int image = -3; image <= 3; ++image) add_edge_gradient(x - image * spacing, y, plane);
  Matrix3 gradient = identity();
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t j = 0; j < 2; ++j)
      for (std::size_t row = 0; row < 3; ++row)
        for (std::size_t column = 0; column < 3; ++column)
          gradient[row][column] += plane[i][j] * axes[i][row] * axes[j][column];
  return gradient;
}

/// Burgers vector, normal of the glide plane and line of an edge dislocation, as unit vectors.
Matrix3 dislocation_axes(int space_group, Random& random) {
  std::array<std::size_t, 3> order{0, 1, 2};
  for (std::size_t i = 2; i > 0; --i) std::swap(order[i], order[random.below(i + 1)]);
  const auto placed = [&](const Vector3& v) { return unit({v[order[0]], v[order[1]], v[order[2]]}); };
  const double sign = random.below(2) == 0 ? -1 : 1;
  const Vector3 diagonal = placed({1, 1, sign}), across = placed({1, -1, 0});
  const Vector3 b = body_centred(space_group) ? diagonal : across, n = body_centred(space_group) ? across : diagonal;
  return {b, n, cross(b, n)};
}

}  // namespace

std::string name_of(DefectClass defects) {
  switch (defects) {
    case DefectClass::none:
      return "none";
    case DefectClass::thermal:
      return "thermal";
    case DefectClass::point:
      return "point defects";
    case DefectClass::strain:
      return "strain";
    case DefectClass::twin:
      return "twin";
    case DefectClass::dislocation:
      return "dislocations";
  }
  return "";
}

std::array<double, 2> network_pixel_place(int row, int column, int side_px) {
  const double radius = nearest_px * std::pow(farthest_px / nearest_px, row / double(side_px - 1));
  const double azimuth = std::numbers::pi * column / side_px;
  return {radius * std::cos(azimuth), radius * std::sin(azimuth)};
}

std::vector<float> network_pixels(const std::vector<float>& pattern, int side_px, double depth) {
  const auto value_at = [&](double x, double y) {
    const double middle = 0.5 * (recorded_side_px - 1), left = std::floor(middle + x), top = std::floor(middle + y);
    const double fx = middle + x - left, fy = middle + y - top;
    const float* corner = &pattern[std::size_t(top) * recorded_side_px + std::size_t(left)];
    return (1 - fy) * ((1 - fx) * corner[0] + fx * corner[1]) +
           fy * ((1 - fx) * corner[recorded_side_px] + fx * corner[recorded_side_px + 1]);
  };
  std::vector<float> pixels;
  pixels.reserve(std::size_t(side_px) * std::size_t(side_px));
  for (int row = 0; row < side_px; ++row)
    for (int column = 0; column < side_px; ++column) {
      const auto [x, y] = network_pixel_place(row, column, side_px);
      pixels.push_back(float(0.5 * (value_at(x, y) + value_at(-x, -y))));
    }
  std::vector<float> outside(pixels.begin() + std::ptrdiff_t(pixels.size() / beam_rows), pixels.end());
  const std::size_t brightest = outside.size() - std::max<std::size_t>(1, outside.size() / 500);
  std::nth_element(outside.begin(), outside.begin() + std::ptrdiff_t(brightest), outside.end());
  const double reference = std::max(1e-30, double(outside[brightest])) * depth;
  const double full = 1 / std::log1p(1 / depth);
  for (float& pixel : pixels) pixel = float(std::min(1.0, full * std::log1p(std::max(0.0F, pixel) / reference)));
  return pixels;
}

PatternView draw_view(const PatternMaterial& material, Random& random) {
  PatternView view;
  view.zone = random.below(material.zones.size());
  view.energy_keV = set_energies_keV[random.below(3)];
  view.camera_length_mm = set_camera_lengths_mm[random.below(3)];
  view.in_plane_deg = random.uniform(0, 360);
  view.tilt_x_deg = 0.1 * random.normal();
  view.tilt_y_deg = 0.1 * random.normal();
  view.lattice_scale = log_uniform(random, 0.85, 1.2);
  return view;
}

RasterOptions draw_camera(const PatternView& view, Random& random) {
  RasterOptions options;
  options.camera.height_px = options.camera.width_px = recorded_side_px;
  options.camera.camera_length_mm = view.camera_length_mm;
  options.camera.half_width_mm = set_half_width_mm;
  options.camera.centre_x_px = random.uniform(-0.7, 0.7);
  options.camera.centre_y_px = random.uniform(-0.7, 0.7);
  options.spread.sigma_px = random.uniform(0.7, 1.4);
  options.electrons = log_uniform(random, 3e5, 1e8);
  options.background_share = log_uniform(random, 1e-3, 0.3);
  options.background_decay_per_A = random.uniform(0.2, 0.8);
  if (random.uniform() < 0.3) options.stop.disc_radius_mm = random.uniform(0.5, 1.5);
  if (options.stop.disc_radius_mm > 0 && random.uniform() < 0.5) {
    options.stop.bar_width_mm = random.uniform(0.5, 1.5);
    options.stop.bar_azimuth_deg = random.uniform(0, 360);
  }
  return options;
}

PatternDrawer::PatternDrawer(std::vector<PatternMaterial> materials, const PatternLooks& looks, const Options& options)
    : materials_(std::move(materials)), looks_(looks), options_(options), by_group_(recognised_groups().size() + 1) {
  const std::size_t others = recognised_groups().size();
  struct Plan {
    const PatternMaterial* material;
    bool real;
  };
  std::vector<Plan> plans;
  for (std::size_t group = 0; group <= others; ++group) {
    std::vector<const PatternMaterial*> of_group;
    for (const PatternMaterial& material : materials_)
      if (material.group == group) of_group.push_back(&material);
    const std::size_t wanted = std::size_t(options.variants) * (group == others ? 3 : 1);
    for (std::size_t i = 0; !of_group.empty() && i < std::max(wanted, of_group.size()); ++i)
      plans.push_back({of_group[i % of_group.size()], i < of_group.size()});
  }
  std::vector<std::vector<int>> looks_of(materials_.size());
  parallel_for(std::int64_t(materials_.size()), [&](std::int64_t i, int) {
    const PatternMaterial& material = materials_[std::size_t(i)];
    for (const Miller& zone : material.zones) looks_of[std::size_t(i)].push_back(look_of(looks_, material, zone));
  });
  std::vector<std::unique_ptr<Variant>> made(plans.size());
  const Random base = Random(options.seed).stream(variants_stream);
  Progress progress("materials", std::int64_t(plans.size()));
  std::mutex lock;
  parallel_for(std::int64_t(plans.size()), [&](std::int64_t i, int) {
    Random random = base.stream(std::uint64_t(i));
    const Plan& plan = plans[std::size_t(i)];
    const Structure cell =
        plan.real ? to_structure(*plan.material->crystal) : redecorated(*plan.material->crystal, random);
    made[std::size_t(i)] = std::make_unique<Variant>(variant_of(*plan.material, cell));
    made[std::size_t(i)]->looks = looks_of[std::size_t(plan.material - materials_.data())];
    const std::lock_guard<std::mutex> guard(lock);
    progress.advance();
  });
  for (auto& variant : made) by_group_[variant->material->group].push_back(std::move(*variant));
}

PatternDrawer::Variant PatternDrawer::variant_of(const PatternMaterial& material, const Structure& cell) const {
  StructureFactorOptions factors;
  const double volume = std::abs(determinant(cell.cell));
  factors.longest_per_A =
      std::min(largest_g_per_A, std::cbrt(3 * most_lattice_points / (4 * std::numbers::pi * volume)));
  return {&material, ReflectionTable(structure_factors(cell, factors)), cell, {}};
}

std::vector<PatternDrawer::Part> PatternDrawer::parts(const Variant& variant, const Matrix3& orientation,
                                                      DefectClass defects, Random& random) const {
  const int space_group = variant.material->crystal->space_group;
  const bool cubic = crystal_system(space_group) == CrystalSystem::cubic;
  if (defects == DefectClass::strain)
    return {{multiply(orientation, reciprocal_deformation(random_strain(random))), 1}};
  if (defects == DefectClass::twin) {
    const double share = random.uniform(0.2, 0.8);
    return {{orientation, share},
            {multiply(orientation, random_mirror(variant.cell, space_group, cubic, random)), 1 - share}};
  }
  if (defects == DefectClass::dislocation) {
    const Matrix3 axes = dislocation_axes(space_group, random);
    const double spacing = log_uniform(random, 8, 60), height = random.uniform(15, 50);
    std::vector<Part> parts;
    for (int i = 0; i < places_about_dislocations; ++i) {
      const Matrix3 gradient = gradient_by_dislocations(axes, spacing, height, random);
      parts.push_back({multiply(orientation, reciprocal_deformation(gradient)), 1.0 / places_about_dislocations});
    }
    return parts;
  }
  return {{orientation, 1}};
}

SpotArrays PatternDrawer::spots(const Variant& variant, const std::vector<Part>& parts, double energy_keV,
                                double sigma_A, Random& random) const {
  SpotOptions options;
  options.energy_keV = energy_keV;
  options.shape.width_per_A = log_uniform(random, 0.002, 0.012);
  options.largest_excitation_per_A = 3.5 * options.shape.width_per_A;
  SpotArrays some, all;
  const double exponent = -4 * std::numbers::pi * std::numbers::pi * sigma_A * sigma_A;
  for (const Part& part : parts) {
    variant.table.find_spots(part.matrix, options, some);
    for (std::size_t i = 0; i < some.count; ++i) {
      const double g = variant.table.g_per_A(some.reflection[i]);
      all.reflection.push_back(some.reflection[i]);
      all.x_per_A.push_back(some.x_per_A[i]);
      all.y_per_A.push_back(some.y_per_A[i]);
      all.excitation_per_A.push_back(some.excitation_per_A[i]);
      all.intensity.push_back(float(some.intensity[i] * part.share * std::exp(exponent * g * g)));
    }
  }
  all.count = all.reflection.size();
  return all;
}

DrawnPattern PatternDrawer::draw(std::int64_t number) const {
  Random random = Random(options_.seed).stream(std::uint64_t(number));
  std::size_t group = random.below(by_group_.size());
  while (by_group_[group].empty()) group = random.below(by_group_.size());
  const Variant& variant = by_group_[group][random.below(by_group_[group].size())];
  const PatternView view = draw_view(*variant.material, random);
  const DefectClass defects =
      options_.defects ? all_defect_classes[random.below(all_defect_classes.size())] : DefectClass::none;
  Matrix3 orientation = orientation_matrix(
      variant.cell, {variant.material->zones[view.zone], view.tilt_x_deg, view.tilt_y_deg, view.in_plane_deg});
  for (Vector3& row : orientation) row = scaled(row, 1 / view.lattice_scale);
  double sigma = 0;
  if (options_.defects) sigma = defects == DefectClass::thermal ? random.uniform(0.02, 0.14) : random.uniform(0, 0.1);
  const SpotArrays list = spots(variant, parts(variant, orientation, defects, random), view.energy_keV, sigma, random);
  std::vector<float> pattern;
  PatternRaster(draw_camera(view, random), view.energy_keV).draw(list, random, pattern);
  return {network_pixels(pattern, options_.side_px, log_uniform(random, 2e-4, 5e-3)), variant.looks[view.zone], group};
}

std::vector<std::vector<double>> PatternDrawer::look_shares() const {
  std::vector<std::vector<double>> shares(by_group_.size(), std::vector<double>(looks_.size() + 1, 0));
  for (std::size_t group = 0; group < by_group_.size(); ++group)
    for (const Variant& variant : by_group_[group])
      for (const int look : variant.looks)
        shares[group][std::size_t(look)] += 1.0 / double(variant.looks.size() * by_group_[group].size());
  return shares;
}

}  // namespace colonnade
