// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/diffraction/zone_net.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "colonnade/core/error.h"

namespace colonnade {

namespace {

constexpr int largest_index = 24;  // of a reflection that is looked at: enough for zones up to 4 and screws of 6

double length_of(const Vector2& point) { return std::sqrt(point[0] * point[0] + point[1] * point[1]); }

Vector2 turned(const Vector2& point, double cosine, double sine, bool mirror) {
  const double y = mirror ? -point[1] : point[1];
  return {cosine * point[0] - sine * y, sine * point[0] + cosine * y};
}

/// Two reflections that span the zone's net, shorter ones first.
std::pair<Miller, Miller> basis_of(const Matrix3& star, const Miller& zone) {
  std::vector<std::pair<double, Miller>> in_zone;
  constexpr int reach = 6;
  for (int h = -reach; h <= reach; ++h)
    for (int k = -reach; k <= reach; ++k)
      for (int l = -reach; l <= reach; ++l)
        if ((h || k || l) && h * zone[0] + k * zone[1] + l * zone[2] == 0)
          in_zone.push_back({length(combine({double(h), double(k), double(l)}, star)), {h, k, l}});
  std::sort(in_zone.begin(), in_zone.end());
  const Vector3 first =
      combine({double(in_zone[0].second[0]), double(in_zone[0].second[1]), double(in_zone[0].second[2])}, star);
  for (const auto& [size, hkl] : in_zone) {
    const Vector3 g = combine({double(hkl[0]), double(hkl[1]), double(hkl[2])}, star);
    if (length(cross(first, g)) > 1e-6 * length(first) * size) return {in_zone[0].second, hkl};
  }
  fail("no plane of reflections belongs to the zone [{} {} {}]", zone[0], zone[1], zone[2]);
}

bool covers(const ZoneNet& net, const ZoneNet& other, double cosine, double sine, bool mirror, double tolerance) {
  for (const Vector2& point : net.points) {
    const double size = length_of(point);
    if (size > ZoneNet::reach * (1 - 2 * tolerance)) continue;  // its partner may lie beyond the other's end
    const Vector2 at = turned(point, cosine, sine, mirror);
    const bool found = std::any_of(other.points.begin(), other.points.end(), [&](const Vector2& candidate) {
      return length_of({candidate[0] - at[0], candidate[1] - at[1]}) < tolerance * size;
    });
    if (!found) return false;
  }
  return true;
}

}  // namespace

ZoneNet zone_net(const Matrix3& cell, const std::vector<SymmetryOperation>& operations, const Miller& zone) {
  if (zone == Miller{0, 0, 0}) fail("[0 0 0] is no zone axis");
  const Matrix3 star = reciprocal(cell);
  const auto [first, second] = basis_of(star, zone);
  const auto vector_of = [&](const Miller& hkl) {
    return combine({double(hkl[0]), double(hkl[1]), double(hkl[2])}, star);
  };
  const Vector3 along = scaled(vector_of(first), 1 / length(vector_of(first)));
  const Vector3 normal = cross(vector_of(first), vector_of(second));
  const Vector3 across = scaled(cross(normal, along), 1 / length(normal));
  std::vector<Vector2> allowed;
  for (int m = -largest_index; m <= largest_index; ++m)
    for (int n = -largest_index; n <= largest_index; ++n) {
      const Miller hkl{m * first[0] + n * second[0], m * first[1] + n * second[1], m * first[2] + n * second[2]};
      if (hkl == Miller{0, 0, 0} || is_forbidden(hkl, operations)) continue;
      const Vector3 g = vector_of(hkl);
      allowed.push_back({dot(g, along), dot(g, across)});
    }
  std::sort(allowed.begin(), allowed.end(),
            [](const Vector2& a, const Vector2& b) { return length_of(a) < length_of(b); });
  ZoneNet net;
  const double unit = length_of(allowed.front());
  for (const Vector2& point : allowed) {
    if (length_of(point) <= ZoneNet::reach * unit) net.points.push_back({point[0] / unit, point[1] / unit});
  }
  return net;
}

bool look_alike(const ZoneNet& a, const ZoneNet& b, double tolerance) {
  const Vector2 from = a.points.front();
  for (const Vector2& to : b.points) {
    if (length_of(to) > 1 + tolerance) break;
    for (const bool mirror : {false, true}) {
      const double angle = std::atan2(to[1], to[0]) - std::atan2(mirror ? -from[1] : from[1], from[0]);
      const double cosine = std::cos(angle), sine = std::sin(angle);
      // The inverse: of a rotation the other way round, of a rotation after a mirror the same.
      if (covers(a, b, cosine, sine, mirror, tolerance) &&
          covers(b, a, cosine, mirror ? sine : -sine, mirror, tolerance)) {
        return true;
      }
    }
  }
  return false;
}

int PatternLooks::add(const ZoneNet& net, const LookMeaning& meaning) {
  int look = find(net);
  if (look < 0) {
    look = int(nets_.size());
    nets_.push_back(net);
    meanings_.emplace_back();
  }
  meanings_[std::size_t(look)].push_back(meaning);
  return look;
}

int PatternLooks::find(const ZoneNet& net) const {
  for (std::size_t i = 0; i < nets_.size(); ++i) {
    if (look_alike(nets_[i], net)) return int(i);
  }
  return -1;
}

std::string PatternLooks::name(int look) const {
  std::string text;
  for (const LookMeaning& meaning : meanings(look)) {
    text += fmt::format("{}{}[{}]", text.empty() ? "" : " ", meaning.space_group, fmt::join(meaning.zone, ""));
  }
  return text;
}

}  // namespace colonnade
