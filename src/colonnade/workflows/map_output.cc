// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/map_output.h"

#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "colonnade/core/file.h"
#include "colonnade/core/version.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/hdf5_file.h"
#include "colonnade/report/figure.h"
#include "colonnade/report/page.h"
#include "colonnade/workflows/map_figures.h"

namespace colonnade {
namespace {

bool counted(const ElementMap& map) { return !map.counts.empty(); }

std::string number_or_blank(double value) { return std::isfinite(value) ? fmt::format("{:.3f}", value) : ""; }

void write_maps(const std::filesystem::path& folder, const ElementMap& map, const nlohmann::json& record) {
  const auto target = folder / "maps.h5";
  Hdf5File file(target, Hdf5File::Mode::create);
  const auto add = [&](const std::string& name, const Image& image) {
    file.write_floats(name, image.data, {image.height, image.width}, true);
    file.write_number(name, "pixel_size_nm", image.pixel_size_nm);
    file.write_text(name, "intensity", image.intensity);
  };
  add("image", map.image);
  for (std::size_t e = 0; e < map.maps.size(); ++e) {
    Image labelled = map.maps[e];
    labelled.title = map.elements[e];
    labelled.intensity = "atoms";
    add("maps/" + map.elements[e], labelled);
    write_image(folder / ("map_" + map.elements[e] + ".tif"), labelled);
  }
  std::vector<double> rows;
  for (const auto& column : map.columns) rows.insert(rows.end(), {column.x_px, column.y_px, column.cross_section_nm2});
  file.write_doubles("columns", rows, {std::int64_t(map.columns.size()), 3});
  file.write_text("columns", "fields", "x_px,y_px,cross_section_nm2");
  file.write_text("/", "record", record.dump());
  file.close();
}

std::vector<std::string> table_header(const ElementMap& map) {
  std::vector<std::string> header{"column", "x nm", "y nm", "cross-section nm\u00b2"};
  if (counted(map)) {
    for (const auto& element : map.elements) header.push_back(element);
  }
  return header;
}

std::vector<std::vector<std::string>> table_rows(const ElementMap& map) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < map.columns.size(); ++i) {
    const Column& column = map.columns[i];
    rows.push_back({std::to_string(i + 1), fmt::format("{:.3f}", column.x_px * map.image.pixel_size_nm),
                    fmt::format("{:.3f}", column.y_px * map.image.pixel_size_nm),
                    fmt::format("{:.3g}", column.cross_section_nm2)});
    for (std::size_t e = 0; counted(map) && e < map.elements.size(); ++e) {
      const double deviation = map.deviations[i][e];
      rows.back().push_back(fmt::format("{:.1f}", map.counts[i][e]) +
                            (std::isfinite(deviation) ? fmt::format(" \u00b1 {:.1f}", deviation) : ""));
    }
  }
  return rows;
}

/// The held-out scores that the model carries, as a table.
void add_scores(Page& page, const ElementMap& map) {
  const auto& scores = map.model_record["scores"];
  if (!scores.contains("elements")) return;
  std::vector<std::vector<std::string>> rows;
  for (const auto& element : scores["elements"]) {
    const auto& model = element["model"];
    const auto& baseline = element["thickness_only"];
    const auto percent = [](const nlohmann::json& share) {
      return share.is_number() ? fmt::format("{:.0f} %", 100 * share.get<double>()) : std::string();
    };
    const auto plain = [](const nlohmann::json& value) {
      return value.is_number() ? fmt::format("{:.2f}", value.get<double>()) : std::string();
    };
    rows.push_back({element["element"].get<std::string>(), plain(model["r2"]), plain(baseline["r2"]),
                    percent(model["exact"]), percent(baseline["exact"]), percent(model["within_1"]),
                    percent(baseline["within_1"])});
  }
  page.heading("How far to trust the counts");
  page.paragraph(fmt::format(
      "Scores of this model on {} simulated particles that it was not trained on, beside a predictor that knows only "
      "how "
      "thick each column is. Where the two are alike, the image says nothing about that element beyond the thickness. "
      "They hold for images like the simulated ones; a real image may differ in zone axis, tilt, support and detector.",
      scores.value("particles", 0)));
  page.table(
      {"element", "R2", "R2 thickness only", "exact", "exact thickness only", "within 1", "within 1 thickness only"},
      rows, "Held-out particles");
}

