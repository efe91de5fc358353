// SPDX-License-Identifier: GPL-3.0-or-later
// Units as people write them in files and on the command line.
#pragma once

#include <string>

namespace colonnade {

inline constexpr double angstrom_per_nm = 10.0;

/// Nanometres in one of the named unit; knows pm, A, nm, um, mm, cm, m, their Unicode and long spellings and "n_m" of
/// Berkeley EMD files, in any case where that is unambiguous. Returns 0 for a name that is no length.
double nm_per_unit(const std::string& unit);

}  // namespace colonnade
