// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/index_pattern.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/diffraction/pattern_centre.h"
#include "colonnade/diffraction/rings.h"
#include "colonnade/report/text_table.h"
#include "colonnade/simulate/diffraction/structure_factors.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/structures/known_crystals.h"
#include "colonnade/workflows/index_figure.h"
#include "colonnade/workflows/run_record.h"

namespace colonnade {
namespace {

constexpr double longest_without_scale = 2;  ///< 1/Angstrom
constexpr double longest_ring_g = 1.6;
constexpr double beyond = 1.15;  ///< reflections are computed so far beyond the last spot
constexpr double lattice_tolerance_px = 1.5;

struct Calibration {
  PatternScale scale;
  std::string source;
  std::optional<RingCalibration> rings;
};

Calibration calibrated(const RecordedPattern& recorded, const IndexPatternOptions& options) {
  Calibration out;
  if (options.per_px > 0) {
    out.scale.per_px = options.per_px;
    out.source = "given";
  } else if (options.rings.empty() && recorded.per_px > 0) {
    out.scale.per_px = recorded.per_px;
    out.source = "the file";
  }
  if (!options.rings.empty()) {
    const Phase phase = kinematic_phase(options.ring_crystal, crystal_from(options.ring_crystal), longest_ring_g);
    out.rings = calibrate_rings(read_pattern(options.rings).image, phase, options.per_px);
    if (options.ring_ellipse) out.scale.ellipse = out.rings->scale.ellipse;
    if (options.per_px == 0) {
      out.scale.per_px = out.rings->scale.per_px;
      out.scale.relative_error = out.rings->scale.relative_error;
      out.source = "rings of " + options.ring_crystal;
    }
  }
  return out;
}

std::optional<SpotLattice> lattice_of(const SpotList& list, const PatternCentre& centre) {
  std::vector<LatticeSpot> spots;
  for (const Spot& spot : list.spots) {
    spots.push_back({{spot.x_px - centre.x_px, spot.y_px - centre.y_px}, std::sqrt(spot.intensity)});
  }
  try {
    return fit_spot_lattice(spots, lattice_tolerance_px);
  } catch (const Error&) {
    return {};  // several crystals, too few spots: indexing may still do
  }
}

std::vector<std::string> row_of(std::size_t rank, const ZoneMatch& match, const PatternIndexing& result) {
  const bool as_good = std::count(result.indexing.as_good.begin(), result.indexing.as_good.end(), rank) > 0;
  return {std::to_string(rank + 1),
          match.name,
          zone_text(match.zone),
          fmt::format("{:.3f}{}", match.score, as_good ? " =" : ""),
          fmt::format("{:.0f} %", 100 * match.explained),
          fmt::format("{:.0f} %", 100 * match.seen),
          fmt::format("{}/{}", match.spots.size(), result.measured.spots.size()),
          fmt::format("{:.1f}", match.in_plane_deg),
          fmt::format("{:.6f}", result.scale.per_px / match.scale),
          fmt::format("{:.4f}", match.rms_per_A)};
}

nlohmann::json json_of(const ZoneMatch& match, const PatternIndexing& result) {
  return {{"crystal", match.name},
          {"zone", match.zone},
          {"in_plane_deg", match.in_plane_deg},
          {"score", match.score},
          {"explained", match.explained},
          {"seen", match.seen},
          {"chance", match.chance},
          {"intensity_correlation", match.correlation},
          {"indexed_spots", match.spots.size()},
          {"rms_per_A", match.rms_per_A},
          {"per_A_per_px", result.scale.per_px / match.scale},
          {"distortion", {{"ratio", match.distortion.ratio}, {"angle_deg", match.distortion.angle_deg}}}};
}

nlohmann::json json_of(const RingCalibration& rings) {
  nlohmann::json json{{"per_A_per_px", rings.scale.per_px},
                      {"relative_error", rings.scale.relative_error},
                      {"rms_departure", rings.rms_departure},
                      {"ellipse_ratio", rings.scale.ellipse.ratio},
                      {"ellipse_angle_deg", rings.scale.ellipse.angle_deg}};
  for (const MatchedRing& ring : rings.rings) {
    json["rings"].push_back({{"hkl", ring.hkl},
                             {"g_per_A", ring.g_per_A},
                             {"radius_px", ring.radius_px},
                             {"radius_error_px", ring.radius_error_px},
                             {"departure", ring.departure}});
  }
  return json;
}

}  // namespace

OptionTable IndexPatternOptions::table() {
  OptionTable table;
  table.add("crystals", &crystals, "", "Crystals that it could be: names (Al,Fe,SrTiO3), structure files");
  table.add("pixel_size", &per_px, "1/A", "Scale of the pattern per pixel; 0: from --rings, else from the file");
  table.add("rings", &rings, "", "File of a ring pattern recorded at the same camera length");
  table.add("ring_crystal", &ring_crystal, "", "Crystal of the ring pattern");
  table.add("ring_ellipse", &ring_ellipse, "", "Undo the ellipse that the rings show");
  table.add("energy", &energy_keV, "keV", "Of the electrons, for the camera length; 0: not known");
  table.add("detector_pixel", &detector_pixel_um, "um", "Of the camera, for the camera length; 0: not known");
  table.add("signal", &signal, "", "Signal of a file that holds several: title or number");
  table.add("pattern", &pattern, "", "Pattern of a scan, line by line, counted from 1");
  spots.describe(table);
  index.describe(table);
  return table;
}

void IndexPatternOptions::check() const {
  if (crystals.empty()) fail("no crystal is named; give --crystals Al,Fe");
  if (!(per_px >= 0 && per_px < 1)) fail("--pixel-size is {} 1/A; give a number such as 0.01", per_px);
  if (!(energy_keV >= 0 && energy_keV <= 3000)) fail("--energy is {} keV; give 20 to 3000, or 0", energy_keV);
  if (!(detector_pixel_um >= 0)) fail("--detector-pixel is {} um; it must be 0 or more", detector_pixel_um);
  if (pattern < 1) fail("--pattern is {}; patterns are counted from 1", pattern);
  spots.check();
  index.check();
}

Phase kinematic_phase(const std::string& name, const Structure& crystal, double longest_per_A) {
  StructureFactorOptions options;
  options.longest_per_A = longest_per_A;
  std::map<Miller, double> intensity;
  for (const Reflection& one : structure_factors(crystal, options)) intensity[one.hkl] = std::norm(one.factor);
  return make_phase(name, crystal, longest_per_A, [&](const ReciprocalPoint& point) {
    const auto found = intensity.find(point.hkl);
    return found == intensity.end() ? 0 : found->second;
  });
}

PatternIndexing index_pattern(const RecordedPattern& recorded, const IndexPatternOptions& options) {
  options.check();
  PatternIndexing result;
  result.image = recorded.image;
  const Calibration calibration = calibrated(recorded, options);
  result.scale = calibration.scale;
  result.scale_source = calibration.source.empty() ? "not known" : calibration.source;
  result.rings = calibration.rings;
  result.mask = find_pattern_mask(result.image);
  result.centre = find_centre(result.image, result.mask);
  result.list = find_spots(result.image, result.mask, result.centre, options.spots);
  result.centre = centre_of_pairs(result.list, result.centre);
  result.lattice = lattice_of(result.list, result.centre);
  IndexOptions index = options.index;
  if (result.scale.per_px == 0) {
    index.scale_error = 0;
    result.scale.per_px = 1.0 / std::min(result.image.height, result.image.width);  // any: it is found
  }
  result.measured = measured_pattern(result.image, result.mask, result.centre, result.scale, result.list);
  double longest = 0;
  for (const MeasuredSpot& spot : result.measured.spots) longest = std::max(longest, std::hypot(spot.g[0], spot.g[1]));
  const double reach = index.scale_error == 0 ? longest_without_scale : beyond * longest;
  for (const std::string& name : options.crystals) {
    result.phases.push_back(kinematic_phase(name, crystal_from(name), reach));
  }
  result.indexing =
      index_pattern_spots(result.measured, result.phases, make_zones(result.phases, index.highest_index), index);
  return result;
}

nlohmann::json to_json(const PatternIndexing& result) {
  nlohmann::json json{{"verdict", result.indexing.verdict},
                      {"centre",
                       {{"x_px", result.centre.x_px},
                        {"y_px", result.centre.y_px},
                        {"error_px", result.centre.error_px},
                        {"method", result.centre.method}}},
                      {"spots", result.list.spots.size()},
                      {"scale_source", result.scale_source},
                      {"beam_stop_px", result.mask.beam_stop},
                      {"saturated_px", result.mask.clipped}};
  if (result.scale_source != "not known") json["per_A_per_px"] = result.scale.per_px;
  if (result.rings) json["rings"] = json_of(*result.rings);
  if (result.lattice) {
    json["lattice_px"] = {{"a", result.lattice->a},
                          {"b", result.lattice->b},
                          {"a_error", result.lattice->a_error},
                          {"b_error", result.lattice->b_error},
                          {"explained", result.lattice->explained}};
  }
  json["matches"] = nlohmann::json::array();
  for (const ZoneMatch& match : result.indexing.matches) json["matches"].push_back(json_of(match, result));
  json["as_good"] = result.indexing.as_good;
  return json;
}

std::string to_text(const PatternIndexing& result) {
  std::string text =
      fmt::format("Centre {:.2f}, {:.2f} px (+- {:.2f}, by {}); {} spots", result.centre.x_px, result.centre.y_px,
                  result.centre.error_px, result.centre.method, result.list.spots.size());
  if (result.mask.beam_stop > 0) text += "; beam stop masked";
  text += result.scale_source == "not known"
              ? "\nScale not known: found with the crystal\n"
              : fmt::format("\nScale {:.6f} 1/A per px ({})\n", result.scale.per_px, result.scale_source);
  if (result.rings) text += "Rings: " + result.rings->verdict + "\n";
  TextTable table;
  table.header = {"#", "crystal", "zone", "score", "explained", "seen", "spots", "angle", "1/A per px", "rms 1/A"};
  for (std::size_t i = 0; i < result.indexing.matches.size(); ++i) {
    table.rows.push_back(row_of(i, result.indexing.matches[i], result));
  }
  if (!table.rows.empty()) text += to_text(table);
  return text + result.indexing.verdict + "\n";
}

PatternIndexing index_pattern_file(const std::filesystem::path& file, const IndexPatternOptions& options,
                                   const std::filesystem::path& out, bool overwrite) {
  options.check();
  require_file(file, "pattern");
  PendingFolder folder(out, overwrite);
  PatternIndexing result = index_pattern(read_pattern(file, options.signal, options.pattern), options);
  IndexPatternOptions copy = options;
  nlohmann::json record = run_record("index", copy.table(), 0, {file});
  record["result"] = to_json(result);
  if (result.rings && options.energy_keV > 0 && options.detector_pixel_um > 0) {
    record["result"]["camera_length_mm"] =
        camera_length_mm(result.rings->scale, options.detector_pixel_um, electron_wavelength_A(options.energy_keV));
  }
  write_file(folder / "index.json", record.dump(2) + "\n");
  write_file(folder / "matches.txt", to_text(result));
  write_file(folder / "spots.csv", spot_table(result));
  const std::string svg = overlay_figure(result, file.filename().string());
  write_file(folder / "overlay.svg", svg);
  write_png(folder / "overlay.png", svg);
  folder.commit();
  return result;
}

}  // namespace colonnade
