// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/map_output.h"

#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "colonnade/core/file.h"
#include "colonnade/core/version.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/hdf5_file.h"
#include "colonnade/workflows/map_figures.h"
#include "colonnade/workflows/map_report.h"

namespace colonnade {
namespace {

bool counted(const ElementMap& map) { return !map.distributions.empty(); }

/// Means, covariances, correlations and totals of the columns, in the table's order.
void write_counts(Hdf5File& file, const ElementMap& map) {
  const auto columns = std::int64_t(map.distributions.size()), elements = std::int64_t(map.elements.size());
  std::vector<double> means, covariances, correlations, totals;
  for (const CountDistribution& counts : map.distributions) {
    means.insert(means.end(), counts.mean.begin(), counts.mean.end());
    covariances.insert(covariances.end(), counts.covariance.begin(), counts.covariance.end());
    for (std::int64_t k = 0; k < elements * elements; ++k) {
      correlations.push_back(counts.correlation(std::size_t(k / elements), std::size_t(k % elements)));
    }
    totals.insert(totals.end(), {mean_of(counts.total), std::sqrt(variance_of(counts.total))});
  }
  file.write_doubles("counts/mean", means, {columns, elements});
  file.write_doubles("counts/covariance", covariances, {columns, elements, elements});
  file.write_doubles("counts/correlation", correlations, {columns, elements, elements});
  file.write_doubles("counts/total", totals, {columns, 2});
  file.write_text("counts/total", "fields", "mean,sd");
  file.write_text("counts", "elements", fmt::format("{}", fmt::join(map.elements, ",")));
}

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
  if (counted(map)) write_counts(file, map);
  file.write_text("/", "record", record.dump());
  file.close();
}

/// "Pt,Pt_sd,Pt_low68,..." with a leading comma.
std::string count_header(const std::string& name) {
  return fmt::format(",{0},{0}_sd,{0}_low68,{0}_high68,{0}_low95,{0}_high95", name);
}

std::string count_cells(double mean, double deviation, const CountProbabilities& bars) {
  const Interval one = central_interval(bars, 0.68), two = central_interval(bars, 0.95);
  return fmt::format(",{:.3f},{:.3f},{:.2f},{:.2f},{:.2f},{:.2f}", mean, deviation, one.low, one.high, two.low,
                     two.high);
}

}  // namespace

std::string columns_csv(const ElementMap& map) {
  std::string text = "x_px,y_px,x_nm,y_nm,cross_section_nm2";
  for (const auto& element : map.elements) text += count_header(element);
  text += count_header("total") + ",flag\n";
  for (std::size_t i = 0; i < map.columns.size(); ++i) {
    const Column& column = map.columns[i];
    text += fmt::format("{:.3f},{:.3f},{:.5f},{:.5f},{:.6g}", column.x_px, column.y_px,
                        column.x_px * map.image.pixel_size_nm, column.y_px * map.image.pixel_size_nm,
                        column.cross_section_nm2);
    if (counted(map)) {
      const CountDistribution& counts = map.distributions[i];
      for (std::size_t e = 0; e < map.elements.size(); ++e) {
        text += count_cells(counts.mean[e], counts.deviation(e), counts.elements[e]);
      }
      text += count_cells(mean_of(counts.total), std::sqrt(variance_of(counts.total)), counts.total);
      text += "," + counts.flag + "\n";
    } else {
      text += std::string(6 * (map.elements.size() + 1) + 1, ',') + "\n";
    }
  }
  return text;
}

ParticleAnalysis analyse_map(const ElementMap& map, AnalysisOptions options) {
  const double pixel = map.image.pixel_size_nm;
  const bool whole = map.area.width == 0;
  options.field = whole ? Field{0, 0, map.image.width * pixel, map.image.height * pixel}
                        : Field{map.area.left * pixel, map.area.top * pixel, (map.area.left + map.area.width) * pixel,
                                (map.area.top + map.area.height) * pixel};
  options.common = map.common;
  std::vector<Point> positions;
  for (const Column& column : map.columns) positions.push_back({column.x_px * pixel, column.y_px * pixel});
  return analyse_particle(positions, map.distributions, map.elements, options);
}

nlohmann::json write_map_files(const std::filesystem::path& folder, const ElementMap& map, const MapOptions& options,
                               nlohmann::json record, const std::string& title) {
  ParticleAnalysis analysis;
  nlohmann::json summary{{"columns", map.columns.size()},
                         {"pixel_size_nm", map.image.pixel_size_nm},
                         {"model", map.model_file.filename().string()},
                         {"version", version}};
  if (counted(map)) {
    analysis = analyse_map(map, options.analysis);
    const nlohmann::json whole = to_json(analysis);
    write_file(folder / "analysis.json", whole.dump(2) + "\n");
    for (const char* part : {"statements", "composition", "group_composition", "separability"}) {
      summary[part] = whole[part];
    }
  } else {
    summary["note"] = map.without_model;
  }
  if (map.model) write_map_model(folder / "model.xyz", map, *map.model);
  if (map.verification) summary["verification"] = map.verification->to_json();
  record["summary"] = summary;
  write_file(folder / "columns.csv", columns_csv(map));
  write_maps(folder, map, record);
  const auto figures = map_figures(map, analysis);
  write_figures(folder / "figures", figures, options.figures);
  write_file(folder / "report.html", report_html(map, analysis, figures, record, title));
  write_file(folder / "run.json", record.dump(2) + "\n");
  return summary;
}

}  // namespace colonnade
