// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/bound_counts.h"

#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/log.h"
#include "colonnade/core/progress.h"
#include "colonnade/report/figure.h"
#include "colonnade/workflows/calibrate_response.h"
#include "colonnade/workflows/drawn_field.h"
#include "colonnade/workflows/measured_field.h"
#include "colonnade/workflows/run_record.h"

namespace colonnade {
namespace {

constexpr double told_apart_r2 = 0.9;

std::vector<std::string> parts_of(const std::string& set) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  while (start <= set.size()) {
    const std::size_t end = std::min(set.find('+', start), set.size());
    parts.push_back(set.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

/// A whole particle without its simulation; settings as for a view of it.
KnownColumns whole_particle(const DatasetOptions& options, int particle) {
  StandingColumns columns = standing_columns(options, particle);
  KnownColumns field;
  for (const Point& place : columns.positions_nm) {
    const auto inside = [&](double value) { return value > 0 && value < columns.field_nm; };
    field.signals.whole.push_back(inside(place.x) && inside(place.y));
  }
  field.counts = std::move(columns.counts);
  field.signals.positions_nm = std::move(columns.positions_nm);
  field.signals.neighbours = std::move(columns.neighbours);
  field.signals.conditions = std::move(columns.conditions);
  return field;
}

/// The fields with these signals at these doses, e / A^2.
std::vector<KnownColumns> with_signals(std::vector<KnownColumns> fields, const SignalResponse& response,
                                       const std::vector<std::string>& names, const Doses& doses) {
  const SignalResponse chosen = response.only(names);
  std::vector<SignalKind> kinds;
  for (SignalKind kind : chosen.kinds()) {
    kind.dose_per_nm2 = dose_per_nm2(kind, doses);
    kinds.push_back(kind);
  }
  for (KnownColumns& field : fields) {
    field.signals.kinds = kinds;
    field.signals.sections_nm2 = expected_sections(field, chosen.at(field.signals.conditions));
  }
  return fields;
}

LineFigure figure_of(const BoundSweep& sweep, bool x_rays, bool r2) {
  LineFigure figure;
  figure.title = r2 ? "The best R2 that is possible" : "The best that is possible within one atom";
  figure.x_label = x_rays ? "X-rays per atom" : "electrons per square \u00c5ngstr\u00f6m";
  figure.y_label = r2 ? "R2" : "columns, %";
  figure.logarithmic_x = true;
  for (std::size_t e = 0; e < sweep.elements.size(); ++e) {
    for (const bool oracle : {false, true}) {
      LineFigure::Line curve;
      curve.name = sweep.elements[e] + (oracle ? ", oracle" : "");
      curve.colour = element_colour(sweep.elements[e]);
      curve.dashed = oracle;
      for (const BoundPoint& point : sweep.points) {
        if ((point.x_ray_counts > 0) != x_rays || (!x_rays && point.signals != sweep.points[0].signals)) continue;
        const CountScore& score = (oracle ? point.scores.oracle : point.scores.image)[e];
        curve.x.push_back(x_rays ? point.x_ray_counts : point.dose_per_A2);
        curve.y.push_back(r2 ? score.r2 : 100 * score.within_1);
      }
      if (!curve.x.empty()) figure.lines.push_back(std::move(curve));
    }
  }
  return figure;
}

void write_figures(const std::filesystem::path& folder, const BoundSweep& sweep) {
  for (const bool x_rays : {false, true}) {
    const auto has = [&](const BoundPoint& point) { return (point.x_ray_counts > 0) == x_rays; };
    if (std::count_if(sweep.points.begin(), sweep.points.end(), has) < 2) continue;
    for (const bool r2 : {true, false}) {
      const std::string name = fmt::format("{}_{}", r2 ? "r2" : "within_one", x_rays ? "x_rays" : "dose");
      const std::string svg = to_svg(figure_of(sweep, x_rays, r2));
      write_file(folder / (name + ".svg"), svg);
      write_png(folder / (name + ".png"), svg);
    }
  }
}

}  // namespace

BoundOptions::BoundOptions() {
  dataset = calibration_defaults();
  dataset.particles = 6;
  dataset.size_px = 200;
  dataset.diameter_nm = {6.5, 7.5};
  dataset.detectors = {"HAADF:60-100", "MAADF:40-60"};
  dataset.eds_maps = true;
}

OptionTable BoundOptions::table() {
  OptionTable table = dataset.table();
  table.add("bound.response", &response, "",
            "Response of the signals (colonnade calibrate); empty: found in the cache, or made");
  table.add("bound.signal_sets", &signal_sets, "", "Signals used together, joined by +: names, annular, X-rays");
  table.add("bound.doses", &doses_per_A2, "e/A^2", "Doses of the annular signals");
  table.add("bound.x_ray_counts", &x_ray_counts, "", "X-rays per atom, with annular signals at the largest dose");
  return table;
}

void BoundOptions::check() const {
  dataset.check();
  if (signal_sets.empty()) fail("no signals are given; use --signal-sets HAADF");
  if (doses_per_A2.empty()) fail("no dose is given; use --doses 1e4,1e5");
  for (const double dose : doses_per_A2) {
    if (!(dose > 0 && std::isfinite(dose))) fail("--doses holds {}; give doses above 0", dose);
  }
  for (const double counts : x_ray_counts) {
    if (!(counts > 0 && std::isfinite(counts))) fail("--x-ray-counts holds {}; give numbers above 0", counts);
  }
}

BoundSweep sweep_bounds(const BoundOptions& options) {
  options.check();
  const DatasetOptions dataset = options.dataset.prepared();
  const SignalResponse response = response_for(options.response, dataset);
  BoundSweep sweep;
  sweep.elements = dataset.particle.elements;
  sweep.particles = dataset.particles;
  std::vector<KnownColumns> fields;
  for (int n = 0; n < dataset.particles; ++n) fields.push_back(whole_particle(dataset, n));
  struct Set {
    std::string name;
    std::vector<std::string> signals;
  };
  std::vector<Set> sets;
  std::size_t steps = 0;
  for (const std::string& name : options.signal_sets) {
    sets.push_back({name, chosen_signals(response.kinds(), parts_of(name))});
    steps += with_x_rays(response.only(sets.back().signals).kinds()) ? options.x_ray_counts.size()
                                                                     : options.doses_per_A2.size();
  }
  Progress progress("Bounds", std::ssize(options.signal_sets) > 0 ? std::int64_t(steps) : 1);
  for (const Set& set : sets) {
    const double most = *std::max_element(options.doses_per_A2.begin(), options.doses_per_A2.end());
    if (!with_x_rays(response.only(set.signals).kinds())) {
      for (const double dose : options.doses_per_A2) {
        sweep.points.push_back(
            {set.name, dose, 0, 0,
             count_bound(with_signals(fields, response, set.signals, {dose, 0}), response, dataset.seed)});
        progress.advance();
      }
      continue;
    }
    const auto clean = with_signals(fields, response, set.signals, {});
    for (const double counts : options.x_ray_counts) {
      const double dose = dose_for_counts_per_atom(clean, counts);
      sweep.points.push_back(
          {set.name, most, counts, dose,
           count_bound(with_signals(fields, response, set.signals, {most, dose}), response, dataset.seed)});
      progress.advance();
    }
  }
  return sweep;
}

nlohmann::json to_json(const BoundSweep& sweep) {
  nlohmann::json json{{"elements", sweep.elements}, {"particles", sweep.particles}};
  for (const BoundPoint& point : sweep.points) {
    nlohmann::json entry{{"signals", point.signals},
                         {"dose_per_A2", point.dose_per_A2},
                         {"x_ray_counts", point.x_ray_counts},
                         {"x_ray_dose_per_A2", point.x_ray_dose_per_A2},
                         {"columns", point.scores.columns}};
    for (std::size_t e = 0; e < sweep.elements.size(); ++e) {
      entry["elements"].push_back({{"element", sweep.elements[e]},
                                   {"image", to_json(point.scores.image[e])},
                                   {"oracle", to_json(point.scores.oracle[e])},
                                   {"thickness_only", to_json(point.scores.thickness_only[e])}});
    }
    json["points"].push_back(entry);
  }
  return json;
}

std::string to_text(const BoundSweep& sweep) {
  std::string text = "The best of each element: R2, exact %, within one %\n";
  text += fmt::format("{:<22}{:>10}{:>9}  ", "signals", "e/A^2", "X-rays");
  for (const auto& element : sweep.elements) text += fmt::format("{:<20}", element);
  text += "\n";
  for (const BoundPoint& point : sweep.points) {
    text += fmt::format("{:<22}{:>10.3g}{:>9.3g}  ", point.signals, point.dose_per_A2, point.x_ray_counts);
    for (const CountScore& score : point.scores.image) {
      text += fmt::format("{:<20}",
                          fmt::format("{:5.2f} {:4.0f} {:4.0f}", score.r2, 100 * score.exact, 100 * score.within_1));
    }
    text += "\n";
  }
  for (std::size_t e = 0; e < sweep.elements.size(); ++e) {
    const auto good = std::find_if(sweep.points.begin(), sweep.points.end(),
                                   [&](const BoundPoint& point) { return point.scores.image[e].r2 >= told_apart_r2; });
    text += sweep.elements[e];
    if (good == sweep.points.end()) {
      text += fmt::format(" is never counted with an R2 of {}\n", told_apart_r2);
    } else {
      text += fmt::format(" can be counted with an R2 of {} by {} from {:.3g} e/A^2 on{}\n", told_apart_r2,
                          good->signals, good->dose_per_A2,
                          good->x_ray_counts > 0 ? fmt::format(" with {:g} X-rays per atom ({:.2g} e/A^2)",
                                                               good->x_ray_counts, good->x_ray_dose_per_A2)
                                                 : "");
    }
  }
  return text;
}

BoundSweep bound_counts(const BoundOptions& options, const std::filesystem::path& out, bool overwrite) {
  PendingFolder folder(out, overwrite);
  BoundSweep sweep = sweep_bounds(options);
  BoundOptions copy = options;
  nlohmann::json record = run_record("bound", copy.table(), options.dataset.seed, {});
  record["result"] = to_json(sweep);
  write_file(folder / "bound.json", record.dump(2) + "\n");
  write_file(folder / "bound.txt", to_text(sweep));
  write_figures(folder.temporary(), sweep);
  folder.commit();
  return sweep;
}

}  // namespace colonnade
