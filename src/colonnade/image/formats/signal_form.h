// SPDX-License-Identifier: GPL-3.0-or-later
// What a stored signal is (an image, frames, a spectrum, ...) and what its axes say about the size of a pixel.
#pragma once

#include <string>

#include "colonnade/image/formats/stored_signal.h"

namespace colonnade {

enum class SignalForm { image, frames, pattern, patterns, spectrum, spectrum_image, other };

/// Axes of one entry do not count. `frames`: several images of one place; `pattern(s)`: axes of scattering angle or
/// reciprocal length, or two axes at each point of a scan; `spectrum_image`: a spectrum at each point.
SignalForm form_of(const StoredSignal& signal);
/// "an image", "20 frames of an image", "a spectrum (EELS, 2048 channels)", ... for a person.
std::string describe_form(const StoredSignal& signal);
/// "uint16", "float32", ...
std::string type_name(SampleType type);

enum class UnitKind { none, length, reciprocal, other };
/// How an axis' unit as a file spells it is to be taken: none (blank, px, <undefined>), a length (nm_per_unit knows
/// it), a reciprocal length or an angle, anything else (s, eV, ...).
UnitKind kind_of_unit(const std::string& unit);

struct PixelSize {
  double nm = 0;       ///< 0: unknown
  std::string source;  ///< where it came from, or why there is none
  bool guessed = false;
};
/// From the last two axes. A unit left blank is taken as nm where a microscope could have such a step, and that is said
/// to be a guess; a step of 1 without a unit is what programs write for "not calibrated". Fails, naming `where`, on
/// pixels that are not square.
PixelSize pixel_size(const StoredSignal& signal, const std::string& where);

}  // namespace colonnade
