// SPDX-License-Identifier: GPL-3.0-or-later
// The figures of an element map, for the report and, at the width of a journal's column, for papers.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "colonnade/columns/particle_analysis.h"
#include "colonnade/core/options.h"
#include "colonnade/workflows/map_image.h"

namespace colonnade {

struct NamedFigure {
  enum class Part { image, counts, errors, statistics, order, profile, verification };
  Part part = Part::image;
  std::string name, caption;
  double width_px = 480;                          ///< in the report
  std::function<std::string(double width)> draw;  ///< as SVG, so many px wide
  std::string svg() const { return draw(width_px); }
};
/// The image, and with its columns marked; with counts: total and a map per element, each with its uncertainty,
/// histograms, composition, shares, order, profiles; without: the cross-sections.
std::vector<NamedFigure> map_figures(const ElementMap& map, const ParticleAnalysis& analysis);

/// Writes them into a folder in the formats and at the size that the options say.
void write_figures(const std::filesystem::path& folder, const std::vector<NamedFigure>& figures,
                   const FigureOptions& options);

/// The unit of its cross-sections: an area where intensities are fractions of the beam.
std::string section_unit(const ElementMap& map);

/// The image as read, a circle at each column.
std::string columns_svg(const ElementMap& map);

/// A disc at each column, coloured by its mean count of one element, from 0 to `high`.
std::string element_map_svg(const ElementMap& map, std::size_t element, const std::string& title, double high);

}  // namespace colonnade
