// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/spot_figure.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/report/axis.h"
#include "colonnade/report/svg.h"

namespace colonnade {

namespace {

constexpr double margin = 12, title_size = 13, note_size = 10;
constexpr double bar_strip = 22, smallest_disc = 0.8;

struct Box {
  double left, top, right, bottom;
  bool meets(const Box& other) const {
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  }
};

struct PlacedSpot {
  const SpotFigure::Spot* spot;
  double x, y, radius;  ///< px
  Box box() const { return {x - radius, y - radius, x + radius, y + radius}; }
};

struct Frame {
  double left, top, side, px_per_unit;
};

double strongest(const SpotFigure& figure) {
  double most = 0;
  for (const auto& spot : figure.spots)
    if (!spot.beam && std::isfinite(spot.intensity)) most = std::max(most, spot.intensity);
  return most;
}

/// Sizes by how near the spots stand: where they are dense, smaller letters still find room between smaller discs.
struct Style {
  double largest_disc = 9, label_size = 10, gap = 3;
};

Style style_of(const std::vector<PlacedSpot>& spots) {
  double nearest = INFINITY;
  for (std::size_t i = 0; i < spots.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      nearest = std::min(nearest, std::hypot(spots[i].x - spots[k].x, spots[i].y - spots[k].y));
  if (nearest > 36) return {};
  return {std::clamp(0.26 * nearest, 1.5, 9.0), 7, 1};
}

/// Those within the frame, the strongest first.
std::vector<PlacedSpot> placed_spots(const SpotFigure& figure, const Frame& frame, Style& style) {
  const double most = strongest(figure);
  std::vector<PlacedSpot> spots;
  for (const auto& spot : figure.spots) {
    const bool inside = std::abs(spot.x) <= figure.half_width && std::abs(spot.y) <= figure.half_width;
    if (!inside || !(spot.beam || spot.intensity > figure.faintest * most)) continue;
    spots.push_back({&spot, frame.left + frame.side / 2 + spot.x * frame.px_per_unit,
                     frame.top + frame.side / 2 + spot.y * frame.px_per_unit, 0});
  }
  style = style_of(spots);
  for (PlacedSpot& placed : spots) {
    const double share = placed.spot->beam ? 1 : placed.spot->intensity / most;
    placed.radius = std::max(smallest_disc, style.largest_disc * std::pow(share, 0.25));
  }
  std::stable_sort(spots.begin(), spots.end(), [](const auto& a, const auto& b) {
    if (a.spot->beam != b.spot->beam) return a.spot->beam;
    return a.spot->intensity > b.spot->intensity;
  });
  return spots;
}

void draw_discs(Svg& svg, const std::vector<PlacedSpot>& spots) {
  for (const PlacedSpot& placed : spots) {
    if (placed.spot->beam) {
      svg.element("circle",
                  {{"class", "pen"},
                   {"cx", placed.x},
                   {"cy", placed.y},
                   {"r", placed.radius},
                   {"fill", "none"},
                   {"stroke", "#1c2126"},
                   {"stroke-width", "1.6"}},
                  placed.spot->hover);
    } else {
      svg.element("circle",
                  {{"class", "ink"}, {"cx", placed.x}, {"cy", placed.y}, {"r", placed.radius}, {"fill", "#1c2126"}},
                  placed.spot->hover);
    }
  }
}

/// Overbars are characters of their own without a width.
double label_width(std::string label, double size) {
  const std::string overbar = "\u0305";
  for (auto at = label.find(overbar); at != std::string::npos; at = label.find(overbar))
    label.erase(at, overbar.size());
  return text_width(label, size);
}

/// A free place for a label beside its spot: below, above, right or left. False: none.
bool find_place(const PlacedSpot& placed, const Style& style, const Box& paper, const std::vector<Box>& taken,
                Box& box) {
  const double width = label_width(placed.spot->label, style.label_size), height = style.label_size + 1;
  const double away = placed.radius + style.gap;
  const std::array<std::array<double, 2>, 4> corners{
      {{-width / 2, away}, {-width / 2, -away - height}, {away, -height / 2}, {-away - width, -height / 2}}};
  return std::any_of(corners.begin(), corners.end(), [&](const auto& corner) {
    box = {placed.x + corner[0], placed.y + corner[1], placed.x + corner[0] + width, placed.y + corner[1] + height};
    return box.left > paper.left && box.right < paper.right && box.top > paper.top && box.bottom < paper.bottom &&
           std::none_of(taken.begin(), taken.end(), [&](const Box& other) { return other.meets(box); });
  });
}

/// Where there was no room for as many as got their labels, the rest, which are weaker, go without.
void draw_labels(Svg& svg, const std::vector<PlacedSpot>& spots, const Frame& frame, const Style& style) {
  constexpr int patience = 8;
  const Box paper{frame.left, frame.top, frame.left + frame.side, frame.top + frame.side};
  std::vector<Box> taken;
  for (const PlacedSpot& placed : spots) taken.push_back(placed.box());
  int given = 0, missing = 0;
  for (const PlacedSpot& placed : spots) {
    if (placed.spot->label.empty()) continue;
    if (missing > given + patience) return;
    Box box{};
    if (!find_place(placed, style, paper, taken, box)) {
      ++missing;
      continue;
    }
    ++given;
    svg.text((box.left + box.right) / 2, box.bottom - 1, placed.spot->label,
             {.size = style.label_size, .anchor = "middle"});
    taken.push_back({box.left - 2, box.top, box.right + 2, box.bottom});
  }
}

/// Below the frame, where it covers no spot.
void draw_scale_bar(Svg& svg, const SpotFigure& figure, const Frame& frame) {
  double length = round_step(0.25 * figure.half_width);
  if (length > 0.5 * figure.half_width) length = round_step(length / 2.6);
  const double bar = length * frame.px_per_unit, y = frame.top + frame.side + 14;
  svg.element("rect",
              {{"class", "ink"}, {"x", frame.left}, {"y", y}, {"width", bar}, {"height", 3}, {"fill", "#1c2126"}});
  svg.text(frame.left + bar + 8, y + 5, format_value(length) + " " + figure.unit, {.size = 11});
}

}  // namespace

std::string to_svg(const SpotFigure& figure, double width_px) {
  if (!(figure.half_width > 0 && std::isfinite(figure.half_width)))
    fail("the figure '{}' reaches {} {} from the beam; give a positive half width", figure.title, figure.half_width,
         figure.unit);
  if (!(width_px >= 100)) fail("the figure '{}' of {} px is too narrow; use 100 px or more", figure.title, width_px);
  const auto title = wrap_text(figure.title, title_size, width_px - 2 * margin, true);
  const auto notes = wrap_text(figure.footnote, note_size, width_px - 2 * margin);
  const double side = width_px - 2 * margin, top = margin + (title.empty() ? 0 : 18 * double(title.size()) + 4);
  const Frame frame{margin, top, side, side / (2 * figure.half_width)};
  Svg svg(width_px, top + side + bar_strip + margin + (notes.empty() ? 0 : 4 + 14 * double(notes.size())),
          figure.title.empty() ? "Diffraction pattern" : figure.title);
  for (std::size_t i = 0; i < title.size(); ++i)
    svg.text(margin, margin + title_size - 2 + 18 * double(i), title[i], {.size = title_size, .bold = true});
  for (std::size_t i = 0; i < notes.size(); ++i)
    svg.text(margin, top + side + bar_strip + 12 + 14 * double(i), notes[i], {.size = note_size, .theme = "muted"});
  svg.element("rect", {{"class", "axis"},
                       {"x", frame.left},
                       {"y", frame.top},
                       {"width", side},
                       {"height", side},
                       {"fill", "none"},
                       {"stroke", "#6b7580"},
                       {"stroke-width", "0.6"}});
  Style style;
  const auto spots = placed_spots(figure, frame, style);
  draw_discs(svg, spots);
  draw_labels(svg, spots, frame, style);
  draw_scale_bar(svg, figure, frame);
  return svg.str();
}

}  // namespace colonnade
