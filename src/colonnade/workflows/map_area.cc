// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/map_area.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <sstream>

#include "colonnade/columns/point_grid.h"
#include "colonnade/core/error.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/particle_mask.h"

namespace colonnade {
namespace {

/// Takes a unit off the text's end and returns what to multiply with to get px.
double take_unit(std::string& text, double pixel_nm) {
  const auto last = text.find_last_not_of(" \t");
  text.resize(last == std::string::npos ? 0 : last + 1);
  const bool nm = text.ends_with("nm");
  if (nm || text.ends_with("px")) text.resize(text.size() - 2);
  return nm ? 1 / pixel_nm : 1;
}

/// Numbers between commas; fails unless there are `count`.
std::vector<double> numbers(const std::string& text, std::size_t count, const std::string& what) {
  std::vector<double> values;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    std::size_t end = 0;
    try {
      values.push_back(std::stod(word, &end));
    } catch (const std::exception&) {
      end = std::string::npos;
    }
    const bool clean = end != std::string::npos && word.find_first_not_of(" \t", end) == std::string::npos;
    if (!clean || !std::isfinite(values.back())) fail("{} holds '{}', which is no number", what, word);
  }
  if (values.size() != count) fail("{} has {} numbers where {} are needed: '{}'", what, values.size(), count, text);
  return values;
}

using Polygon = std::vector<Point>;

std::vector<Polygon> parse_polygons(std::string text, double pixel_nm) {
  const double scale = take_unit(text, pixel_nm);
  std::vector<Polygon> polygons;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ';');) {
    Polygon polygon;
    std::istringstream corners(part);
    for (std::string corner; corners >> corner;) {
      const auto place = numbers(corner, 2, "--mask");
      polygon.push_back({scale * place[0], scale * place[1]});
    }
    if (polygon.size() < 3)
      fail("--mask has a polygon of {} corners; give three or more, 'x,y x,y x,y'", polygon.size());
    polygons.push_back(std::move(polygon));
  }
  return polygons;
}

/// Where the line y = const crosses the polygon's sides, ascending (even-odd rule).
std::vector<double> crossings(const Polygon& polygon, double y) {
  std::vector<double> places;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point &a = polygon[i], &b = polygon[(i + 1) % polygon.size()];
    if ((a.y <= y) == (b.y <= y)) continue;
    places.push_back(a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x));
  }
  std::sort(places.begin(), places.end());
  return places;
}

int floor_in(double value, int low, int high) { return int(std::clamp(std::floor(value), double(low), double(high))); }

}  // namespace

void AreaOptions::describe(OptionTable& table, const std::string& section) {
  table.add(section + ".region", &region, "px",
            "Measure only this rectangle: x,y,width,height in px, or in nm as '1,1,4,4 nm'; empty: the whole image");
  table.add(
      section + ".mask", &mask, "px",
      "Measure only inside these polygons, 'x,y x,y x,y; x,y ...' (px, or with nm at the end), where this image of "
      "the same size is above 0, or 'particle': without vacuum and support, found by itself");
}

void AreaOptions::check() const {
  if (!region.empty()) {
    std::string text = region;
    take_unit(text, 1);
    const auto box = numbers(text, 4, "--region");
    if (!(box[2] > 0 && box[3] > 0)) fail("--region is {} x {} in size; both must be positive", box[2], box[3]);
  }
}

MapArea::MapArea(const Image& image) : width_(image.width), height_(image.height), box_{0, 0, width_, height_} {}

MapArea::MapArea(const Image& image, const AreaOptions& options) : MapArea(image) {
  options.check();
  if (options.region.empty() && options.mask.empty()) return;
  inside_.assign(std::size_t(width_) * height_, 1);
  if (!options.mask.empty()) {
    if (options.mask == "particle") {
      inside_ = find_particle(image).inside;
    } else if (std::filesystem::is_regular_file(options.mask)) {
      keep_mask(options.mask);
    } else if (options.mask.find(',') != std::string::npos) {
      keep_polygons(options.mask, image.pixel_size_nm);
    } else {
      fail("--mask is neither 'particle', a file nor a list of corners 'x,y x,y x,y': '{}'", options.mask);
    }
  }
  if (!options.region.empty()) keep_box(options.region, image.pixel_size_nm);
  settle_box();
}

void MapArea::keep_polygons(const std::string& text, double pixel_nm) {
  std::fill(inside_.begin(), inside_.end(), std::uint8_t(0));
  for (const Polygon& polygon : parse_polygons(text, pixel_nm)) {
    for (int y = 0; y < height_; ++y) {
      const auto places = crossings(polygon, y);
      for (std::size_t k = 0; k + 1 < places.size(); k += 2) {
        const int end = floor_in(places[k + 1], -1, width_ - 1);
        for (int x = floor_in(std::ceil(places[k]), 0, width_); x <= end; ++x) inside_[std::size_t(y) * width_ + x] = 1;
      }
    }
  }
}

void MapArea::keep_mask(const std::string& file) {
  const Image mask = read_image(file);
  if (mask.width != width_ || mask.height != height_) {
    fail("{}: the mask has {} x {} pixels, the image {} x {}; they must be of one size", file, mask.width, mask.height,
         width_, height_);
  }
  for (std::size_t i = 0; i < inside_.size(); ++i) inside_[i] = mask.data[i] > 0 ? 1 : 0;
}

void MapArea::keep_box(const std::string& text, double pixel_nm) {
  std::string plain = text;
  const double scale = take_unit(plain, pixel_nm);
  const auto box = numbers(plain, 4, "--region");
  // The pixel with its centre at x reaches from x - 1/2 to x + 1/2; a region from 0 on begins with the first pixel.
  const double right = scale * (box[0] + box[2]), bottom = scale * (box[1] + box[3]);
  for (int y = 0; y < height_; ++y) {
    for (int x = 0; x < width_; ++x) {
      const bool in = x + 0.5 > scale * box[0] && x + 0.5 <= right && y + 0.5 > scale * box[1] && y + 0.5 <= bottom;
      if (!in) inside_[std::size_t(y) * width_ + x] = 0;
    }
  }
}

void MapArea::settle_box() {
  int left = width_, top = height_, right = -1, bottom = -1;
  for (int y = 0; y < height_; ++y) {
    for (int x = 0; x < width_; ++x) {
      if (inside_[std::size_t(y) * width_ + x] == 0) continue;
      left = std::min(left, x);
      right = std::max(right, x);
      top = std::min(top, y);
      bottom = y;
    }
  }
  if (right < 0) fail("--region and --mask leave nothing of the image of {} x {} pixels", width_, height_);
  box_ = {left, top, right - left + 1, bottom - top + 1};
}

bool MapArea::contains(double x_px, double y_px) const {
  const long x = std::lround(x_px), y = std::lround(y_px);
  if (x < 0 || y < 0 || x >= width_ || y >= height_) return false;
  return whole() || inside_[std::size_t(y) * width_ + x] != 0;
}

PixelBox MapArea::with_border(double border_px) const {
  const int border = int(std::ceil(border_px));
  const int left = std::max(0, box_.left - border), top = std::max(0, box_.top - border);
  const int right = std::min(width_, box_.left + box_.width + border);
  const int bottom = std::min(height_, box_.top + box_.height + border);
  return {left, top, right - left, bottom - top};
}

Image crop(const Image& image, const PixelBox& box) { return crop(image, box.top, box.left, box.height, box.width); }

}  // namespace colonnade
