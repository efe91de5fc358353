// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/image_figure.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "colonnade/core/error.h"
#include "colonnade/report/axis.h"
#include "colonnade/report/colour.h"
#include "colonnade/report/markup.h"
#include "colonnade/report/png.h"
#include "colonnade/report/svg.h"

namespace colonnade {
namespace {

constexpr double margin = 12, title_size = 13, text_size = 11, note_size = 10, bar_width = 12;
constexpr int most_embedded_px = 1024;
constexpr double sharp_scale = 2;  // px of the screen per pixel from which on pixels show as squares

/// Means of blocks, so that a large micrograph does not make a large report; pixels without a value are left out.
Image reduced(const Image& image) {
  const int block = (std::max(image.width, image.height) + most_embedded_px - 1) / most_embedded_px;
  if (block <= 1) return image;
  Image out((image.height + block - 1) / block, (image.width + block - 1) / block);
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      double sum = 0;
      int count = 0;
      for (int v = y * block; v < std::min(image.height, (y + 1) * block); ++v) {
        for (int u = x * block; u < std::min(image.width, (x + 1) * block); ++u) {
          if (!std::isfinite(image.at(v, u))) continue;
          sum += image.at(v, u);
          ++count;
        }
      }
      out.at(y, x) = count > 0 ? float(sum / count) : NAN;
    }
  }
  return out;
}

Span range_of(const ImageFigure& figure) {
  if (figure.low > figure.high || !std::isfinite(figure.low) || !std::isfinite(figure.high)) {
    fail("the figure '{}' has the intensity range {} to {}; give the lower end first", figure.title, figure.low,
         figure.high);
  }
  if (figure.low < figure.high) return {figure.low, figure.high, false};
  Span span;
  for (const float value : figure.image.data) span.include(value);
  for (const Disc& disc : figure.discs) span.include(disc.value);
  if (!span.empty() && span.low == span.high) span.high += std::max(1.0, std::abs(span.low));
  return span;
}

std::string data_address(const std::vector<std::uint8_t>& png) { return "data:image/png;base64," + base64(png); }

/// Indices into the map's palette, each pixel `times` times along both sides.
std::vector<std::uint8_t> to_indices(const Image& image, const Span& range, int times) {
  std::vector<std::uint8_t> indices(image.data.size() * times * times);
  const std::size_t stride = std::size_t(image.width) * times;
  for (std::size_t y = 0; y < std::size_t(image.height) * times; ++y) {
    for (std::size_t x = 0; x < stride; ++x) {
      const float value = image.at(int(y / times), int(x / times));
      if (!std::isfinite(value)) continue;
      const double fraction = std::clamp((value - range.low) / (range.high - range.low), 0.0, 1.0);
      indices[y * stride + x] = std::uint8_t(1 + std::lround(254 * fraction));
    }
  }
  return indices;
}

/// Large pixels are repeated, because not every renderer (librsvg among them) obeys "pixelated".
std::string pixels(const ImageFigure& figure, const Span& range, double scale) {
  const Image image = reduced(figure.image);
  const int times =
      scale >= sharp_scale
          ? std::max(1, std::min(int(std::ceil(2 * scale)), most_embedded_px / std::max(image.width, image.height)))
          : 1;
  return data_address(encode_png(to_indices(image, range, times), image.width * times, image.height * times,
                                 map_palette(figure.colour_map)));
}

std::string colour_ramp(const std::string& map) {
  std::vector<std::uint8_t> indices(255);
  for (int i = 0; i < 255; ++i) indices[i] = std::uint8_t(255 - i);
  return data_address(encode_png(indices, 1, 255, map_palette(map)));
}

/// Where the parts of the figure lie.
struct Layout {
  std::vector<std::string> title, notes;
  Axis values;
  double left = margin, top = margin, width = 0, height = 0, scale = 1;
  double total_height = 0;
};

