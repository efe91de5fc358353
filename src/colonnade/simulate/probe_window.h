// SPDX-License-Identifier: GPL-3.0-or-later
// The square that follows a probe, and the probe in it: one definition for every engine, on the processor or on a
// device. The probe is that of the whole cell, cut out (not a probe periodic in the window); the window's corner lies
// on a pixel of the cell, and the probe's place between pixels is a Fourier phase.
#pragma once

#include <complex>
#include <vector>

#include "colonnade/simulate/potential.h"
#include "colonnade/simulate/probe.h"
#include "colonnade/simulate/stem_algorithm.h"
#include "colonnade/simulate/wave_grid.h"

namespace colonnade {

/// The grid that is propagated around each probe: a fast size near `window_A`, or the cell where window_A is 0 or
/// wider. Fails where a window is asked for and the pitches of x and y differ.
WaveGrid window_grid(const WaveGrid& cell, double window_A);
inline bool same_size(const WaveGrid& a, const WaveGrid& b) { return a.nx == b.nx && a.ny == b.ny; }

/// The probe at the window's origin, `depth_A` below the plane it is focused from, in the window's Fourier space.
struct IncidentWave {
  std::vector<std::complex<float>> spectrum;  ///< (y, x) in FFT order; squares sum to `held`
  double held = 1;                            ///< fraction of the probe within the window
};
/// Fails where the window holds less than 0.9 of the probe.
IncidentWave incident_wave(const WaveGrid& cell, const WaveGrid& window, const Optics& optics, double depth_A);

/// Where a probe's window lies on the cell, and how far from the window's corner the probe is.
struct ProbePlace {
  int top = 0, left = 0;      ///< pixel of the cell, within it
  double y_px = 0, x_px = 0;  ///< from that pixel
};
ProbePlace place_probe(const ProbePosition& position, const PeriodicCell& cell, const WaveGrid& window);
/// exp(-2 pi i pixels k) for the `size` frequencies of an axis, in FFT order: moves what it multiplies by `pixels`.
void fill_shift(std::complex<float>* phases, int size, double pixels);

}  // namespace colonnade
