// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/map_summary.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "colonnade/core/file.h"
#include "colonnade/core/version.h"
#include "colonnade/report/figure.h"
#include "colonnade/report/page.h"

namespace colonnade {
namespace {

using Json = nlohmann::json;

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string text_of(const Json& row, const char* key) {
  return row.contains(key) && row[key].is_string() ? row[key].get<std::string>() : "";
}

std::string number_of(const Json& row, const char* key, const char* format = "{:.6g}") {
  return row.contains(key) && row[key].is_number() ? fmt::format(fmt::runtime(format), row[key].get<double>()) : "";
}

const Json* share_of(const Json& row, const std::string& element) {
  if (!row.contains("composition") || !row["composition"].contains(element)) return nullptr;
  const Json& share = row["composition"][element];  // without a usable column the numbers are not there
  return share["fraction"].is_number() && share["sd"].is_number() ? &share : nullptr;
}

std::string summary_csv(const Json& rows, const std::vector<std::string>& elements) {
  std::string text = "file,folder,state,columns,pixel_size_nm,atoms,atoms_sd";
  for (const auto& element : elements) text += fmt::format(",{0}_fraction,{0}_fraction_sd", element);
  text += ",statement,error\n";
  for (const Json& row : rows) {
    for (const char* key : {"file", "folder", "state"}) text += csv_cell(text_of(row, key)) + ",";
    for (const char* key : {"columns", "pixel_size_nm", "atoms", "atoms_sd"}) text += number_of(row, key) + ",";
    for (const auto& element : elements) {
      const Json* share = share_of(row, element);
      text +=
          share != nullptr ? number_of(*share, "fraction", "{:.5f}") + "," + number_of(*share, "sd", "{:.5f}") : ",";
      text += ",";
    }
    text += csv_cell(text_of(row, "statement")) + "," + csv_cell(text_of(row, "error")) + "\n";
  }
  return text;
}

std::vector<std::string> page_row(const Json& row, const std::vector<std::string>& elements) {
  const std::filesystem::path file = text_of(row, "file");
  std::vector<std::string> cells{file.filename().string(), text_of(row, "state"), number_of(row, "columns"),
                                 number_of(row, "pixel_size_nm", "{:.4g}"), ""};
  if (row.contains("atoms")) {
    cells.back() = number_of(row, "atoms", "{:.0f}") + " \u00b1 " + number_of(row, "atoms_sd", "{:.0f}");
  }
  for (const auto& element : elements) {
    const Json* share = share_of(row, element);
    cells.push_back(share == nullptr ? ""
                                     : fmt::format("{:.1f} \u00b1 {:.1f}", 100 * share->at("fraction").get<double>(),
                                                   100 * share->at("sd").get<double>()));
  }
  cells.push_back(text_of(row, row.contains("error") ? "error" : "statement"));
  return cells;
}

/// Composition from image to image; empty where there are fewer than two with counts.
std::string composition_svg(const Json& rows, const std::vector<std::string>& elements) {
  LineFigure figure;
  figure.title = "Composition from image to image";
  figure.x_label = "image, in the table's order";
  figure.y_label = "atomic %";
  figure.footnote = "Bands: one standard deviation.";
  for (const auto& element : elements) {
    LineFigure::Line line;
    line.name = element;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Json* share = share_of(rows[i], element);
      if (share == nullptr) continue;
      const double fraction = 100 * share->at("fraction").get<double>(), sd = 100 * share->at("sd").get<double>();
      line.x.push_back(double(i) + 1);
      line.y.push_back(fraction);
      line.low.push_back(fraction - sd);
      line.high.push_back(fraction + sd);
      line.hovers.push_back(
          fmt::format("{}: {} {:.1f} \u00b1 {:.1f} %", text_of(rows[i], "folder"), element, fraction, sd));
    }
    if (line.x.size() < 2) return "";
    figure.lines.push_back(std::move(line));
  }
  return to_svg(figure, 640);
}

std::string summary_html(const Json& rows, const std::vector<std::string>& elements) {
  std::vector<std::vector<std::string>> cells;
  std::vector<std::string> links;
  std::size_t failed = 0;
  for (const Json& row : rows) {
    cells.push_back(page_row(row, elements));
    failed += row.contains("error") ? 1 : 0;
    links.push_back(row.contains("error") ? "" : text_of(row, "folder") + "/report.html");
  }
  std::vector<std::string> header{"image", "state", "columns", "nm per px", "atoms"};
  for (const auto& element : elements) header.push_back(element + " %");
  header.emplace_back("remark");
  Page page(fmt::format("{} images mapped", rows.size() - failed),
            fmt::format("elements {}", fmt::join(elements, ", ")));
  if (failed > 0) page.warning(fmt::format("{} of {} images failed; their rows say why.", failed, rows.size()));
  page.table(header, cells, "Every image, with the link to its report (also in summary.csv)", false, links);
  const std::string figure = composition_svg(rows, elements);
  if (!figure.empty())
    page.figures({figure}, "Errors are those of the reports: the images' own and what all columns share.");
  page.footer(fmt::format("Colonnade {}", version));
  return page.html();
}

}  // namespace

Json summary_row(const Json& summary) {
  Json row;
  for (const char* key : {"columns", "pixel_size_nm"}) {
    if (summary.contains(key)) row[key] = summary[key];
  }
  if (summary.contains("composition") && summary["composition"].contains("elements")) {
    const Json& whole = summary["composition"];
    row["atoms"] = whole.value("atoms", 0.0);
    row["atoms_sd"] = whole.value("atoms_sd", 0.0);
    row["composition"] = whole["elements"];
  }
  if (summary.contains("statements") && !summary["statements"].empty()) row["statement"] = summary["statements"][0];
  if (summary.contains("note")) row["statement"] = "no counts: " + summary["note"].get<std::string>();
  return row;
}

void write_summary(const std::filesystem::path& folder, const Json& rows, const std::vector<std::string>& elements) {
  write_file(folder / "summary.csv", summary_csv(rows, elements));
  write_file(folder / "summary.html", summary_html(rows, elements));
}

}  // namespace colonnade
