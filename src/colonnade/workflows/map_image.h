// SPDX-License-Identifier: GPL-3.0-or-later
// The job "map": from one micrograph to its columns, cross-sections and, where a model fits, atoms of each element.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/columns/column.h"
#include "colonnade/columns/find_columns.h"
#include "colonnade/core/options.h"
#include "colonnade/image/image.h"

namespace colonnade {

struct MapOptions {
  std::uint64_t seed = 1;
  std::vector<std::string> elements;
  double pixel_size_nm = 0;                ///< 0: from the file
  std::string model;                       ///< file; empty: the shipped one that fits
  std::string cross_section = "gaussian";  ///< or "voronoi"
  FindColumnsOptions find;
  OptionTable table();
  void check() const;
};

/// What one image gave. Counts and deviations: a row per column, an entry per element; empty without a model.
struct ElementMap {
  Image image;
  std::vector<std::string> elements;
  std::vector<Column> columns;
  std::vector<std::vector<double>> counts, deviations;
  std::vector<Image> maps;           ///< predicted, at the model's pixel size
  std::filesystem::path model_file;  ///< empty: none fitted
  nlohmann::json model_record;
  std::string without_model;  ///< why there are no counts, for people
};

/// Folders where models are looked for: $COLONNADE_MODELS, the installed ones, those of the source tree.
std::vector<std::filesystem::path> model_folders();

/// Measures an image whose pixel size is known.
ElementMap map_elements(Image image, const MapOptions& options);

/// Reads, measures, and writes the folder: columns.csv, maps.h5, maps as TIFF, figures as SVG and PNG, report.html,
/// run.json. Returns the summary that --json prints.
nlohmann::json map_image(const std::filesystem::path& image_file, MapOptions options, const std::filesystem::path& out,
                         bool overwrite);

}  // namespace colonnade
