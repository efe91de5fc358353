// SPDX-License-Identifier: GPL-3.0-or-later
// PNG in memory, for images inside figures.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "colonnade/report/colour.h"

namespace colonnade {

/// A PNG of palette indices (row-major, width x height); palette entry 0 is fully transparent.
std::vector<std::uint8_t> encode_png(const std::vector<std::uint8_t>& indices, int width, int height,
                                     const std::array<Colour, 256>& palette);

}  // namespace colonnade
