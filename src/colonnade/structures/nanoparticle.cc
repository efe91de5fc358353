// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/nanoparticle.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/core/units.h"
#include "colonnade/structures/alloy.h"
#include "colonnade/structures/crystal.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/matrix3.h"
#include "colonnade/structures/neighbours.h"

namespace colonnade {
namespace {

constexpr double largest_diameter_nm = 50, smallest_diameter_nm = 0.5;
// Beyond these the {100} planes cut off all {111} facets, or reach nowhere.
constexpr double cube_ratio = 1 / std::numbers::sqrt3, octahedron_ratio = std::numbers::sqrt3;

/// A convex shape around the origin as a gauge: gauge(point) <= 1 inside the shape, and gauge(s * point) = s *
/// gauge(point).
class Shape {
 public:
  explicit Shape(const NanoparticleOptions& options)
      : sphere_(options.shape == "sphere"), ratio_(std::clamp(options.surface_ratio, cube_ratio, octahedron_ratio)) {
    const double radius = options.diameter_nm * angstrom_per_nm / 2;
    volume_ = 4 * std::numbers::pi / 3 * radius * radius * radius;
    size_ = sphere_ ? radius : std::cbrt(volume_ / truncated_octahedron_volume());
  }

  double volume() const { return volume_; }
  double gauge(const Vector3& p) const {
    if (sphere_) return length(p) / size_;
    const Vector3 size{std::abs(p[0]), std::abs(p[1]), std::abs(p[2])};
    const double to_111 = (size[0] + size[1] + size[2]) / std::numbers::sqrt3;
    const double to_100 = std::max({size[0], size[1], size[2]}) / ratio_;
    return std::max(to_111, to_100) / size_;
  }
  /// Half the side of the cube around the shape.
  double reach() const { return sphere_ ? size_ : size_ * ratio_; }

 private:
  /// With {111} planes at distance 1 and {100} planes at the ratio: the octahedron |x| + |y| + |z| < sqrt 3, less its
  /// six corners, plus the twelve wedges where those overlap.
  double truncated_octahedron_volume() const {
    const double corner = std::numbers::sqrt3, cut = corner - ratio_, overlap = std::max(0.0, corner - 2 * ratio_);
    return 4.0 / 3 * std::pow(corner, 3) - 4 * std::pow(cut, 3) + 4 * std::pow(overlap, 3);
  }

  bool sphere_;
  double ratio_, volume_ = 0, size_ = 0;
};

/// Largest gauge value to keep so that the number of atoms is nearest to the wanted one. Atoms of equal gauge (a facet)
/// stay together.
double cut_for(std::vector<double> gauges, double wanted) {
  std::sort(gauges.begin(), gauges.end());
  double best = 0, best_miss = std::numeric_limits<double>::infinity();
  for (std::size_t kept = 1; kept <= gauges.size(); ++kept) {
    const double last = gauges[kept - 1], next = kept < gauges.size() ? gauges[kept] : last + 1;
    const double miss = std::abs(static_cast<double>(kept) - wanted);
    if (next - last < 1e-9 || miss >= best_miss) continue;
    best = (last + next) / 2;
    best_miss = miss;
  }
  return best;
}

/// Sites of an fcc crystal inside the shape, the crystal's origin at a random point of the cell.
Structure cut_from_fcc(const Shape& shape, double lattice, Random& random) {
  Structure crystal = cubic_crystal("fcc", "Pt", lattice);
  const Vector3 origin{random.uniform() * lattice, random.uniform() * lattice, random.uniform() * lattice};
  // Somewhat larger than the shape, from which the surplus is then cut away facet by facet.
  const double reach = 1.1 * shape.reach() + lattice;
  const int cells = static_cast<int>(std::ceil(reach / lattice)) + 1;
  Structure cut;
  std::vector<double> gauges;
  for (int a = -cells; a <= cells; ++a) {
    for (int b = -cells; b <= cells; ++b) {
      for (int c = -cells; c <= cells; ++c) {
        for (const Atom& atom : crystal.atoms) {
          const Vector3 p{a * lattice + origin[0] + atom.position.x, b * lattice + origin[1] + atom.position.y,
                          c * lattice + origin[2] + atom.position.z};
          const double gauge = shape.gauge(p);
          if (gauge > reach / shape.reach()) continue;
          cut.atoms.push_back({atom.number, {p[0], p[1], p[2]}});
          gauges.push_back(gauge);
        }
      }
    }
  }
  const double limit = cut_for(gauges, shape.volume() * 4 / (lattice * lattice * lattice));
  std::size_t kept = 0;
  for (std::size_t i = 0; i < gauges.size(); ++i) {
    if (gauges[i] < limit) cut.atoms[kept++] = cut.atoms[i];
  }
  cut.atoms.resize(kept);
  return cut;
}

void keep_only(Structure& structure, const std::vector<bool>& keep) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < keep.size(); ++i) {
    if (keep[i]) structure.atoms[kept++] = structure.atoms[i];
  }
  structure.atoms.resize(kept);
}