Layout lay_out(const ImageFigure& figure, const Span& range, double width_px) {
  Layout out;
  out.title = wrap_text(figure.title, title_size, width_px - 2 * margin, true);
  out.notes = wrap_text(figure.footnote, note_size, width_px - 2 * margin);
  out.width = width_px - 2 * margin;
  if (figure.colour_bar) {
    out.values = make_axis(range, {.ticks = width_px < 300 ? 4 : 6, .rounded = false});
    out.width -= 10 + bar_width + 7 + out.values.widest_label(text_size);
    if (!figure.colour_bar_label.empty() || !out.values.ticks.factor.empty()) out.width -= text_size + 6;
  }
  if (out.width < 20) fail("the figure '{}' of {} px has no room for its image; make it wider", figure.title, width_px);
  const double aspect = double(figure.image.height) / figure.image.width;
  if (aspect > 2) {
    out.left += (out.width - out.width * 2 / aspect) / 2;
    out.width *= 2 / aspect;
  }
  out.scale = out.width / figure.image.width;
  out.height = std::max(1.0, figure.image.height * out.scale);
  out.top += out.title.empty() ? 0 : 18 * double(out.title.size()) + 4;
  out.total_height = out.top + out.height + margin + (out.notes.empty() ? 0 : 4 + 14 * double(out.notes.size()));
  return out;
}

void draw_words(Svg& svg, const Layout& layout) {
  for (std::size_t i = 0; i < layout.title.size(); ++i) {
    svg.text(margin, margin + title_size - 2 + 18 * double(i), layout.title[i], {.size = title_size, .bold = true});
  }
  for (std::size_t i = 0; i < layout.notes.size(); ++i) {
    svg.text(margin, layout.top + layout.height + 18 + 14 * double(i), layout.notes[i],
             {.size = note_size, .theme = "muted"});
  }
}

/// Pixels stay sharp where each covers two or more px of the screen; below that nearest neighbours would make moiré.
void draw_pixels(Svg& svg, const ImageFigure& figure, const Span& range, const Layout& layout) {
  svg.element("image", {{"x", layout.left},
                        {"y", layout.top},
                        {"width", layout.width},
                        {"height", layout.height},
                        {"preserveAspectRatio", "none"},
                        {"style", layout.scale >= sharp_scale ? "image-rendering:pixelated" : "image-rendering:auto"},
                        {"href", pixels(figure, range, layout.scale)}});
}

std::string length_label(double nm) {
  if (nm >= 1e6) return format_value(nm / 1e6) + " mm";
  if (nm >= 1e3) return format_value(nm / 1e3) + " µm";
  if (nm >= 1) return format_value(nm) + " nm";
  if (nm >= 0.1) return format_value(nm * 10) + " Å";
  return format_value(nm * 1e3) + " pm";
}

/// White on a dark, translucent plate: legible on any image.
void draw_scale_bar(Svg& svg, const ImageFigure& figure, const Layout& layout) {
  const bool reciprocal = figure.per_A_per_px > 0;
  const double unit_per_px = (reciprocal ? figure.per_A_per_px : figure.image.pixel_size_nm) / layout.scale;
  if (!(unit_per_px > 0) || !std::isfinite(unit_per_px) || layout.width < 60 || layout.height < 50) return;
  double length = round_step(0.3 * layout.width * unit_per_px * (1 - 1e-6));
  if (length > 0.3 * layout.width * unit_per_px) length = round_step(length / 2.6);
  const std::string label = reciprocal ? format_value(length) + " Å⁻¹" : length_label(length);
  const double bar = length / unit_per_px, plate = std::max(bar, text_width(label, text_size)) + 16;
  const double left = layout.left + 8, top = layout.top + layout.height - 38, middle = left + plate / 2;
  svg.element("rect", {{"x", left},
                       {"y", top},
                       {"width", plate},
                       {"height", 30},
                       {"rx", 4},
                       {"fill", "#000000"},
                       {"fill-opacity", "0.6"}});
  svg.text(middle, top + 15, label, {.size = text_size, .anchor = "middle", .theme = "on-dark"});
  svg.element("rect", {{"x", middle - bar / 2}, {"y", top + 21}, {"width", bar}, {"height", 3}, {"fill", "#ffffff"}});
}

