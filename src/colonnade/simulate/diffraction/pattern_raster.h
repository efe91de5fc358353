// SPDX-License-Identifier: GPL-3.0-or-later
// Spot lists as a camera records them: projected onto a flat detector, each spot spread over pixels (integrated over
// each pixel, so that its electrons are conserved), background, beam stop, counting noise, saturation. Lengths on the
// detector in mm, in reciprocal space in 1/Angstrom. The optical axis is the middle of the camera: for an even number
// of pixels a corner, for an odd one a pixel's centre; rows run along y (down), columns along x.
#pragma once

#include <cstdint>
#include <vector>

#include "colonnade/core/random.h"
#include "colonnade/image/image.h"
#include "colonnade/simulate/diffraction/reflection_table.h"

namespace colonnade {

struct PatternCamera {
  int height_px = 256, width_px = 256;
  double camera_length_mm = 680;
  double half_width_mm = 25;  ///< from the middle to the left and right edges; pixels are square
  /// Of the optical axis from the camera's middle, px.
  double centre_x_px = 0, centre_y_px = 0;
  double mm_per_px() const { return 2 * half_width_mm / width_px; }
  /// Near the axis; farther out a flat camera's pixels are smaller in reciprocal space (tan against sin of the angle).
  double per_A_per_px(double energy_keV) const;
  void check() const;
};

struct PointSpread {
  double sigma_px = 1;  ///< of the Gaussian
  /// Pseudo-Voigt: this share of each spot is a Lorentzian, (1 + r^2 / w^2)^(-3/2), whose profile summed along one
  /// direction is 1 / (1 + x^2 / w^2). Cut at 10 w and normalised there.
  double lorentzian_share = 0;
  double lorentzian_px = 1;  ///< w
  void check() const;
};

/// Opaque: a disc about the axis and a bar from it to the edge. 0: none.
struct BeamStop {
  double disc_radius_mm = 0, bar_width_mm = 0;
  double bar_azimuth_deg = 90;  ///< from +x towards +y
  void check() const;
};

struct RasterOptions {
  PatternCamera camera;
  PointSpread spread;
  BeamStop stop;
  /// Electrons of all the spots of a list together, whether they fall on the camera or not; 0: intensities are shares
  /// of the list's sum, without noise.
  double electrons = 0;
  /// Electrons between the spots on the camera's area over those of the spots, falling as exp(-g / decay); decay 0:
  /// even.
  double background_share = 0;
  double background_decay_per_A = 0;
  double saturation = 0;  ///< the largest value (electrons); 0: none
  int levels = 0;         ///< dynamic range: that many steps from 0 to the saturation (or the brightest pixel); 0: none
  bool logarithmic = false;  ///< ln(1 + value), last
  void check() const;
};

/// Draws patterns of one energy and camera; makes mask and background once. May be shared by threads.
class PatternRaster {
 public:
  PatternRaster(const RasterOptions& options, double energy_keV);
  /// The place of a spot in px, the first pixel's centre at (0, 0).
  Vector3 place_px(double x_per_A, double y_per_A) const;
  /// `random` is used where electrons > 0. `pixels` becomes (row, column).
  void draw(const SpotArrays& spots, Random& random, std::vector<float>& pixels) const;
  /// The same as an image whose metadata hold the scale ("per_A_per_px").
  Image draw(const std::vector<DiffractionSpot>& spots, Random& random) const;
  /// The same of a pattern that is there already and as large as the camera: its sum becomes all electrons. Of the
  /// point spread the Gaussian is applied.
  void record(Random& random, Image& pattern) const;

 private:
  void add_spot(double x_per_A, double y_per_A, double share, std::vector<float>& pixels) const;
  void add_gaussian(double column, double row, double share, std::vector<float>& pixels) const;
  void add_lorentzian(double column, double row, double share, std::vector<float>& pixels) const;
  /// Background, noise, beam stop and range, of shares of all electrons.
  void expose(Random& random, std::vector<float>& pixels) const;
  void describe(Image& image) const;
  void make_aliases();
  void count_electrons(Random& random, std::vector<float>& pixels) const;
  void limit_range(std::vector<float>& pixels) const;

  RasterOptions options_;
  double k_per_A_, energy_keV_;
  std::vector<float> background_;
  /// Walker's aliases: a pixel drawn evenly is kept with this chance (of 2^32), else it becomes the other.
  std::vector<std::uint32_t> alias_chance_, alias_other_;
  double alias_electrons_ = 0;
  std::vector<std::size_t> stopped_;
};

/// For the eye: the logarithm of each pixel, between the brightest and `range` times less, as 0 to 1.
Image logarithmic_view(const Image& pattern, double range = 1e4);

}  // namespace colonnade