void drop_loose_atoms(Structure& structure, double neighbour_A) {
  for (bool dropped = true; dropped;) {
    const NeighbourList neighbours(structure, neighbour_A);
    std::vector<bool> keep(neighbours.size());
    for (std::size_t i = 0; i < keep.size(); ++i) keep[i] = neighbours.of(i).size() >= 3;
    dropped = std::find(keep.begin(), keep.end(), false) != keep.end();
    keep_only(structure, keep);
  }
}

void roughen(Structure& structure, double roughness, double neighbour_A, Random& random) {
  if (roughness <= 0) return;
  const NeighbourList neighbours(structure, neighbour_A);
  std::vector<std::size_t> surface;
  for (std::size_t i = 0; i < neighbours.size(); ++i) {
    if (neighbours.of(i).size() < 12) surface.push_back(i);
  }
  random.shuffle(surface);
  surface.resize(static_cast<std::size_t>(std::llround(roughness * static_cast<double>(surface.size()))));
  std::vector<bool> keep(structure.atoms.size(), true);
  for (const std::size_t i : surface) keep[i] = false;
  keep_only(structure, keep);
  drop_loose_atoms(structure, neighbour_A);
}

Position mean_position(const Structure& structure) {
  Position mean;
  for (const Atom& atom : structure.atoms) {
    mean.x += atom.position.x;
    mean.y += atom.position.y;
    mean.z += atom.position.z;
  }
  const auto count = static_cast<double>(structure.atoms.size());
  return {mean.x / count, mean.y / count, mean.z / count};
}

/// How far from the mean position, in the projection, the particle reaches in a direction: the farthest atom within a
/// strip around the ray, as narrow as finds one.
double rim_distance(const Structure& particle, const Position& centre, double cosine, double sine) {
  for (double half_width = 2; half_width < 1e6; half_width *= 2) {
    double farthest = 0;
    for (const Atom& atom : particle.atoms) {
      const double x = atom.position.x - centre.x, y = atom.position.y - centre.y;
      if (std::abs(y * cosine - x * sine) <= half_width) farthest = std::max(farthest, x * cosine + y * sine);
    }
    if (farthest > 0) return farthest;
  }
  return 0;
}

nlohmann::json options_json(NanoparticleOptions options) {
  OptionTable table;
  options.describe(table);
  return table.to_json();
}

}  // namespace

void NanoparticleOptions::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section.empty() ? "" : section + ".";
  table.add(prefix + "elements", &elements, "", "elements of the particle, in the order of all outputs");
  table.add(prefix + "fractions", &fractions, "", "atomic fractions in that order, adding up to 1; none: equal");
  table.add(prefix + "lattice", &lattice_A, "A", "fcc lattice parameter; 0: by Vegard's law from the elements' radii");
  table.add(prefix + "shape", &shape, "", "sphere or truncated_octahedron (the equilibrium shape of fcc metals)");
  table.add(prefix + "diameter", &diameter_nm, "nm", "diameter of the sphere of the same volume");
  table.add(prefix + "surface_ratio", &surface_ratio, "",
            "surface energy of {100} over that of {111}: 0.577 a cube, 1.732 an octahedron");
  table.add(prefix + "roughness", &roughness, "", "fraction of the surface atoms that is taken away at random");
  table.add(prefix + "zone_axis", &zone_axis, "", "crystal direction along the beam, such as 110 or 1-10");
  table.add(prefix + "rotation", &rotation_deg, "deg", "rotation about the beam");
  table.add(prefix + "aggregation", &aggregation, "", "clustering of like atoms: 0 random, towards 1 separated");
}

