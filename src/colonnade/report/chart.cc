// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/chart.h"

#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

constexpr double margin = 12, title_size = 13, label_size = 12, tick_size = 11, note_size = 10;
constexpr double tilt = 40;  // degrees, of category names that do not fit side by side

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789.+-–−≥≤<> ") == std::string::npos;
}

std::string with_factor(const std::string& label, const std::string& factor) {
  if (factor.empty()) return label;
  return label.empty() ? factor : label + " (" + factor + ")";
}

}  // namespace

Chart::Chart(const ChartText& text, const std::vector<LegendEntry>& legend, double width, double height)
    : text_(text), width_(width), height_(height), svg_(width, height, text.title.empty() ? "Chart" : text.title) {
  if (!(width >= 120) || !(height >= 120)) {
    fail("the figure '{}' of {} x {} px is too small; make both sides 120 px or more", text.title, width, height);
  }
  plot_ = {margin, margin, width - margin, height - margin};
  for (const auto& line : wrap_text(text.title, title_size, width - 2 * margin, true)) {
    svg_.text(margin, plot_.top + title_size - 2, line, {.size = title_size, .bold = true});
    plot_.top += 18;
  }
  if (!text.title.empty()) plot_.top += 4;
  draw_legend(legend);
  const auto notes = wrap_text(text.footnote, note_size, width - 2 * margin);
  for (std::size_t i = notes.size(); i-- > 0;) {
    svg_.text(margin, plot_.bottom, notes[i], {.size = note_size, .theme = "muted"});
    plot_.bottom -= 14;
  }
  if (!notes.empty()) plot_.bottom -= 4;
  label_base_ = plot_.bottom;
}

void Chart::draw_legend(const std::vector<LegendEntry>& legend) {
  double x = margin;
  bool any = false;
  for (const auto& entry : legend) {
    if (entry.name.empty()) continue;
    const std::string name = shorten_text(entry.name, tick_size, width_ - 2 * margin - 22);
    const double needed = 22 + text_width(name, tick_size);
    if (x > margin && x + needed > width_ - margin) {
      x = margin;
      plot_.top += 17;
    }
    draw_mark(entry, x, plot_.top + 7);
    svg_.text(x + 20, plot_.top + 11, name, {.size = tick_size});
    x += needed + 10;
    any = true;
  }
  if (any) plot_.top += 25;
}

void Chart::draw_mark(const LegendEntry& entry, double x, double y) {
  switch (entry.mark) {
    case LegendEntry::Mark::bar:
      svg_.element("rect", {{"x", x + 3}, {"y", y - 5}, {"width", 11}, {"height", 11}, {"fill", entry.colour}});
      break;
    case LegendEntry::Mark::dot:
      svg_.element("circle", {{"cx", x + 9}, {"cy", y + 0.5}, {"r", 4}, {"fill", entry.colour}});
      break;
    case LegendEntry::Mark::line:
    case LegendEntry::Mark::dashes:
      svg_.stroke("M" + coordinate(x) + " " + coordinate(y + 0.5) + "h16",
                  {.colour = entry.colour, .width = 2, .dashed = entry.mark == LegendEntry::Mark::dashes});
      break;
  }
}

void Chart::place_plot(const Axis& y, double height_of_x_labels, double overhang) {
  plot_.top += 4;
  const bool y_named = !text_.y_label.empty() || !y.ticks.factor.empty();
  plot_.left += (y_named ? label_size + 6 : 0) + y.widest_label(tick_size) + 8;
  plot_.right -= overhang;
  plot_.bottom -= height_of_x_labels + (text_.x_label.empty() ? 0 : label_size + 6);
  y_label_distance_ = y.widest_label(tick_size) + 16;
  if (plot_.right - plot_.left < 30 || plot_.bottom - plot_.top < 30) {
    fail("the figure '{}' of {} x {} px has no room for its data beside its text; make it larger", text_.title, width_,
         height_);
  }
}

void Chart::draw_y_axis(const Axis& y) {
  for (std::size_t i = 0; i < y.ticks.values.size(); ++i) {
    const double at = y(y.ticks.values[i]);
    svg_.line(plot_.left, at, plot_.right, at, "rule");
    svg_.text(plot_.left - 7, at + 4, y.ticks.labels[i], {.size = tick_size, .anchor = "end", .theme = "muted"});
  }
}

