// SPDX-License-Identifier: GPL-3.0-or-later
// The job "index": from a recorded diffraction pattern to the crystal and the zone axis that explain its spots, by
// geometry and kinematic intensities, with the reasons: which spot is which reflection, and what else would do.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/diffraction/ring_calibration.h"
#include "colonnade/diffraction/spot_lattice.h"
#include "colonnade/diffraction/zone_match.h"
#include "colonnade/workflows/read_pattern.h"

namespace colonnade {

struct IndexPatternOptions {
  std::vector<std::string> crystals;  ///< names as crystal_from() takes them
  double per_px = 0;                  ///< 1/Angstrom per pixel; 0: from rings, else from the file, else not known
  std::string rings;                  ///< file of a ring pattern recorded at the same camera length; empty: none
  std::string ring_crystal = "Au";
  bool ring_ellipse = true;      ///< take over the ellipse of the rings
  double energy_keV = 0;         ///< for the camera length; 0: not known
  double detector_pixel_um = 0;  ///< likewise
  std::string signal;            ///< of a file that holds several
  int pattern = 1;               ///< of a scan, counted from 1
  FindSpotsOptions spots;
  IndexOptions index;
  OptionTable table();
  void check() const;
};

struct PatternIndexing {
  Image image;
  PatternMask mask;
  PatternCentre centre;
  SpotList list;
  PatternScale scale;
  std::string scale_source;  ///< "given", "the file", "rings of Au", "not known"
  std::optional<RingCalibration> rings;
  std::optional<SpotLattice> lattice;  ///< px
  MeasuredPattern measured;
  std::vector<Phase> phases;
  Indexing indexing;
};

/// A crystal with |F|^2 of the first Born approximation (Lobato and Van Dyck's factors, atoms at rest): the one place
/// where indexing gets its intensities from.
Phase kinematic_phase(const std::string& name, const Structure& crystal, double longest_per_A);

PatternIndexing index_pattern(const RecordedPattern& recorded, const IndexPatternOptions& options);

nlohmann::json to_json(const PatternIndexing& result);
std::string to_text(const PatternIndexing& result);

/// Reads, indexes, and writes the folder: index.json, matches.txt, spots.csv, overlay.svg and .png. Returns the result.
PatternIndexing index_pattern_file(const std::filesystem::path& file, const IndexPatternOptions& options,
                                   const std::filesystem::path& out, bool overwrite);

}  // namespace colonnade
