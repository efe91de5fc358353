// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/matrix_figure.h"

#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/report/colour.h"
#include "colonnade/report/svg.h"

namespace colonnade {
namespace {

constexpr double margin = 12, title_size = 13, name_size = 11, text_size = 12, note_size = 10;
constexpr double widest_name = 110, highest_cell = 46;
constexpr double dark_from = 0.62;  // of the limit: there white letters read better than dark ones

void check(const MatrixFigure& figure) {
  const std::size_t cells = figure.rows.size() * figure.columns.size();
  const auto fits = [&](const std::vector<std::string>& words) { return words.empty() || words.size() == cells; };
  if (figure.values.size() != cells || !fits(figure.texts) || !fits(figure.notes) || !fits(figure.hovers)) {
    fail("the figure '{}' of {} x {} cells has {} values; give one value (and text) per cell", figure.title,
         figure.rows.size(), figure.columns.size(), figure.values.size());
  }
}

double limit_of(const MatrixFigure& figure) {
  double limit = std::fabs(figure.limit);
  for (const double value : figure.values) {
    if (figure.limit == 0 && std::isfinite(value)) limit = std::max(limit, std::fabs(value));
  }
  return limit > 0 ? limit : 1;
}

struct Place {
  double left, top, width, height;
};

void draw_cell(Svg& svg, const MatrixFigure& figure, std::size_t cell, double limit, const Place& place) {
  const double part = figure.values[cell] / limit;
  if (!std::isfinite(part)) return;
  svg.element("rect",
              {{"x", place.left + 1},
               {"y", place.top + 1},
               {"width", place.width - 2},
               {"height", place.height - 2},
               {"fill", map_colour("difference", 0.5 + 0.5 * std::clamp(part, -1.0, 1.0)).hex()}},
              figure.hovers.empty() ? "" : figure.hovers[cell]);
  const char* theme = std::fabs(part) > dark_from ? "on-dark" : "on-light";
  const double middle = place.left + place.width / 2, centre = place.top + place.height / 2;
  const bool noted = !figure.notes.empty() && !figure.notes[cell].empty();
  if (!figure.texts.empty()) {
    svg.text(middle, centre + (noted ? -1 : 4), shorten_text(figure.texts[cell], text_size, place.width),
             {.size = text_size, .anchor = "middle", .theme = theme, .bold = true});
  }
  if (noted) {
    svg.text(middle, centre + 13, shorten_text(figure.notes[cell], note_size, place.width),
             {.size = note_size, .anchor = "middle", .theme = theme});
  }
}

}  // namespace

std::string to_svg(const MatrixFigure& figure, double width_px) {
  check(figure);
  double names = 0;
  for (const auto& name : figure.rows) {
    names = std::max(names, text_width(shorten_text(name, name_size, widest_name), name_size));
  }
  const auto count = double(std::max<std::size_t>(1, figure.columns.size()));
  const double left = margin + names + 8, cell_width = (width_px - margin - left) / count;
  if (!(cell_width >= 12)) fail("the figure '{}' of {} px has no room for its cells", figure.title, width_px);
  const double cell_height = std::min(highest_cell, cell_width);
  const auto title = wrap_text(figure.title, title_size, width_px - 2 * margin, true);
  const auto notes = wrap_text(figure.footnote, note_size, width_px - 2 * margin);
  const double top = margin + 18 * double(title.size()) + 24, bottom = top + cell_height * double(figure.rows.size());
  Svg svg(width_px, bottom + margin + (notes.empty() ? 0 : 6 + 14 * double(notes.size())),
          figure.title.empty() ? "Matrix" : figure.title);
  for (std::size_t i = 0; i < title.size(); ++i) {
    svg.text(margin, margin + title_size - 2 + 18 * double(i), title[i], {.size = title_size, .bold = true});
  }
  for (std::size_t c = 0; c < figure.columns.size(); ++c) {
    svg.text(left + (double(c) + 0.5) * cell_width, top - 8, shorten_text(figure.columns[c], name_size, cell_width),
             {.size = name_size, .anchor = "middle", .theme = "muted"});
  }
  const double limit = limit_of(figure);
  for (std::size_t r = 0; r < figure.rows.size(); ++r) {
    const double row = top + double(r) * cell_height;
    svg.text(left - 8, row + cell_height / 2 + 4, shorten_text(figure.rows[r], name_size, widest_name),
             {.size = name_size, .anchor = "end", .theme = "muted"});
    for (std::size_t c = 0; c < figure.columns.size(); ++c) {
      draw_cell(svg, figure, r * figure.columns.size() + c, limit,
                {left + double(c) * cell_width, row, cell_width, cell_height});
    }
  }
  for (std::size_t i = 0; i < notes.size(); ++i) {
    svg.text(margin, bottom + 20 + 14 * double(i), notes[i], {.size = note_size, .theme = "muted"});
  }
  return svg.str();
}

}  // namespace colonnade