void NanoparticleOptions::check() const {
  const std::vector<std::string> checked = checked_elements(elements);
  checked_fractions(checked, fractions);
  if (lattice_A != 0 && !(lattice_A >= 2 && lattice_A <= 10)) {
    fail("lattice parameter {} A is not in 2 to 10: fcc metals have 3.5 to 6 (0: computed from the elements)",
         lattice_A);
  }
  if (shape != "sphere" && shape != "truncated_octahedron") {
    fail("unknown shape '{}': there are sphere and truncated_octahedron", shape);
  }
  if (!(diameter_nm >= smallest_diameter_nm && diameter_nm <= largest_diameter_nm)) {
    fail("diameter {} nm is not in {} to {} nm", diameter_nm, smallest_diameter_nm, largest_diameter_nm);
  }
  if (!(surface_ratio > 0.5 && surface_ratio < 2)) fail("surface_ratio {} is not in 0.5 to 2", surface_ratio);
  if (!(roughness >= 0 && roughness <= 0.9)) fail("roughness {} is not in 0 to 0.9", roughness);
  if (!(aggregation >= 0 && aggregation < 1)) fail("aggregation {} is not in 0 (random) to below 1", aggregation);
  if (!std::isfinite(rotation_deg)) fail("rotation {} is not an angle in degrees", rotation_deg);
  parse_zone_axis(zone_axis);
}

double lattice_of(const NanoparticleOptions& options) {
  return options.lattice_A > 0 ? options.lattice_A : vegard_fcc_lattice(options.elements, options.fractions);
}

double fcc_neighbour_distance(double lattice_A) { return lattice_A * (1 + 1 / std::numbers::sqrt2) / 2; }

Structure make_nanoparticle(const NanoparticleOptions& options, Random& random) {
  options.check();
  const double lattice = lattice_of(options), neighbour_A = fcc_neighbour_distance(lattice);
  Structure particle = cut_from_fcc(Shape(options), lattice, random);
  roughen(particle, options.roughness, neighbour_A, random);
  if (particle.atoms.empty()) {
    fail("nothing is left of a particle of {} nm with roughness {}", options.diameter_nm, options.roughness);
  }
  occupy_at_random(particle, options.elements, options.fractions, random);
  const double like = aggregate(particle, options.aggregation, neighbour_A, random);
  const double by_chance = random_like_fraction(particle);
  const double asked = by_chance + options.aggregation * (1 - by_chance);
  if (options.aggregation > 0 && like < asked - 0.05) {
    warn("aggregation {} asks for {:.2f} of the neighbours to be alike; a particle of {} atoms reached {:.2f}",
         options.aggregation, asked, particle.atoms.size(), like);
  }
  const Position mean = mean_position(particle);
  translate(particle, {-mean.x, -mean.y, -mean.z});
  const Structure crystal = cubic_crystal("fcc", options.elements.front(), lattice);
  const Matrix3 upright = zone_axis_rotation(crystal, parse_zone_axis(options.zone_axis));
  rotate(particle, multiply(rotation_about_z(options.rotation_deg), upright));
  particle.metadata["options"] = options_json(options);
  particle.metadata["lattice_A"] = lattice;
  particle.metadata["like_neighbours"] = like;
  return particle;
}

Structure view_of(const Structure& particle, double field_A, double offset, double margin_A, Random& random) {
  if (particle.atoms.empty()) fail("the particle to look at has no atoms");
  if (!(field_A > 0) || !std::isfinite(field_A)) fail("a field of view of {} A is not positive", field_A);
  if (!(offset >= 0 && offset <= 1)) fail("the view's offset {} is not in 0 (centre) to 1 (edge)", offset);
  if (!(margin_A >= 0) || !std::isfinite(margin_A)) fail("a margin of {} A around the field is negative", margin_A);
  const double angle = random.uniform() * 2 * std::numbers::pi;
  const double cosine = std::cos(angle), sine = std::sin(angle);
  const Position centre = mean_position(particle);
  const double distance = offset * rim_distance(particle, centre, cosine, sine);
  Structure view = particle;
  view.cell = {};
  view.periodic = {false, false, false};
  translate(view, {field_A / 2 - centre.x - distance * cosine, field_A / 2 - centre.y - distance * sine, 0});
  std::erase_if(view.atoms, [&](const Atom& atom) {
    const Position& p = atom.position;
    return std::min(p.x, p.y) < -margin_A || std::max(p.x, p.y) > field_A + margin_A;
  });
  if (view.atoms.empty())
    fail("no atom lies in a field of view of {} A at offset {}: take a larger one", field_A, offset);
  translate(view, {0, 0, -bounds(view).low.z});
  view.metadata["view"] = {{"field_A", field_A}, {"offset", offset}, {"angle_deg", angle * 180 / std::numbers::pi}};
  return view;
}

}  // namespace colonnade
