// SPDX-License-Identifier: GPL-3.0-or-later
// What a window that follows the probe leaves out: the tails of the probe, a few per cent of the beam (about
// lambda / (pi^2 alpha R) beyond a radius R), light columns beyond the window's edge, and most of a window's error is
// that their signal is missing. As they are wide and smooth, what they add is known well enough without propagating
// them: an incoherent image of the atoms, sum over atoms of c_Z times the tail's intensity at the atom, with c_Z the
// kinematic cross-section of the detector (the integral of |f_e|^2 over its angles) or of the local signal, times one
// factor for each signal. That comes from seeded probes among the atoms, propagated in a wider window, too: by how much
// these are brighter, over how much more of the incoherent image the wider window holds.
// Detectors that see the direct beam (inner angle below 1.5 semiangles) are scaled to the whole beam instead.
#pragma once

#include <functional>
#include <vector>

#include "colonnade/simulate/potential.h"
#include "colonnade/simulate/probe.h"
#include "colonnade/simulate/stem_algorithm.h"
#include "colonnade/simulate/wave_grid.h"

namespace colonnade {

class WindowTails {
 public:
  using Scan = std::function<std::vector<std::vector<float>>(const std::vector<ProbePosition>&)>;
  /// A window and its signals without tails.
  struct Level {
    WaveGrid window;
    Scan scan;
  };
  /// `depth_A`: where the probe is looked at. The wider window may be the whole cell. Fails where signals are asked for
  /// at depths.
  WindowTails(const Structure& structure, const PeriodicCell& cell, const Optics& optics, double depth_A,
              const Signals& signals, Parametrization parametrization, const Level& own, const Level& wider);

  /// Adds to a probe's signals what its tails give.
  void add(const ProbePosition& position, std::vector<float>& signals) const;
  /// Of each signal's incoherent image (0: the signal is scaled to the whole beam instead).
  const std::vector<double>& factors() const { return factors_; }

 private:
  std::size_t pixel(const ProbePosition& position) const;

  PeriodicCell cell_;
  double held_ = 1;                         ///< fraction of the beam in the window
  std::vector<std::vector<float>> beyond_;  ///< incoherent images by the tails, on the cell's grid
  std::vector<double> factors_;
};

}  // namespace colonnade
