// SPDX-License-Identifier: GPL-3.0-or-later
// Maps of one X-ray line from a spectrum image: counts in a window around the line less the background, which is
// interpolated between a window below and one above (D. B. Williams, C. B. Carter, Transmission Electron Microscopy,
// ch. 35). The width of a line follows from that of Mn K alpha (C. E. Fiori, D. E. Newbury, Scanning Electron
// Microscopy 1, 401 (1978)). Energies in keV.
#pragma once

#include <string>
#include <vector>

#include "colonnade/image/formats/stored_signal.h"
#include "colonnade/image/image.h"

namespace colonnade {

/// Full width at half maximum of a line, keV; `manganese_eV` is that of Mn K alpha.
double line_width_keV(double energy_keV, double manganese_eV = 130);

struct LineMapOptions {
  double energy_keV = 0;
  double manganese_eV = 0;           ///< 0: from the metadata, or 130
  double half_width = 1;             ///< of the window, in widths of the line: 1 holds 98 % of it
  double gap = 1.5, background = 1;  ///< from the line to the background windows, and their size, in widths
  std::vector<double> others_keV;    ///< lines of other elements: a background window that they enter is left out
  void check() const;
};

struct LineMap {
  Image counts;         ///< may be negative where there is little
  Image variance;       ///< of the counts, from Poisson statistics of the windows, in counts squared
  double fraction = 0;  ///< of the line's X-rays that lie in its window
};

/// Fails, naming `where`, unless the signal is a spectrum image of energies that reach over the line. Holds few rows of
/// spectra at a time.
LineMap line_map(const StoredSignal& signal, const LineMapOptions& options, const std::string& where);

}  // namespace colonnade
