// SPDX-License-Identifier: GPL-3.0-or-later
// A writer of SVG documents that stand alone and also sit inline in a page. Lengths in px.
// Colours of text, paper and rules are presentation attributes beside a class, so a page can re-theme them for a dark
// background. Themes (also the classes): paper; ink, muted on-dark (always white), on-light (always dark) for text;
// axis, rule, guide (dashed) and pen (ink) for lines; halo.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace colonnade {

/// One decimal, no trailing zero, no minus zero; keeps files small.
std::string coordinate(double value);

/// The same document so wide on paper: text and lines grow with it. Fails on what is no SVG of this room.
std::string with_width_mm(const std::string& svg, double width_mm);
/// Width in px to draw a figure with that shall be so wide on paper with text of this size (of axes and labels).
double width_for_paper(double width_mm, double font_size_pt);

/// Upper estimate of a text's width in DejaVu Sans, the widest of the fonts that figures ask for.
double text_width(std::string_view text, double size, bool bold = false);
/// Lines no wider than `width`, broken at spaces (a single longer word stays whole).
std::vector<std::string> wrap_text(const std::string& text, double size, double width, bool bold = false);
/// The text, or its beginning and an ellipsis where it is wider than `width`.
std::string shorten_text(const std::string& text, double size, double width);

struct Attribute {
  Attribute(std::string_view attribute, double number) : name(attribute), value(coordinate(number)) {}
  Attribute(std::string_view attribute, std::string text) : name(attribute), value(std::move(text)) {}
  Attribute(std::string_view attribute, const char* text) : name(attribute), value(text) {}
  std::string_view name;
  std::string value;
};
using Attributes = std::initializer_list<Attribute>;

struct TextStyle {
  double size = 11;
  const char* anchor = "start";  ///< "start", "middle", "end"
  const char* theme = "ink";
  bool bold = false;
  double angle = 0;   ///< degrees about the text's position
  bool halo = false;  ///< a rim in the paper's colour, for text that may lie on lines
};

struct StrokeStyle {
  std::string colour;  ///< empty: the theme "pen"
  double width = 1.8;
  bool dashed = false;
};

class Svg {
 public:
  /// Begins with a paper-coloured background; `label` is what screen readers say.
  Svg(double width, double height, const std::string& label);

  /// `hover`: shown by browsers when the pointer rests on the element.
  void element(std::string_view tag, Attributes attributes, const std::string& hover = "");
  void open(std::string_view tag, Attributes attributes);
  void close(std::string_view tag);
  /// A line in the theme "axis", "rule", "guide" or "pen".
  void line(double x1, double y1, double x2, double y2, const char* theme);
  /// A path of lines, unfilled, with round joins.
  void stroke(const std::string& path, const StrokeStyle& style, const std::string& hover = "");
  void text(double x, double y, const std::string& text, const TextStyle& style = {});
  std::string str() const { return body_ + "</svg>\n"; }

 private:
  void begin(std::string_view tag, Attributes attributes);

  std::string body_;
};

}  // namespace colonnade
