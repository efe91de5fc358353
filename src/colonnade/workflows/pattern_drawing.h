// SPDX-License-Identifier: GPL-3.0-or-later
// Diffraction patterns of crystals with and without defects, drawn by the thousand for training: spot lists of the
// kinematical theory, moved and weakened as the defects do it to a large specimen, on a camera with background and
// noise. The quick stand-in for sums over a specimen's atoms (exact_patterns.h), which judge what was learnt from it:
//   strain         g -> F^-T g, exactly;
//   thermal motion exp(-4 pi^2 sigma^2 g^2), the diffuse part as background;
//   point defects  the mean crystal is the same up to a factor near 1; diffuse background;
//   twins          the union of both parts' patterns;
//   dislocations   the mean over places around a row of edge dislocations of the pattern of the crystal as deformed
//                  there, by isotropic elasticity (J. P. Hirth, J. Lothe, Theory of Dislocations, 2nd ed., eq. 3-43).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "colonnade/simulate/diffraction/pattern_raster.h"
#include "colonnade/simulate/diffraction/reflection_table.h"
#include "colonnade/workflows/pattern_materials.h"

namespace colonnade {

enum class DefectClass { none, thermal, point, strain, twin, dislocation };
inline constexpr std::array<DefectClass, 6> all_defect_classes{DefectClass::none,  DefectClass::thermal,
                                                               DefectClass::point, DefectClass::strain,
                                                               DefectClass::twin,  DefectClass::dislocation};
std::string name_of(DefectClass defects);

/// Patterns are recorded on as many pixels each way before a network sees them.
inline constexpr int recorded_side_px = 128;

/// What a network is given of a recorded pattern, recorded_side_px x recorded_side_px, the beam in the middle: rows go
/// by the logarithm of the distance from it, columns by the azimuth over half a turn, the mean of both halves
/// (Friedel). So a pattern that is rotated or larger is the same picture moved, which convolutions take in their
/// stride. Brightness is logarithmic, 0 to 1, relative to the brightest pixels outside the direct beam; `depth` is the
/// fraction of these at which the scale turns from linear to logarithmic.
std::vector<float> network_pixels(const std::vector<float>& pattern, int side_px, double depth = 1e-3);
/// Where a pixel of the network's picture comes from, (x, y) from the beam, px of the recorded pattern; the other
/// half's place is opposite.
std::array<double, 2> network_pixel_place(int row, int column, int side_px);

/// A pattern's circumstances, drawn at random.
struct PatternView {
  std::size_t zone = 0;  ///< number among the material's
  double energy_keV = 200, camera_length_mm = 680;
  double in_plane_deg = 0, tilt_x_deg = 0, tilt_y_deg = 0;
  double lattice_scale = 1;  ///< the lattice constant's, so that size says nothing
};
PatternView draw_view(const PatternMaterial& material, Random& random);

/// The cameras that a view is recorded with: point spread, background, beam stop and dose, drawn at random.
RasterOptions draw_camera(const PatternView& view, Random& random);

struct DrawnPattern {
  std::vector<float> pixels;  ///< network_pixels()
  int look = 0;
  std::size_t group = 0;
};

class PatternDrawer {
 public:
  struct Options {
    int side_px = 96;     ///< of what the network is given
    bool defects = true;  ///< else perfect crystals at rest only, as published
    int variants = 150;   ///< materials per recognised group, real and redecorated; three times as many others
    std::uint64_t seed = 1;
  };
  PatternDrawer(std::vector<PatternMaterial> materials, const PatternLooks& looks, const Options& options);

  /// The same number, the same pattern; groups come equally often. For several threads.
  DrawnPattern draw(std::int64_t number) const;
  /// How often each look comes, given the group: [group][look], each row adds up to 1; the last look is "none of
  /// these".
  std::vector<std::vector<double>> look_shares() const;

 private:
  struct Variant {
    const PatternMaterial* material;
    ReflectionTable table;
    Structure cell;
    std::vector<int> looks;  ///< per zone
  };
  /// A part of a specimen: how its reflections are turned and stretched, and its share of the intensity.
  struct Part {
    Matrix3 matrix;
    double share;
  };
  Variant variant_of(const PatternMaterial& material, const Structure& cell) const;
  std::vector<Part> parts(const Variant& variant, const Matrix3& orientation, DefectClass defects,
                          Random& random) const;
  SpotArrays spots(const Variant& variant, const std::vector<Part>& parts, double energy_keV, double sigma_A,
                   Random& random) const;

  std::vector<PatternMaterial> materials_;
  const PatternLooks& looks_;
  Options options_;
  std::vector<std::vector<Variant>> by_group_;
};

}  // namespace colonnade
