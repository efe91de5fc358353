// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/lattice_fit.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <set>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

// The next column along a lattice vector is looked for within this fraction of the shorter vector of where it should
// be; a chain of columns belongs to a site, and a column to its place, within this fraction.
constexpr double step_tolerance = 0.2, site_tolerance = 0.2;
constexpr std::size_t least_columns = 9, least_chain = 6;
constexpr double least_share = 1.0 / 3, least_site_share = 0.03;
constexpr int tiles = 5;  ///< across and down, for the error
constexpr double tukey = 4.685;
constexpr int rounds = 15;

double length(const Point& p) { return std::hypot(p.x, p.y); }
double cross(const Point& p, const Point& q) { return p.x * q.y - p.y * q.x; }

/// As fractions of the vectors.
Point fractions(const LatticeBasis& basis, const Point& p) {
  const double area = cross(basis.a, basis.b);
  return {cross(p, basis.b) / area, cross(basis.a, p) / area};
}

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Columns that lattice vectors join, one to the next.
struct Chain {
  std::vector<int> members;
};

class Indexer {
 public:
  Indexer(const std::vector<Column>& columns, const LatticeBasis& basis)
      : basis_(basis), grid_(points_of(columns), length(basis.a)), index_(columns.size()), chain_(columns.size(), -1) {}

  std::vector<LatticeIndex> run(std::vector<Chain>& chains) {
    const int count = int(index_.size());
    for (int seed = 0; seed < count; ++seed) {
      if (chain_[seed] >= 0) continue;
      chains.push_back(walk(seed, int(chains.size())));
    }
    return index_;
  }

 private:
  static std::vector<Point> points_of(const std::vector<Column>& columns) {
    std::vector<Point> points;
    for (const Column& column : columns) points.push_back({column.x_px, column.y_px});
    return points;
  }

  Chain walk(int seed, int number) {
    Chain chain;
    std::deque<int> open{seed};
    index_[seed] = {0, 0, number};
    chain_[seed] = number;
    std::set<std::pair<int, int>> taken{{0, 0}};
    const double reach = step_tolerance * length(basis_.a);
    while (!open.empty()) {
      const int from = open.front();
      open.pop_front();
      chain.members.push_back(from);
      const Point at = grid_.points()[from];
      for (const auto& [di, dj] : {std::pair{1, 0}, {-1, 0}, {0, 1}, {0, -1}}) {
        const Point wanted{at.x + di * basis_.a.x + dj * basis_.b.x, at.y + di * basis_.a.y + dj * basis_.b.y};
        const int next = grid_.nearest(wanted, reach);
        if (next < 0 || chain_[next] >= 0) continue;
        const LatticeIndex index{index_[from].i + di, index_[from].j + dj, number};
        if (!taken.insert({index.i, index.j}).second) continue;
        index_[next] = index;
        chain_[next] = number;
        open.push_back(next);
      }
    }
    return chain;
  }

  LatticeBasis basis_;
  PointGrid grid_;
  std::vector<LatticeIndex> index_;
  std::vector<int> chain_;
};

/// Positions = site + i a + j b for the columns with a site, by iteratively reweighted least squares (Tukey's
/// biweight).
class Solver {
 public:
  Solver(const std::vector<Column>& columns, LatticeFit& fit) : columns_(columns), fit_(fit) {}

  void solve(int sites) {
    sites_ = sites;
    weight_.assign(columns_.size(), 1);
    for (int round = 0; round < rounds; ++round) {
      least_squares();
      reweight();
    }
    least_squares();
    finish();
  }

 private:
  Eigen::VectorXd row(const LatticeIndex& index) const {
    Eigen::VectorXd row = Eigen::VectorXd::Zero(sites_ + 2);
    row[index.site] = 1;
    row[sites_] = index.i;
    row[sites_ + 1] = index.j;
    return row;
  }

