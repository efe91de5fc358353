// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/neighbours.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/structures/matrix3.h"

namespace colonnade {
namespace {

/// An atom, or the periodic image of one.
struct Site {
  Vector3 position{};
  std::int32_t atom = 0;
};

std::vector<Site> sites_of(const Structure& structure) {
  std::vector<Site> sites;
  for (const Atom& atom : structure.atoms) {
    const Position& p = atom.position;
    if (!std::isfinite(p.x + p.y + p.z)) fail("atom {} has a position that is not finite", sites.size() + 1);
    sites.push_back({{p.x, p.y, p.z}, static_cast<std::int32_t>(sites.size())});
  }
  return sites;
}

/// What the atoms span in fractions of the cell, widened by the cutoff.
struct Span {
  Vector3 low, high;

  Span(const std::vector<Site>& sites, const Matrix3& planes, double cutoff) {
    for (std::size_t k = 0; k < 3; ++k) {
      low[k] = high[k] = dot(planes[k], sites.front().position);
      for (const Site& site : sites) {
        low[k] = std::min(low[k], dot(planes[k], site.position));
        high[k] = std::max(high[k], dot(planes[k], site.position));
      }
      low[k] -= cutoff * length(planes[k]);
      high[k] += cutoff * length(planes[k]);
    }
  }
  bool holds(const Vector3& fraction) const {
    bool inside = true;
    for (std::size_t k = 0; k < 3; ++k) inside = inside && fraction[k] >= low[k] && fraction[k] <= high[k];
    return inside;
  }
};

/// The real atoms in their order, then every image that lies within the cutoff of the box around the atoms.
std::vector<Site> sites_with_images(const Structure& structure, double cutoff) {
  std::vector<Site> sites = sites_of(structure);
  const auto& periodic = structure.periodic;
  if (sites.empty() || (!periodic[0] && !periodic[1] && !periodic[2])) return sites;
  require_cell(structure);
  const Matrix3 planes = reciprocal(structure.cell);
  const Span span(sites, planes, cutoff);
  std::array<int, 3> shells{};
  for (std::size_t k = 0; k < 3; ++k) {
    const double reach = std::ceil(span.high[k] - span.low[k]);
    if (periodic[k] && reach > 1000)
      fail("atoms or the cutoff of {} A reach over more than 1000 periodic cells", cutoff);
    shells[k] = periodic[k] ? static_cast<int>(reach) : 0;
  }
  const std::size_t count = sites.size();
  const auto add_images = [&](const Vector3& shift) {
    const Vector3 moved = combine(shift, structure.cell);
    for (std::size_t i = 0; i < count; ++i) {
      Site image = sites[i];
      for (std::size_t k = 0; k < 3; ++k) image.position[k] += moved[k];
      if (span.holds(multiply(planes, image.position))) sites.push_back(image);
    }
  };
  for (int a = -shells[0]; a <= shells[0]; ++a) {
    for (int b = -shells[1]; b <= shells[1]; ++b) {
      for (int c = -shells[2]; c <= shells[2]; ++c) {
        if (a != 0 || b != 0 || c != 0) add_images({double(a), double(b), double(c)});
      }
    }
  }
  return sites;
}

/// Boxes at least as wide as the cutoff, sorted by counting.
class Boxes {
 public:
  Boxes(const std::vector<Site>& sites, double cutoff) : sites_(sites) {
    low_ = sites.front().position;
    Vector3 high = low_;
    for (const Site& site : sites) {
      for (std::size_t k = 0; k < 3; ++k) {
        low_[k] = std::min(low_[k], site.position[k]);
        high[k] = std::max(high[k], site.position[k]);
      }
    }
    // No more boxes than atoms need, however far apart the atoms are.
    const double most = 2 * std::cbrt(static_cast<double>(sites.size())) + 1;
    for (std::size_t k = 0; k < 3; ++k) {
      width_[k] = std::max(cutoff, (high[k] - low_[k]) / most);
      count_[k] = static_cast<int>((high[k] - low_[k]) / width_[k]) + 1;
    }
    begin_.assign(static_cast<std::size_t>(count_[0]) * count_[1] * count_[2] + 1, 0);
    for (const Site& site : sites) ++begin_[flat(box_of(site.position)) + 1];
    for (std::size_t i = 1; i < begin_.size(); ++i) begin_[i] += begin_[i - 1];
    members_.resize(sites.size());
    std::vector<std::size_t> next(begin_.begin(), begin_.end() - 1);
    for (std::size_t i = 0; i < sites.size(); ++i) members_[next[flat(box_of(sites[i].position))]++] = i;
  }

  /// Calls visit(index of site) for the sites in the box of a position and the 26 around it.
  template <class Visit>
  void around(const Vector3& position, const Visit& visit) const {
    const auto middle = box_of(position);
    std::array<int, 3> low{}, high{};
    for (std::size_t k = 0; k < 3; ++k) {
      low[k] = std::max(middle[k] - 1, 0);
      high[k] = std::min(middle[k] + 1, count_[k] - 1);
    }
    for (int x = low[0]; x <= high[0]; ++x) {
      for (int y = low[1]; y <= high[1]; ++y) {
        const std::size_t first = begin_[flat({x, y, low[2]})], last = begin_[flat({x, y, high[2]}) + 1];
        for (std::size_t m = first; m < last; ++m) visit(members_[m]);
      }
    }
  }

 private:
  std::array<int, 3> box_of(const Vector3& p) const {
    std::array<int, 3> box{};
    for (std::size_t k = 0; k < 3; ++k) {
      box[k] = std::clamp(static_cast<int>((p[k] - low_[k]) / width_[k]), 0, count_[k] - 1);
    }
    return box;
  }
  std::size_t flat(const std::array<int, 3>& box) const {
    return (static_cast<std::size_t>(box[0]) * count_[1] + box[1]) * count_[2] + box[2];
  }

  const std::vector<Site>& sites_;
  Vector3 low_{}, width_{};
  std::array<int, 3> count_{};
  std::vector<std::size_t> begin_, members_;
};

}  // namespace

NeighbourList::NeighbourList(const Structure& structure, double cutoff_A) {
  if (!(cutoff_A > 0) || !std::isfinite(cutoff_A)) fail("a neighbour distance of {} A is not positive", cutoff_A);
  begin_.assign(1, 0);
  const std::vector<Site> sites = sites_with_images(structure, cutoff_A);
  if (sites.empty()) return;
  const Boxes boxes(sites, cutoff_A);
  for (std::size_t i = 0; i < structure.atoms.size(); ++i) {
    const Vector3& here = sites[i].position;
    boxes.around(here, [&](std::size_t j) {
      const Vector3& there = sites[j].position;
      const Vector3 d{there[0] - here[0], there[1] - here[1], there[2] - here[2]};
      if (j != i && dot(d, d) < cutoff_A * cutoff_A) indices_.push_back(sites[j].atom);
    });
    std::sort(indices_.begin() + static_cast<std::ptrdiff_t>(begin_.back()), indices_.end());
    begin_.push_back(indices_.size());
  }
}

}  // namespace colonnade
