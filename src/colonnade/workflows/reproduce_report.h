// SPDX-License-Identifier: GPL-3.0-or-later
// The figures and the page of reproduce.h.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/workflows/reproduce_scores.h"

namespace colonnade {

struct ReproduceFigure {
  std::string name;  ///< of its file, without extension
  std::string svg;
};

struct ReproduceFigures {
  std::vector<ReproduceFigure> scores, curves, counts, intensities, heights;
  std::vector<ReproduceFigure> all() const;
};
ReproduceFigures figures_of(const Reproduction& reproduction);

/// The page, with all tables and figures; `record`: options, seed, version.
std::string reproduce_page(const ReproduceOptions& options, const ReproducePlan& plan, const Reproduction& reproduction,
                           const ReproduceFigures& figures, const nlohmann::json& record);

}  // namespace colonnade