  void least_squares() {
    normal_ = Eigen::MatrixXd::Zero(sites_ + 2, sites_ + 2);
    Eigen::MatrixXd right = Eigen::MatrixXd::Zero(sites_ + 2, 2);
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      if (fit_.index[k].site < 0 || weight_[k] == 0) continue;
      const Eigen::VectorXd line = row(fit_.index[k]);
      normal_ += weight_[k] * line * line.transpose();
      right.col(0) += weight_[k] * columns_[k].x_px * line;
      right.col(1) += weight_[k] * columns_[k].y_px * line;
    }
    solution_ = normal_.ldlt().solve(right);
  }

  Point residual(std::size_t k) const {
    const Eigen::VectorXd line = row(fit_.index[k]);
    return {columns_[k].x_px - line.dot(solution_.col(0)), columns_[k].y_px - line.dot(solution_.col(1))};
  }

  void reweight() {
    std::vector<double> distances;
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      if (fit_.index[k].site >= 0) distances.push_back(length(residual(k)));
    }
    // Of two normal errors the median distance is 1.1774 deviations.
    const double scale = std::max(1e-4, median_of(distances) / 1.1774);
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      if (fit_.index[k].site < 0) continue;
      const double off = length(residual(k)) / (tukey * scale);
      weight_[k] = off < 1 ? std::pow(1 - off * off, 2) : 0;
    }
  }

  void finish() {
    fit_.basis = {{solution_(sites_, 0), solution_(sites_, 1)}, {solution_(sites_ + 1, 0), solution_(sites_ + 1, 1)}};
    fit_.origin = {solution_(0, 0), solution_(0, 1)};
    fit_.sites.clear();
    for (int s = 0; s < sites_; ++s) {
      fit_.sites.push_back({solution_(s, 0) - fit_.origin.x, solution_(s, 1) - fit_.origin.y});
    }
    double squares = 0;
    fit_.used = 0;
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      if (fit_.index[k].site < 0 || weight_[k] == 0) continue;
      const Point off = residual(k);
      squares += 0.5 * (off.x * off.x + off.y * off.y);
      ++fit_.used;
    }
    fit_.rms_px = std::sqrt(squares / double(std::max<std::size_t>(fit_.used, 1)));
    set_covariance();
  }

  /// The sandwich over tiles: (X'WX)^-1 (sum over tiles of s s') (X'WX)^-1 with s the tile's sum of weighted residuals
  /// times rows, scaled by tiles/(tiles - 1).
  void set_covariance() {
    const int size = sites_ + 2;
    double right = 0, bottom = 0;
    for (const Column& column : columns_) right = std::max(right, column.x_px), bottom = std::max(bottom, column.y_px);
    std::map<int, Eigen::VectorXd> sums;
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      if (fit_.index[k].site < 0 || weight_[k] == 0) continue;
      const int tx = std::clamp(int(tiles * columns_[k].x_px / (right + 1)), 0, tiles - 1),
                ty = std::clamp(int(tiles * columns_[k].y_px / (bottom + 1)), 0, tiles - 1);
      auto& sum = sums.try_emplace(ty * tiles + tx, Eigen::VectorXd::Zero(2 * size)).first->second;
      const Eigen::VectorXd line = row(fit_.index[k]);
      const Point off = residual(k);
      sum.head(size) += weight_[k] * off.x * line;
      sum.tail(size) += weight_[k] * off.y * line;
    }
    const Eigen::MatrixXd inverse = normal_.inverse();
    Eigen::MatrixXd both = Eigen::MatrixXd::Zero(2 * size, 2 * size), meat = both;
    both.topLeftCorner(size, size) = inverse;
    both.bottomRightCorner(size, size) = inverse;
    for (const auto& [tile, sum] : sums) meat += sum * sum.transpose();
    const auto many = double(sums.size());
    const Eigen::MatrixXd covariance = both * meat * both * (many > 1 ? many / (many - 1) : 1);
    const int order[4] = {sites_, size + sites_, sites_ + 1, size + sites_ + 1};  // ax, ay, bx, by
    for (int p = 0; p < 4; ++p) {
      for (int q = 0; q < 4; ++q) fit_.covariance[p][q] = covariance(order[p], order[q]);
    }
  }

  const std::vector<Column>& columns_;
  LatticeFit& fit_;
  int sites_ = 1;
  std::vector<double> weight_;
  Eigen::MatrixXd normal_, solution_;
};