/// The median distance to the nearest neighbour, in image px.
template <class Mark>
double usual_spacing(const std::vector<Mark>& markers) {
  std::vector<double> distances;
  const std::size_t stride = markers.size() / 300 + 1;
  for (std::size_t i = 0; i < markers.size(); i += stride) {
    double nearest = INFINITY;
    for (std::size_t k = 0; k < markers.size(); ++k) {
      if (k == i) continue;
      const double distance = std::hypot(markers[k].x_px - markers[i].x_px, markers[k].y_px - markers[i].y_px);
      if (distance > 0) nearest = std::min(nearest, distance);
    }
    if (std::isfinite(nearest)) distances.push_back(nearest);
  }
  if (distances.empty()) return INFINITY;
  const auto middle = distances.begin() + std::ptrdiff_t(distances.size() / 2);
  std::nth_element(distances.begin(), middle, distances.end());
  return *middle;
}

/// Written by hand: there may be tens of thousands.
void draw_discs(Svg& svg, const ImageFigure& figure, const Span& range, const Layout& layout) {
  if (figure.discs.empty()) return;
  const auto palette = map_palette(figure.colour_map);
  const double spacing = figure.disc_radius_px > 0 ? 0 : usual_spacing(figure.discs);
  const double wanted = figure.disc_radius_px > 0 ? figure.disc_radius_px : 0.42 * std::min(spacing, 1e4);
  const double radius = std::max(0.5, wanted * layout.scale);
  svg.open("g", {{"stroke", "none"}});
  for (const Disc& disc : figure.discs) {
    if (!std::isfinite(disc.value)) continue;
    const double fraction = std::clamp((disc.value - range.low) / (range.high - range.low), 0.0, 1.0);
    svg.element("circle", {{"cx", layout.left + (disc.x_px + 0.5) * layout.scale},
                           {"cy", layout.top + (disc.y_px + 0.5) * layout.scale},
                           {"r", radius},
                           {"fill", palette[std::size_t(1 + std::lround(254 * fraction))].hex()}});
  }
  svg.close("g");
}

void draw_markers(Svg& svg, const ImageFigure& figure, const Layout& layout) {
  if (figure.markers.empty()) return;
  const double wanted = figure.marker_radius_px > 0 ? figure.marker_radius_px : usual_spacing(figure.markers) / 3;
  const double radius = std::clamp(wanted * layout.scale, 1.5, figure.marker_radius_px > 0 ? 1e4 : 7.0);
  svg.open("g", {{"fill", "#ffffff"},
                 {"fill-opacity", "0"},
                 {"stroke", parse_colour(figure.marker_colour).hex()},
                 {"stroke-width", radius < 3 ? "1" : "1.4"}});
  for (const auto& marker : figure.markers) {
    const double x = (marker.x_px + 0.5) * layout.scale, y = (marker.y_px + 0.5) * layout.scale;
    if (!(x >= 0 && y >= 0 && x <= layout.width && y <= layout.height)) continue;
    if (marker.colour.empty()) {
      svg.element("circle", {{"cx", layout.left + x}, {"cy", layout.top + y}, {"r", radius}}, marker.text);
    } else {
      svg.element("circle",
                  {{"cx", layout.left + x},
                   {"cy", layout.top + y},
                   {"r", radius},
                   {"stroke", marker.colour == "none" ? "none" : parse_colour(marker.colour).hex()}},
                  marker.text);
    }
  }
  svg.close("g");
  for (const auto& marker : figure.markers) {
    if (marker.label.empty()) continue;
    const double x = (marker.x_px + 0.5) * layout.scale, y = (marker.y_px + 0.5) * layout.scale;
    const double wide = text_width(marker.label, note_size);
    const bool left = x + radius + 2 + wide > layout.width;  // there is no room to its right
    svg.text(layout.left + x + (left ? -radius - 2 : radius + 2), layout.top + y + 3, marker.label,
             {.size = note_size, .anchor = left ? "end" : "start", .theme = "on-dark"});
  }
}

