// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/column_viewer.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "colonnade/core/error.h"
#include "colonnade/report/colour.h"
#include "colonnade/report/image_figure.h"
#include "colonnade/report/markup.h"

namespace colonnade {
namespace {

constexpr int colours_of_a_map = 64;

/// JSON text of a string that may also stand inside a script element.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += std::string("\\") + c;
    } else if (code < 0x20 || c == '<' || c == '>' || c == '&') {
      out += fmt::format("\\u{:04x}", code);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

/// Rounded to what people read, which makes the page small.
std::string list(const std::vector<double>& values, int decimals) {
  std::string out = "[";
  for (const double value : values) {
    if (out.size() > 1) out += ',';
    if (!std::isfinite(value)) {
      out += "null";
      continue;
    }
    std::string text = fmt::format("{:.{}f}", value, decimals);
    if (text.find('.') != std::string::npos) {
      text.erase(text.find_last_not_of('0') + 1);
      if (text.back() == '.') text.pop_back();
    }
    out += text == "-0" ? "0" : text;
  }
  return out + "]";
}

std::string significant(const std::vector<double>& values) {
  std::string out = "[";
  for (const double value : values) {
    if (out.size() > 1) out += ',';
    out += std::isfinite(value) ? fmt::format("{:.4g}", value) : "null";
  }
  return out + "]";
}

double largest(const std::vector<double>& values) {
  double most = 0;
  for (const double value : values) most = std::isfinite(value) ? std::max(most, std::abs(value)) : most;
  return most > 0 ? most : 1;
}

std::string count_json(const ViewedCount& count) {
  const std::string colour = count.colour.empty() ? element_colour(count.name) : parse_colour(count.colour).hex();
  std::string out = fmt::format("{{\"name\":{},\"colour\":\"{}\",\"high\":{:.4g},\"sdHigh\":{:.4g}", quoted(count.name),
                                colour, count.high > 0 ? count.high : largest(count.mean),
                                count.deviation_high > 0 ? count.deviation_high : largest(count.deviation));
  out += ",\"mean\":" + list(count.mean, 2) + ",\"sd\":" + list(count.deviation, 2);
  out += ",\"low68\":" + list(count.low68, 1) + ",\"high68\":" + list(count.high68, 1);
  return out + ",\"low95\":" + list(count.low95, 1) + ",\"high95\":" + list(count.high95, 1) + "}";
}

std::string number_json(const ViewedNumber& number) {
  return fmt::format("{{\"name\":{},\"unit\":{},\"map\":{},\"high\":{:.4g},\"values\":{}}}", quoted(number.name),
                     quoted(number.unit), number.map ? "true" : "false",
                     number.high > 0 ? number.high : largest(number.values), significant(number.values));
}

std::string maps_json() {
  std::string out = "{";
  for (const char* map : {"viridis", "magma", "difference"}) {
    out += fmt::format("{}\"{}\":[", out.size() > 1 ? "," : "", map);
    for (int i = 0; i < colours_of_a_map; ++i) {
      out += fmt::format("{}\"{}\"", i > 0 ? "," : "", map_colour(map, double(i) / (colours_of_a_map - 1)).hex());
    }
    out += "]";
  }
  return out + "}";
}

/// Each remark once, and of each column the index of its own, -1 for none.
std::string remarks_json(const ColumnViewer& viewer) {
  std::vector<std::string> known;
  std::vector<double> own;
  for (std::size_t i = 0; i < viewer.x_px.size(); ++i) {
    const std::string& remark = i < viewer.remarks.size() ? viewer.remarks[i] : "";
    auto place = std::find(known.begin(), known.end(), remark);
    if (!remark.empty() && place == known.end()) place = known.insert(known.end(), remark);
    own.push_back(remark.empty() ? -1 : double(place - known.begin()));
  }
  std::string words;
  for (const auto& remark : known) words += (words.empty() ? "" : ",") + quoted(remark);
  return "\"remark\":" + list(own, 0) + ",\"remarks\":[" + words + "]";
}

void check(const ColumnViewer& viewer) {
  const std::size_t columns = viewer.x_px.size();
  bool fits = viewer.y_px.size() == columns && (viewer.remarks.empty() || viewer.remarks.size() == columns);
  for (const auto& count : viewer.counts) {
    for (const auto* values :
         {&count.mean, &count.deviation, &count.low68, &count.high68, &count.low95, &count.high95}) {
      fits = fits && values->size() == columns;
    }
  }
  for (const auto& number : viewer.numbers) fits = fits && number.values.size() == columns;
  if (!fits) fail("a viewer of {} columns was given lists of other lengths", columns);
}

std::string data_json(const ColumnViewer& viewer) {
  std::string out = fmt::format("{{\"width\":{},\"height\":{},\"nm\":{:.8g},\"image\":\"{}\"", viewer.image.width,
                                viewer.image.height, viewer.image.pixel_size_nm, grey_address(viewer.image));
  out += ",\"x\":" + list(viewer.x_px, 2) + ",\"y\":" + list(viewer.y_px, 2) + "," + remarks_json(viewer);
  out += ",\"counts\":[";
  for (std::size_t i = 0; i < viewer.counts.size(); ++i) out += (i > 0 ? "," : "") + count_json(viewer.counts[i]);
  out += "],\"numbers\":[";
  for (std::size_t i = 0; i < viewer.numbers.size(); ++i) out += (i > 0 ? "," : "") + number_json(viewer.numbers[i]);
  return out + "],\"maps\":" + maps_json() + "}";
}

}  // namespace

std::string viewer_html(const ColumnViewer& viewer) {
  check(viewer);
  return R"(<section class="viewer" id="column-viewer" aria-label="Columns one by one" hidden>
<fieldset class="switch"><legend>Show</legend></fieldset>
<div class="viewer-body"><div class="viewer-map">
<canvas class="stage" tabindex="0" role="application" aria-roledescription="map of columns"></canvas>
<div class="tools"><button type="button" class="fit">Particle</button><button type="button" class="whole">Whole field</button>
<button type="button" class="in" aria-label="Larger">+</button><button type="button" class="out" aria-label="Smaller">&#8722;</button>
<div class="bar" hidden><span class="ramp"></span><span class="low"></span><span class="middle"></span><span class="high"></span></div></div>
</div><div class="panel"></div></div>
<p class="spoken" role="status"></p>
<div class="small"></div>
</section>
<script type="application/json" id="column-viewer-data">)" +
         data_json(viewer) + "</script>\n";
}

}  // namespace colonnade