/// Mean place of a chain's origin, by the basis as it is.
Point chain_origin(const std::vector<Column>& columns, const std::vector<LatticeIndex>& walked, const Chain& chain,
                   const LatticeBasis& basis) {
  std::vector<double> x, y;
  for (const int k : chain.members) {
    x.push_back(columns[k].x_px - walked[k].i * basis.a.x - walked[k].j * basis.b.x);
    y.push_back(columns[k].y_px - walked[k].i * basis.a.y - walked[k].j * basis.b.y);
  }
  return {median_of(x), median_of(y)};
}

/// Where one chain has columns near another's, how it lies to it there (distortion is then the same for both).
Point relative_origin(const std::vector<Column>& columns, const LatticeFit& fit,
                      const std::vector<LatticeIndex>& walked, const Chain& chain, const PointGrid& grid) {
  const LatticeBasis& basis = fit.basis;
  const double reach = 1.5 * (length(basis.a) + length(basis.b));
  std::vector<double> x, y;
  for (const int k : chain.members) {
    int nearest = -1;
    double best = reach;
    for (const int other : grid.within({columns[k].x_px, columns[k].y_px}, reach)) {
      if (fit.index[other].site != 0) continue;
      const double apart = std::hypot(columns[other].x_px - columns[k].x_px, columns[other].y_px - columns[k].y_px);
      if (apart < best) best = apart, nearest = other;
    }
    if (nearest < 0) continue;
    const int i = walked[k].i - fit.index[nearest].i, j = walked[k].j - fit.index[nearest].j;
    x.push_back(columns[k].x_px - columns[nearest].x_px - i * basis.a.x - j * basis.b.x);
    y.push_back(columns[k].y_px - columns[nearest].y_px - i * basis.a.y - j * basis.b.y);
  }
  if (x.size() >= 3) return {median_of(x), median_of(y)};
  const Point far = chain_origin(columns, walked, chain, basis);
  return {far.x - fit.origin.x, far.y - fit.origin.y};
}

/// Gives the chain's columns a site: one there is, or a new one.
void join(const std::vector<Column>& columns, const std::vector<LatticeIndex>& walked, const Chain& chain,
          const PointGrid& grid, std::size_t enough, LatticeFit& fit) {
  const Point offset = relative_origin(columns, fit, walked, chain, grid);
  for (std::size_t s = 0; s <= fit.sites.size(); ++s) {
    const bool is_new = s == fit.sites.size();
    if (is_new && chain.members.size() < enough) return;
    if (is_new) {
      const Point f = fractions(fit.basis, offset);
      const double u = f.x - std::floor(f.x), v = f.y - std::floor(f.y);
      fit.sites.push_back({u * fit.basis.a.x + v * fit.basis.b.x, u * fit.basis.a.y + v * fit.basis.b.y});
    }
    const Point f = fractions(fit.basis, {offset.x - fit.sites[s].x, offset.y - fit.sites[s].y});
    const int i = int(std::lround(f.x)), j = int(std::lround(f.y));
    const Point off{(f.x - i) * fit.basis.a.x + (f.y - j) * fit.basis.b.x,
                    (f.x - i) * fit.basis.a.y + (f.y - j) * fit.basis.b.y};
    if (length(off) > site_tolerance * length(fit.basis.a)) continue;
    for (const int k : chain.members) fit.index[k] = {walked[k].i + i, walked[k].j + j, int(s)};
    return;
  }
}

}  // namespace

LatticeBasis reduced(LatticeBasis basis) {
  for (int pass = 0; pass < 100; ++pass) {
    if (length(basis.a) > length(basis.b)) std::swap(basis.a, basis.b);
    const double along = (basis.a.x * basis.b.x + basis.a.y * basis.b.y) / std::pow(length(basis.a), 2);
    const double whole = std::round(along);
    if (whole == 0 || std::abs(along) < 0.5 + 1e-9) break;
    basis.b = {basis.b.x - whole * basis.a.x, basis.b.y - whole * basis.a.y};
  }
  if (cross(basis.a, basis.b) < 0) basis.b = {-basis.b.x, -basis.b.y};
  return basis;
}

Point LatticeFit::place(const LatticeIndex& at) const {
  const Point site = at.site >= 0 ? sites[at.site] : Point{};
  return {origin.x + site.x + at.i * basis.a.x + at.j * basis.b.x,
          origin.y + site.y + at.i * basis.a.y + at.j * basis.b.y};
}