void draw_colour_bar(Svg& svg, const ImageFigure& figure, Layout& layout) {
  const double left = layout.left + layout.width + 10, right = left + bar_width;
  svg.element("image", {{"x", left},
                        {"y", layout.top},
                        {"width", bar_width},
                        {"height", layout.height},
                        {"preserveAspectRatio", "none"},
                        {"style", "image-rendering:pixelated"},
                        {"href", colour_ramp(figure.colour_map)}});
  svg.element("rect", {{"class", "axis"},
                       {"x", left},
                       {"y", layout.top},
                       {"width", bar_width},
                       {"height", layout.height},
                       {"fill", "none"},
                       {"stroke", "#6b7580"},
                       {"stroke-width", "0.6"}});
  Axis& axis = layout.values;
  axis.start_px = layout.top + layout.height;
  axis.end_px = layout.top;
  double free_below = INFINITY;
  for (std::size_t i = 0; i < axis.ticks.values.size(); ++i) {
    const double at = axis(axis.ticks.values[i]);
    if (at > free_below) continue;
    free_below = at - text_size - 2;
    svg.line(right, at, right + 4, at, "axis");
    const double base = std::clamp(at + 4, layout.top + 9, layout.top + layout.height);
    svg.text(right + 7, base, axis.ticks.labels[i], {.size = text_size, .theme = "muted"});
  }
  std::string label = figure.colour_bar_label;
  if (!axis.ticks.factor.empty()) label += (label.empty() ? "" : " ") + ("(" + axis.ticks.factor + ")");
  if (label.empty()) return;
  const double x = right + 7 + axis.widest_label(text_size) + 4 + text_size;
  svg.text(x, layout.top + layout.height / 2, shorten_text(label, text_size, layout.height),
           {.size = text_size, .anchor = "middle", .angle = -90});
}

}  // namespace

GreyRange grey_range(const Image& image) {
  std::vector<float> values;
  const std::size_t stride = image.data.size() / 500000 + 1;
  for (std::size_t i = 0; i < image.data.size(); i += stride) {
    if (std::isfinite(image.data[i])) values.push_back(image.data[i]);
  }
  if (values.empty()) return {};
  const auto at = [&](double part) {
    const auto place = values.begin() + std::ptrdiff_t(part * double(values.size() - 1));
    std::nth_element(values.begin(), place, values.end());
    return double(*place);
  };
  return {at(0.001), at(0.999)};
}

std::string grey_address(const Image& image) {
  ImageFigure figure;
  figure.image = image;
  const GreyRange range = grey_range(image);
  figure.low = range.low;
  figure.high = range.high;
  return pixels(figure, range_of(figure), 1);
}

std::string to_svg(const ImageFigure& figure, double width_px) {
  if (!(width_px >= 60)) fail("the figure '{}' of {} px is too narrow; use 60 px or more", figure.title, width_px);
  const Image& image = figure.image;
  const bool discs = image.data.empty() && !figure.discs.empty() && image.width > 0 && image.height > 0;
  if (image.width < 0 || image.height < 0 || (!discs && image.data.size() != std::size_t(image.width) * image.height)) {
    fail("the image of the figure '{}' has {} values for {} x {} px; make them agree", figure.title, image.data.size(),
         image.width, image.height);
  }
  const Span range = range_of(figure);
  const std::string label = figure.title.empty() ? "Image" : figure.title;
  if ((image.data.empty() && !discs) || range.empty()) {
    Svg svg(width_px, 120, label);
    svg.text(margin, margin + title_size - 2, figure.title, {.size = title_size, .bold = true});
    svg.text(width_px / 2, 70, "no data", {.size = text_size, .anchor = "middle", .theme = "muted"});
    return svg.str();
  }
  Layout layout = lay_out(figure, range, width_px);
  Svg svg(width_px, layout.total_height, label);
  draw_words(svg, layout);
  if (!discs) draw_pixels(svg, figure, range, layout);
  draw_discs(svg, figure, range, layout);
  draw_markers(svg, figure, layout);
  draw_scale_bar(svg, figure, layout);
  if (figure.colour_bar) draw_colour_bar(svg, figure, layout);
  return svg.str();
}

}  // namespace colonnade
