// SPDX-License-Identifier: GPL-3.0-or-later
// What every chart shares: title, legend, axes with grid and labels, footnote. Lengths in px.
#pragma once

#include <string>
#include <vector>

#include "colonnade/report/axis.h"
#include "colonnade/report/svg.h"

namespace colonnade {

struct LegendEntry {
  enum class Mark { bar, dot, line, dashes };
  std::string name;
  std::string colour;  ///< of lines: may be empty, for the text's colour
  Mark mark = Mark::bar;
};

struct ChartText {
  std::string title, x_label, y_label;
  std::string footnote;  ///< below, in small type; wrapped
};

struct Box {
  double left = 0, top = 0, right = 0, bottom = 0;
};

class Chart {
 public:
  /// Fails on a size that leaves no room to draw in.
  Chart(const ChartText& text, const std::vector<LegendEntry>& legend, double width, double height);

  /// Lays out the plot between two axes and draws grid, ticks and labels; sets the px of the axes.
  void draw_axes(Axis& x, Axis& y, bool square = false);
  /// The same with named slots along x: `x` runs from 0 to the number of slots.
  void draw_axes(const std::vector<std::string>& categories, Axis& x, Axis& y);
  /// For bars, drawn over them: the line they stand on, at y's value 0 (or the end nearest to it).
  void draw_base_line(const Axis& y);
  /// For points and curves: the lines of both axes.
  void draw_frame();

  Svg& svg() { return svg_; }
  const Box& plot() const { return plot_; }
  std::string finish() { return svg_.str(); }
  std::string finish_without_data();

 private:
  void draw_legend(const std::vector<LegendEntry>& legend);
  void draw_mark(const LegendEntry& entry, double x, double y);
  void place_plot(const Axis& y, double height_of_x_labels, double overhang);
  void draw_y_axis(const Axis& y);
  void draw_labels(const std::string& x_factor, const std::string& y_factor);

  ChartText text_;
  double width_, height_;
  double label_base_ = 0;        // base line of the x label
  double y_label_distance_ = 0;  // from the plot
  Box plot_;
  Svg svg_;
};

}  // namespace colonnade