void Chart::draw_labels(const std::string& x_factor, const std::string& y_factor) {
  const double x_middle = (plot_.left + plot_.right) / 2, y_middle = (plot_.top + plot_.bottom) / 2;
  const std::string x_label = with_factor(text_.x_label, x_factor), y_label = with_factor(text_.y_label, y_factor);
  if (!x_label.empty()) svg_.text(x_middle, label_base_, x_label, {.size = label_size, .anchor = "middle"});
  if (y_label.empty()) return;
  svg_.text(plot_.left - y_label_distance_, y_middle, shorten_text(y_label, label_size, height_ - 2 * margin),
            {.size = label_size, .anchor = "middle", .angle = -90});
}

void Chart::draw_axes(Axis& x, Axis& y, bool square) {
  if (!x.ticks.factor.empty() && text_.x_label.empty()) text_.x_label = " ";
  const double overhang = x.ticks.labels.empty() ? 0 : text_width(x.ticks.labels.back(), tick_size) / 2 - 4;
  place_plot(y, tick_size + 8, std::max(0.0, overhang));
  if (square) {
    const double side = std::min(plot_.right - plot_.left, plot_.bottom - plot_.top);
    plot_.left += (plot_.right - plot_.left - side) / 2;
    plot_.right = plot_.left + side;
    plot_.top = plot_.bottom - side;
  }
  x.start_px = plot_.left, x.end_px = plot_.right;
  y.start_px = plot_.bottom, y.end_px = plot_.top;
  draw_y_axis(y);
  double free_from = -1e9;
  for (std::size_t i = 0; i < x.ticks.values.size(); ++i) {
    const double at = x(x.ticks.values[i]), half = text_width(x.ticks.labels[i], tick_size) / 2;
    svg_.line(at, plot_.bottom, at, plot_.bottom + 4, "axis");
    if (at - half < free_from) continue;
    svg_.text(at, plot_.bottom + 8 + tick_size - 2, x.ticks.labels[i],
              {.size = tick_size, .anchor = "middle", .theme = "muted"});
    free_from = at + half + 6;
  }
  draw_labels(x.ticks.factor, y.ticks.factor);
}

void Chart::draw_axes(const std::vector<std::string>& categories, Axis& x, Axis& y) {
  double widest = 0;
  for (const auto& name : categories)
    widest = std::max(widest, text_width(shorten_text(name, tick_size, 130), tick_size));
  const double slot = (plot_.right - plot_.left - 40) / double(categories.size());
  const bool crowded = widest + 6 > slot;
  const bool tilted = crowded && !std::all_of(categories.begin(), categories.end(), is_number);
  const std::size_t every = tilted    ? std::size_t(std::ceil((tick_size + 3) / slot))
                            : crowded ? std::size_t(std::ceil((widest + 6) / slot))
                                      : 1;
  const double sine = std::sin(tilt * M_PI / 180);
  place_plot(y, tilted ? widest * sine + tick_size + 4 : tick_size + 8, 0);
  x = Axis{.low = 0, .high = double(categories.size()), .start_px = plot_.left, .end_px = plot_.right};
  y.start_px = plot_.bottom, y.end_px = plot_.top;
  draw_y_axis(y);
  for (std::size_t i = 0; i < categories.size(); i += every) {
    const std::string name = shorten_text(categories[i], tick_size, 130);
    if (tilted) {
      svg_.text(x(double(i) + 0.5) + 4, plot_.bottom + 12, name,
                {.size = tick_size, .anchor = "end", .theme = "muted", .angle = -tilt});
    } else {
      svg_.text(x(double(i) + 0.5), plot_.bottom + 8 + tick_size - 2, name,
                {.size = tick_size, .anchor = "middle", .theme = "muted"});
    }
  }
  draw_labels("", y.ticks.factor);
}

void Chart::draw_base_line(const Axis& y) {
  const double at = y(std::clamp(0.0, y.low, y.high));
  svg_.line(plot_.left, at, plot_.right, at, "axis");
}

void Chart::draw_frame() {
  svg_.line(plot_.left, plot_.top, plot_.left, plot_.bottom, "axis");
  svg_.line(plot_.left, plot_.bottom, plot_.right, plot_.bottom, "axis");
}

std::string Chart::finish_without_data() {
  svg_.text(width_ / 2, (plot_.top + plot_.bottom) / 2, "no data",
            {.size = label_size, .anchor = "middle", .theme = "muted"});
  return svg_.str();
}

}  // namespace colonnade
