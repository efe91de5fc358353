// SPDX-License-Identifier: GPL-3.0-or-later
// The job "map": from one micrograph to its columns, cross-sections and, where a model fits, atoms of each element.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "colonnade/columns/column.h"
#include "colonnade/columns/find_columns.h"
#include "colonnade/columns/particle_analysis.h"
#include "colonnade/core/options.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/image.h"
#include "colonnade/workflows/map_area.h"
#include "colonnade/workflows/map_model.h"
#include "colonnade/workflows/map_physics.h"
#include "colonnade/workflows/prepare_image.h"

namespace colonnade {

/// How figures are saved.
struct FigureOptions {
  double width_mm = 85;     ///< one column of a journal; two: 170
  double font_size_pt = 8;  ///< of axes and labels
  double dpi = 300;         ///< of PNG
  std::vector<std::string> formats{"svg", "pdf", "png"};
  std::string counts = "viridis", errors = "magma";  ///< colour maps
  void describe(OptionTable& table, const std::string& section = "figures");
  void check() const;
};

struct MapOptions {
  std::uint64_t seed = 1;
  std::vector<std::string> elements;
  double pixel_size_nm = 0;  ///< 0: from the file
  ReadOptions read;          ///< which signal and frame of the file
  PreparationOptions prepare;
  std::string method = "auto";  ///< network, physics; auto: a network that fits, or else physics if it is calibrated
  std::string model;            ///< file; empty: the shipped one that fits
  PhysicsOptions physics;
  std::string cross_section = "gaussian";  ///< or "voronoi"
  AreaOptions area;
  FindColumnsOptions find;
  AnalysisOptions analysis;
  FigureOptions figures;
  bool model_3d = true;  ///< write model.xyz where there are counts
  ParticleModelOptions particle_model;
  std::string verify = "none";  ///< lensing, multislice: simulate that model and compare
  OptionTable table();
  void check() const;
};

/// What one image gave. Distributions: one per column; empty without a model.
struct ElementMap {
  Image image;
  std::vector<PreparationStep> preparation;  ///< what was done to the image before
  PixelBox area;                             ///< around what was measured; without a width: all of the image
  std::vector<std::string> elements;
  std::vector<Column> columns;
  std::vector<CountDistribution> distributions;
  std::pair<std::string, std::string> colours{"viridis", "magma"};  ///< maps of counts and of errors
  std::vector<double> common;        ///< relative errors that all columns share (composition.h); empty: not known
  std::string without_calibration;   ///< why the deviations are guesses, for people; or empty
  std::vector<Image> maps;           ///< predicted, at the model's pixel size
  std::filesystem::path model_file;  ///< empty: none fitted
  nlohmann::json model_record;
  nlohmann::json physics;     ///< what counting by physics found and assumed; null: not used
  std::string without_model;  ///< why there are no counts, for people
  std::optional<ParticleModel> model;
  std::optional<Verification> verification;
};

/// Folders where models are looked for: $COLONNADE_MODELS, the installed ones, those of the source tree.
std::vector<std::filesystem::path> model_folders();

/// Reads an image, makes it fit to measure, and settles its pixel size; fails where that is not known. What the file
/// says of energy, semi-angle and detector takes the place of these options where they have their defaults.
Prepared read_map_image(const std::filesystem::path& file, MapOptions& options);
/// By what atoms would be counted, for people: "network NAME.h5", "physics (...)", or why they would not be.
std::string counting_text(const MapOptions& options);

/// Measures an image whose pixel size is known.
ElementMap map_elements(Image image, const MapOptions& options);

/// Reads, measures, and writes the folder: columns.csv, analysis.json, maps.h5, maps as TIFF, model.xyz,
/// figures, report.html, run.json. Returns the summary that --json prints.
nlohmann::json map_image(const std::filesystem::path& image_file, MapOptions options, const std::filesystem::path& out,
                         bool overwrite);

}  // namespace colonnade