LatticeFit fit_lattice(const std::vector<Column>& columns, const LatticeBasis& guess) {
  if (columns.size() < least_columns) {
    fail("{} columns are too few to fit a lattice to; {} are needed", columns.size(), least_columns);
  }
  std::vector<Chain> chains;
  const std::vector<LatticeIndex> walked = Indexer(columns, guess).run(chains);
  std::stable_sort(chains.begin(), chains.end(),
                   [](const Chain& one, const Chain& other) { return one.members.size() > other.members.size(); });
  LatticeFit fit;
  fit.basis = guess;
  fit.index.assign(columns.size(), {});
  if (chains.front().members.size() < least_columns) {
    fail("the longest chain of columns one lattice vector ({:.1f} and {:.1f} px) apart has {}; no lattice is fitted",
         length(guess.a), length(guess.b), chains.front().members.size());
  }
  for (const int k : chains.front().members) fit.index[k] = {walked[k].i, walked[k].j, 0};
  fit.sites = {{0, 0}};
  Solver solver(columns, fit);
  solver.solve(1);
  std::vector<Point> points;
  for (const Column& column : columns) points.push_back({column.x_px, column.y_px});
  const PointGrid grid(points, length(fit.basis.b));
  const std::size_t enough = std::max(least_chain, std::size_t(least_site_share * double(columns.size())));
  for (std::size_t c = 1; c < chains.size(); ++c) join(columns, walked, chains[c], grid, enough, fit);
  solver.solve(int(fit.sites.size()));
  if (double(fit.used) < least_share * double(columns.size())) {
    fail("only {} of {} columns stand on one lattice; cut the image to one crystal", fit.used, columns.size());
  }
  return fit;
}

std::optional<LatticeBasis> guess_lattice(const std::vector<Column>& columns) {
  std::vector<Point> points, differences;
  for (const Column& column : columns) points.push_back({column.x_px, column.y_px});
  if (points.size() < least_columns) return {};
  const double spacing = typical_spacing(points), near = 2.2 * spacing, alike = 0.15 * spacing;
  const PointGrid grid(points, near);
  for (const Point& p : points) {
    for (const int other : grid.within(p, near)) {
      const Point d{grid.points()[other].x - p.x, grid.points()[other].y - p.y};
      if (length(d) > 0.5 * spacing && (d.y > 0 || (d.y == 0 && d.x > 0))) differences.push_back(d);
    }
  }
  if (differences.size() < least_columns) return {};
  const PointGrid cloud(differences, alike);
  std::vector<std::size_t> shared;
  for (const Point& d : differences) shared.push_back(cloud.within(d, alike).size());
  const std::size_t most = *std::max_element(shared.begin(), shared.end());
  if (most < least_columns) return {};
  // The middle of the densest cloud around each; of those that many columns share the shortest, then the next
  // direction.
  std::optional<Point> first;
  std::vector<std::size_t> order(differences.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t i, std::size_t j) { return length(differences[i]) < length(differences[j]); });
  for (const std::size_t i : order) {
    if (shared[i] < 0.5 * double(most)) continue;
    Point middle;
    const std::vector<int> members = cloud.within(differences[i], alike);
    for (const int k : members) {
      middle.x += differences[k].x / double(members.size()), middle.y += differences[k].y / double(members.size());
    }
    if (!first) {
      first = middle;
    } else if (std::abs(cross(*first, middle)) > 0.4 * length(*first) * length(middle)) {
      return reduced({*first, middle});
    }
  }
  return {};
}

LatticeFit fit_lattice(const Image& image, const std::vector<Column>& columns) {
  const auto guess = guess_lattice(image), by_columns = guess_lattice(columns);
  if (!guess && !by_columns) fail("the image shows no lattice in two directions; give one of a crystal on a zone axis");
  if (!guess) return fit_lattice(columns, *by_columns);
  try {
    return fit_lattice(columns, *guess);
  } catch (const Error&) {
    if (!by_columns) throw;
    return fit_lattice(columns, *by_columns);
  }
}

}  // namespace colonnade
