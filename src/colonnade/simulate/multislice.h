// SPDX-License-Identifier: GPL-3.0-or-later
// HAADF-STEM by multislice (Cowley and Moodie 1957; Kirkland, Advanced Computing in Electron Microscopy) in single
// precision: the clear reference that faster algorithms are tested against.
// Intensities are fractions of the incident beam. The transmission function and the propagator are band-limited to 2/3
// of the grid's Nyquist frequency; a detector beyond that is refused. Atoms stand still unless thermal motion is asked
// for (thermal_motion.h).
#pragma once

#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/image/image.h"
#include "colonnade/simulate/detector.h"
#include "colonnade/simulate/potential.h"
#include "colonnade/simulate/probe.h"
#include "colonnade/simulate/scattering_factors.h"
#include "colonnade/simulate/thermal_motion.h"
#include "colonnade/simulate/wave_grid.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

/// The image asked for: field of view and pixel size; the scan's own pitch follows from the probe's band limit.
struct FieldOfView {
  double low_x_A = 0, low_y_A = 0;  ///< position of pixel (0, 0) in the structure's coordinates
  int height_px = 256, width_px = 256;
  double pixel_size_nm = 0.02;
  void check() const;
};

/// Errors (root mean square over mean) of 60-100 mrad images at 200 kV: sampling and oversampling against a grid
/// carrying 350 mrad: 1.3 % with the defaults, 13 to 25 % without oversampling; window: see help.
struct MultisliceOptions {
  std::string algorithm = "multislice";
  double sampling_A = 0;       ///< pixel of the wave's grid; 0: carries 1.45 times the outermost detector angle
  int oversampling = 2;        ///< how many times finer exp(i sigma V) is computed before it is band-limited
  double slice_A = 2.0;        ///< slice thickness; 0: chosen by settled()
  double window_A = 7.5;       ///< side of the square around each probe that is propagated; 0: the whole cell
  bool window_tails = false;   ///< add what the probe's tails beyond the window give (window_tails.h)
  double scan_pitch_A = 0;     ///< 0: 0.9 of the Nyquist pitch lambda / (4 semiangle)
  double margin_A = 5;         ///< empty border put around atoms and field
  double memory_limit_GB = 0;  ///< what may be used; 0: what is free
  std::string parametrization = "lobato";
  std::string projection = "infinite";  ///< "infinite" or "finite": see potential.h
  ThermalMotion thermal;                ///< the absorptive model; frozen phonons are the caller's loop
  int prism_interpolation = 4;          ///< PRISM: every so many-th beam each way, in crops of cell / this
  int parent_rings = 4;                 ///< partitioned PRISM: rings of parent beams around the central one
  void describe(OptionTable& table, const std::string& section = "multislice");
  void check() const;
};

/// The rectangle in which probes are set down, in the structure's coordinates, and how many there are.
struct ProbeArea {
  double low_x_A = 0, high_x_A = 0, low_y_A = 0, high_y_A = 0;
  double probes = 1;
};

/// Where simulate_stem sets probes down for a field: the field and a border that its interpolation needs.
ProbeArea scanned_area(const FieldOfView& field, const Optics& optics, const MultisliceOptions& options);

/// The options with a slice thickness of 0 replaced: so thin that each layer of atoms is a slice of its own (empty
/// slices cost nothing), or 1 A where atoms lie in no layers. Slices that put several layers into one spoil their
/// phases: 2 A makes a still crystal's HAADF image up to twice too bright (docs/design/convergence.md).
MultisliceOptions settled(const Structure& structure, MultisliceOptions options);

/// The cell and grid in which simulate_stem computes probes of this area, and the atoms that lie in it.
struct Specimen {
  PeriodicCell cell;
  Structure atoms;
};
Specimen specimen_around(const Structure& structure, const Optics& optics,
                         const std::vector<AnnularDetector>& detectors, const ProbeArea& area,
                         const MultisliceOptions& options);

/// One image per detector. Deterministic: the same whatever the number of threads. `label` names the progress line.
/// The atoms are taken as a free-standing object, whatever the structure's cell. The beam enters at the topmost atom
/// (smallest z) and is focused there when C10 = 0.
std::vector<Image> simulate_stem(const Structure& structure, const Optics& optics,
                                 const std::vector<AnnularDetector>& detectors, const FieldOfView& field,
                                 const MultisliceOptions& options, const std::string& label = "");

}  // namespace colonnade