void add_cards(Page& page, const ElementMap& map) {
  const double pixel = map.image.pixel_size_nm;
  std::vector<Card> cards{
      {"atomic columns", std::to_string(map.columns.size()), ""},
      {"field of view", fmt::format("{:.3g} x {:.3g} nm", map.image.width * pixel, map.image.height * pixel),
       fmt::format("{} x {} pixels of {:.4g} nm", map.image.width, map.image.height, pixel)}};
  if (counted(map)) {
    const Composition whole = composition(map);
    cards.push_back({"atoms in view", fmt::format("{:.0f}", whole.atoms), "sum over all columns and elements"});
  }
  page.cards(cards);
}

std::string report_html(const ElementMap& map, const std::vector<NamedFigure>& figures, const nlohmann::json& record,
                        const std::string& title) {
  Page page("Element map of " + title, fmt::format("elements {}", fmt::join(map.elements, ", ")));
  add_cards(page, map);
  if (!map.without_model.empty()) page.notice("No element counts: " + map.without_model + ".");
  const bool with_counts = counted(map);
  std::vector<std::string> maps, others;
  for (const auto& figure : figures) {
    if (figure.name == "image") continue;
    (figure.name.starts_with("map_") ? maps : others).push_back(figure.svg);
  }
  page.figures({figures.front().svg},
               "The image as read, with the columns found. Hover over a column for its numbers; "
               "the table below has them all.");
  if (!maps.empty()) page.figures(maps, "Atoms of each element per column, on one scale.");
  page.figures(others, with_counts
                           ? "Columns by number of atoms; composition over all columns, its error bars being the "
                             "least they can be (independent errors of the columns); columns by the share of each "
                             "element among their atoms."
                           : "Scattering cross-section of each column: its intensity integrated over its area.");
  if (with_counts) add_scores(page, map);
  page.heading("Columns");
  page.table(table_header(map), table_rows(map),
             fmt::format("All {} columns (also in columns.csv)", map.columns.size()), true);
  page.heading("How this was made");
  page.paragraph(
      fmt::format("Colonnade {}. Columns: matched filter and least-squares fit of a sum of Gaussians with a "
                  "common width; cross-section = 2 pi sigma^2 height, in the image's intensity unit times "
                  "nm^2 ({}).",
                  version, map.image.intensity));
  page.preformatted(record.dump(2), "All settings (also in run.json)");
  page.footer(fmt::format("Colonnade {}, seed {}", version, record.value("seed", 0ULL)));
  return page.html();
}

}  // namespace

std::string columns_csv(const ElementMap& map) {
  std::string text = "x_px,y_px,x_nm,y_nm,cross_section_nm2";
  for (const auto& element : map.elements) text += fmt::format(",{0},{0}_sd", element);
  text += "\n";
  for (std::size_t i = 0; i < map.columns.size(); ++i) {
    const Column& column = map.columns[i];
    text += fmt::format("{:.3f},{:.3f},{:.5f},{:.5f},{:.6g}", column.x_px, column.y_px,
                        column.x_px * map.image.pixel_size_nm, column.y_px * map.image.pixel_size_nm,
                        column.cross_section_nm2);
    for (std::size_t e = 0; e < map.elements.size(); ++e) {
      text += counted(map)
                  ? fmt::format(",{},{}", number_or_blank(map.counts[i][e]), number_or_blank(map.deviations[i][e]))
                  : ",,";
    }
    text += "\n";
  }
  return text;
}

nlohmann::json write_map_files(const std::filesystem::path& folder, const ElementMap& map, const nlohmann::json& record,
                               const std::string& title) {
  write_file(folder / "columns.csv", columns_csv(map));
  write_maps(folder, map, record);
  const auto figures = map_figures(map);
  for (const auto& figure : figures) {
    write_file(folder / (figure.name + ".svg"), figure.svg);
    write_png(folder / (figure.name + ".png"), figure.svg);
  }
  write_file(folder / "report.html", report_html(map, figures, record, title));
  write_file(folder / "run.json", record.dump(2) + "\n");
  nlohmann::json summary{{"columns", map.columns.size()},
                         {"pixel_size_nm", map.image.pixel_size_nm},
                         {"model", map.model_file.filename().string()},
                         {"version", version}};
  if (counted(map)) {
    const Composition whole = composition(map);
    for (std::size_t e = 0; e < map.elements.size(); ++e) {
      summary["composition"][map.elements[e]] = {{"fraction", whole.fractions[e]},
                                                 {"independent_sd", whole.deviations[e]}};
    }
  } else {
    summary["note"] = map.without_model;
  }
  return summary;
}

}  // namespace colonnade
