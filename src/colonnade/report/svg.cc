// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/svg.h"

#include <cmath>
#include <cstdio>
#include <fmt/format.h>

#include "colonnade/core/error.h"
#include "colonnade/report/markup.h"

namespace colonnade {
namespace {

/// Advance in em of one character of DejaVu Sans, rounded up within classes of like width.
double advance(std::string_view character) {
  if (character.size() > 1) return 0.66;
  switch (character[0]) {
    case 'i':
    case 'j':
    case 'l':
    case '|':
    case '\'':
      return 0.31;
    case ' ':
    case '.':
    case ',':
    case ':':
    case ';':
    case 'I':
    case '/':
    case '-':
      return 0.36;
    case 'f':
    case 'r':
    case 't':
    case '(':
    case ')':
    case '[':
    case ']':
      return 0.41;
    case 'm':
    case 'w':
    case 'M':
    case 'W':
    case '%':
    case '@':
      return 0.98;
    default:
      return character[0] >= 'A' && character[0] <= 'Z' ? 0.72 : 0.63;
  }
}

template <class Visit>
void for_each_character(std::string_view text, const Visit& visit) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = std::max<std::size_t>(1, utf8_length(text, i));
    visit(text.substr(i, length));
    i += length;
  }
}

const char* theme_colour(std::string_view theme) {
  if (theme == "paper") return "#ffffff";
  if (theme == "on-dark") return "#ffffff";
  if (theme == "muted") return "#5b6570";
  if (theme == "axis") return "#6b7580";
  if (theme == "guide") return "#8a939c";
  if (theme == "pen") return "#1c2126";
  if (theme == "rule") return "#e3e6ea";
  return "#1c2126";
}

}  // namespace

std::string coordinate(double value) {
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

double width_for_paper(double width_mm, double font_size_pt) {
  constexpr double text_px = 11, pt_per_mm = 72 / 25.4;  // of labels in all figures
  return width_mm * pt_per_mm * text_px / font_size_pt;
}

std::string with_width_mm(const std::string& svg, double width_mm) {
  const std::string begin = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"";
  double width = 0, height = 0;
  if (!svg.starts_with(begin) ||
      std::sscanf(svg.c_str() + begin.size(), "%lf\" height=\"%lf\"", &width, &height) != 2 || !(width > 0)) {
    fail("a figure that begins with '{}' cannot be given a size on paper", svg.substr(0, 20));
  }
  const std::size_t rest = svg.find(" viewBox", begin.size());
  return fmt::format("{}{:.3f}mm\" height=\"{:.3f}mm\"", begin, width_mm, width_mm * height / width) + svg.substr(rest);
}

double text_width(std::string_view text, double size, bool bold) {
  double em = 0;
  for_each_character(text, [&](std::string_view character) { em += advance(character); });
  return em * size * (bold ? 1.12 : 1.0);
}

std::vector<std::string> wrap_text(const std::string& text, double size, double width, bool bold) {
  std::vector<std::string> lines;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find_first_of(" \n", start), text.size());
    const std::string word = text.substr(start, end - start);
    start = end + 1;
    if (word.empty()) continue;
    if (!lines.empty() && text_width(lines.back() + " " + word, size, bold) <= width) {
      lines.back() += " " + word;
    } else {
      lines.push_back(word);
    }
  }
  return lines;
}

std::string shorten_text(const std::string& text, double size, double width) {
  if (text_width(text, size) <= width) return text;
  std::string kept;
  double used = size;
  for_each_character(text, [&](std::string_view character) {
    used += advance(character) * size;
    if (used <= width) kept += character;
  });
  return kept + "…";
}

Svg::Svg(double width, double height, const std::string& label) {
  const std::string w = coordinate(width), h = coordinate(height);
  body_ = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" role=\"img\" "
      "aria-label=\"{2}\" font-family=\"DejaVu Sans, Arial, sans-serif\">\n",
      w, h, escape_markup(label));
  element("rect", {{"class", "paper"}, {"width", w}, {"height", h}, {"fill", theme_colour("paper")}});
}

void Svg::begin(std::string_view tag, Attributes attributes) {
  body_ += '<';
  body_ += tag;
  for (const auto& attribute : attributes) {
    body_ += fmt::format(" {}=\"{}\"", attribute.name, escape_markup(attribute.value));
  }
}

void Svg::element(std::string_view tag, Attributes attributes, const std::string& hover) {
  begin(tag, attributes);
  body_ += hover.empty() ? "/>\n" : fmt::format("><title>{}</title></{}>\n", escape_markup(hover), tag);
}

void Svg::open(std::string_view tag, Attributes attributes) {
  begin(tag, attributes);
  body_ += ">\n";
}

void Svg::close(std::string_view tag) { body_ += fmt::format("</{}>\n", tag); }

void Svg::line(double x1, double y1, double x2, double y2, const char* theme) {
  element("path", {{"class", theme},
                   {"d", "M" + coordinate(x1) + " " + coordinate(y1) + "L" + coordinate(x2) + " " + coordinate(y2)},
                   {"stroke", theme_colour(theme)},
                   {"stroke-width", std::string_view(theme) == "pen" ? "1.2" : "1"},
                   {"stroke-dasharray", std::string_view(theme) == "guide" ? "4 3" : "none"},
                   {"fill", "none"}});
}

void Svg::stroke(const std::string& path, const StrokeStyle& style, const std::string& hover) {
  element("path",
          {{"class", style.colour.empty() ? "pen" : "curve"},
           {"d", path},
           {"stroke", style.colour.empty() ? theme_colour("pen") : style.colour},
           {"stroke-width", style.width},
           {"stroke-dasharray", style.dashed ? "5 3" : "none"},
           {"stroke-linejoin", "round"},
           {"stroke-linecap", style.dashed ? "butt" : "round"},
           {"fill", "none"}},
          hover);
}

void Svg::text(double x, double y, const std::string& text, const TextStyle& style) {
  begin("text", {{"class", std::string(style.theme) + (style.halo ? " halo" : "")},
                 {"x", x},
                 {"y", y},
                 {"fill", theme_colour(style.theme)},
                 {"font-size", style.size}});
  if (std::string_view(style.anchor) != "start") body_ += fmt::format(" text-anchor=\"{}\"", style.anchor);
  if (style.halo) {
    body_ += fmt::format(" stroke=\"{}\" stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\"",
                         theme_colour("paper"));
  }
  if (style.bold) body_ += " font-weight=\"bold\"";
  if (style.angle != 0) {
    body_ += fmt::format(" transform=\"rotate({} {} {})\"", coordinate(style.angle), coordinate(x), coordinate(y));
  }
  body_ += fmt::format(">{}</text>\n", escape_markup(text));
}

}  // namespace colonnade
