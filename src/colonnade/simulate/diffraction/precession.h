// SPDX-License-Identifier: GPL-3.0-or-later
// Precession (R. Vincent, P. A. Midgley, Ultramicroscopy 53, 271, 1994): the beam is tilted and rocked about the
// optical axis, the pattern rocked back, so that each spot stays where it is without precession and its intensity is
// the mean over the azimuths.
#pragma once

#include <functional>
#include <vector>

#include "colonnade/simulate/diffraction/bloch_waves.h"
#include "colonnade/simulate/diffraction/spot_list.h"

namespace colonnade {

struct PrecessionOptions {
  double angle_deg = 0;  ///< 0: none
  int azimuths = 72;     ///< evenly spaced, the first along +x
  void check() const;
};

/// The crystal turned as the beam sees it at one azimuth.
Matrix3 precessed(const Matrix3& orientation, double angle_deg, double azimuth_deg);

/// The mean over the azimuths of the lists that `spots` gives for each orientation. A spot that is missing at an
/// azimuth counts as 0 there; places and excitation errors are those without precession. The strongest first.
std::vector<DiffractionSpot> precess(
    const Structure& crystal, const Matrix3& orientation, const PrecessionOptions& precession, double energy_keV,
    const std::function<std::vector<DiffractionSpot>(const Matrix3& orientation)>& spots);

/// Kinematical.
std::vector<DiffractionSpot> precessed_spots(const Structure& crystal, const std::vector<Reflection>& reflections,
                                             const Matrix3& orientation, const SpotOptions& options,
                                             const PrecessionOptions& precession);
/// By Bloch waves of each azimuth.
std::vector<DiffractionSpot> precessed_bloch_spots(const Structure& crystal, const Matrix3& orientation,
                                                   const BlochOptions& options, double thickness_A,
                                                   const PrecessionOptions& precession);

}  // namespace colonnade
