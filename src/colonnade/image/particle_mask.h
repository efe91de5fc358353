// SPDX-License-Identifier: GPL-3.0-or-later
// Where an image shows a particle and where only what lies beneath and around it (vacuum, a support film), and that
// background: a smooth surface through the places outside, carried on beneath the particle. Both are found together:
// the image is split by the strength of the columns' pattern (by brightness where there is none), and the split is
// drawn anew by what is brighter than the surface.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "colonnade/image/image.h"

namespace colonnade {

struct ParticleMaskOptions {
  double blur_nm = 0.25;   ///< blurs columns away; with an unknown pixel size a thirtieth of the shorter side
  int largest_degree = 3;  ///< of the polynomial in x and y; the lowest that does is taken
  void check() const;
};

struct ParticleMask {
  std::vector<std::uint8_t> inside;  ///< (y, x), 1: particle; all 1 where the crystal fills the image
  bool fills = false;                ///< nothing outside was found
  double share = 1;                  ///< of the pixels
  Image background;                  ///< the surface, everywhere; zero where the particle fills the image
  int degree = 0;
  double level = 0;        ///< mean of the background beneath the particle
  double level_error = 0;  ///< its standard error, by the scatter between patches: what is carried on is guesswork
                           ///< beyond that
  double roughness = 0;    ///< rms of the blurred image outside about the surface
  nlohmann::json to_json() const;
};

ParticleMask find_particle(const Image& image, const ParticleMaskOptions& options = {});

/// The image minus the background; adding it again gives the image back.
Image without_background(const Image& image, const ParticleMask& mask);

}  // namespace colonnade
