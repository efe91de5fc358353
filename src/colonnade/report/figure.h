// SPDX-License-Identifier: GPL-3.0-or-later
// Figures for papers and reports as SVG, rasterised to PNG by librsvg. Fixed colours per element, viridis for maps,
// scale bars, one style for all. Lengths in px, one CSS px each. A figure without data says "no data"; values that are
// not finite are left out.
#pragma once

#include "colonnade/report/bar_figure.h"      // IWYU pragma: export
#include "colonnade/report/colour.h"          // IWYU pragma: export
#include "colonnade/report/image_figure.h"    // IWYU pragma: export
#include "colonnade/report/line_figure.h"     // IWYU pragma: export
#include "colonnade/report/matrix_figure.h"   // IWYU pragma: export
#include "colonnade/report/raster.h"          // IWYU pragma: export
#include "colonnade/report/scatter_figure.h"  // IWYU pragma: export
#include "colonnade/report/spot_figure.h"     // IWYU pragma: export
