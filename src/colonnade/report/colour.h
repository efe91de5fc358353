// SPDX-License-Identifier: GPL-3.0-or-later
// Colours with a meaning: elements, series, and maps from a number to a colour.
// viridis and magma (S. van der Walt, N. Smith, E. Firing; dedicated to the public by CC0) are interpolated from 18
// nodes, which keeps every channel within 5 of 255 of the full tables.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace colonnade {

struct Colour {
  std::uint8_t red = 0, green = 0, blue = 0;
  std::string hex() const;  ///< "#rrggbb"
  bool operator==(const Colour&) const = default;
};

/// Fails where `hex` is not "#rrggbb".
Colour parse_colour(const std::string& hex);

/// "#rrggbb" of an element: Pt grey, Ni green, Pd blue, Co pink, Fe red; others from a fixed qualitative set by atomic
/// number. All keep a contrast of 3 or near it to white and to the dark page. Unknown symbols get a colour by their
/// name.
std::string element_colour(const std::string& symbol);
bool is_element(const std::string& symbol);

/// Colours for named series: those given, else the element's, else from a qualitative set; no two chosen here are equal
/// while the set lasts.
std::vector<std::string> series_colours(const std::vector<std::string>& names, const std::vector<std::string>& given);

/// "grey", "viridis", "magma" or "difference" (blue - white - red) at `fraction` in [0, 1]. Fails on another name,
/// naming the nearest.
Colour map_colour(const std::string& map, double fraction);

/// 255 evenly spaced colours of a map behind a first, unused one: a palette whose entry 0 can mean "no value".
std::array<Colour, 256> map_palette(const std::string& map);

}  // namespace colonnade
