// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/convergence.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/core/parallel.h"
#include "colonnade/core/progress.h"
#include "colonnade/core/random.h"
#include "colonnade/core/units.h"
#include "colonnade/simulate/extrapolation.h"
#include "colonnade/simulate/memory.h"
#include "colonnade/simulate/scan_interpolation.h"

namespace colonnade {

namespace {

constexpr double thinnest_slice_A = 0.02;
constexpr double patch_A = 3;  // on which the interpolation of the scan is tried
constexpr int patch_probes = 32;

/// One refinement of one setting, beside the run that it refines.
struct Refinement {
  std::string component, text, limit;
  double step = 1;  ///< relative to the chosen setting
  MultisliceOptions options;
  bool in_area = false;  ///< in the cell of the whole image, else in the discretisation's cell
  bool needed = false;   ///< the coarsest refinement of its component is not left out for want of time
  double cost_s = 0;
  ProbeValues values;
};

class Measurement {
 public:
  Measurement(const Structure& structure, const Optics& optics, const std::vector<AnnularDetector>& detectors,
              const FieldOfView& field, const MultisliceOptions& options, const ConvergenceOptions& wanted);
  ConvergenceReport measure(const std::string& label);

 private:
  void choose_working_options();
  void choose_place();
  void add(Refinement refinement);
  void plan_window();
  void plan_discretisation();
  void plan_together();
  void leave_out();
  double predicted_s() const;
  Cost cost_of(const MultisliceOptions& options, bool in_area) const;
  bool fits(const MultisliceOptions& options, bool in_area) const;
  MultisliceOptions finer_grid(double factor) const;
  ProbeValues run(const MultisliceOptions& options, bool in_area) const;
  ConvergenceComponent component(const std::string& name) const;
  const ProbeValues& base_of(const Refinement& refinement) const { return refinement.in_area ? chosen_ : working_; }
  std::optional<ConvergenceComponent> scan_component();
  std::vector<ErrorFigure> total(const std::vector<ConvergenceComponent>& components) const;
  void add_towards_limit(const std::string& name, ProbeValues& values) const;

  const Structure& structure_;
  const Optics& optics_;
  const std::vector<AnnularDetector>& detectors_;
  const FieldOfView& field_;
  MultisliceOptions options_, working_options_;
  ConvergenceOptions wanted_;
  ProbeArea area_;
  ProbeSample sample_;
  double sampling_A_ = 0;
  int window_px_ = 0;
  bool one_by_one_ = false;
  std::vector<Refinement> refinements_;
  std::vector<std::string> left_out_;
  ProbeValues chosen_, working_;
};

std::string length_text(double value_A) { return fmt::format("{:.4g} A", value_A); }

Measurement::Measurement(const Structure& structure, const Optics& optics,
                         const std::vector<AnnularDetector>& detectors, const FieldOfView& field,
                         const MultisliceOptions& options, const ConvergenceOptions& wanted)
    : structure_(structure),
      optics_(optics),
      detectors_(detectors),
      field_(field),
      options_(options),
      wanted_(wanted),
      area_(scanned_area(field, optics, options)),
      sample_(sample_probes(structure, field, wanted.probes, wanted.seed)) {
  sampling_A_ = specimen_around(structure, optics, detectors, area_, options).cell.grid.pitch_x_A;
  options_.sampling_A = sampling_A_;
  choose_working_options();
  choose_place();
  plan_window();
  plan_discretisation();
  plan_together();
  leave_out();
}

// The discretisation is measured with multislice in a window, as differences between runs in the same window.
void Measurement::choose_working_options() {
  working_options_ = options_;
  working_options_.algorithm = "multislice";
  const bool chosen_window = options_.algorithm == "multislice" && options_.window_A > 0;
  if (!chosen_window) working_options_.window_A = window_for_probe(optics_, detectors_, working_options_);
  window_px_ = window_pixels(optics_, detectors_, working_options_);
}

Cost Measurement::cost_of(const MultisliceOptions& options, bool in_area) const {
  const auto cost_around = [&](const ProbeArea& area) {
    return predict_multislice_cost(specimen_around(structure_, optics_, detectors_, area, options), options);
  };
  if (in_area || !one_by_one_) return cost_around(area_);
  const auto& at = sample_.positions.front();  // the thickest place
  Cost cost = cost_around(point(at));
  cost.setup_s *= double(sample_.positions.size());
  return cost;
}

bool Measurement::fits(const MultisliceOptions& options, bool in_area) const {
  const Specimen specimen = specimen_around(structure_, optics_, detectors_, area_, options);
  std::size_t occupied = 0;
  for (const auto& slice : slice_atoms(specimen.atoms, specimen.cell, options.slice_A))
    occupied += slice.empty() ? 0 : 1;
  const auto memory = estimate_stack_memory(specimen.atoms, specimen.cell.grid, occupied, options.oversampling);
  return (!in_area && one_by_one_) || memory.peak() <= allowed_memory(options.memory_limit_GB);
}

// One cell for all probes, or one for each: what costs less when refined, and fits.
void Measurement::choose_place() {
  const double probes = double(sample_.positions.size());
  const auto finest = finer_grid(2);
  const double together = cost_of(finest, true).total_s(probes);
  const bool possible = fits(finest, true);
  one_by_one_ = true;
  one_by_one_ = !possible || cost_of(finest, false).total_s(probes) < together;
}

// A grid this many times finer, in a window of the same size, so that the window's own error cancels.
MultisliceOptions Measurement::finer_grid(double factor) const {
  const int pixels = window_size(window_px_ * factor);
  MultisliceOptions options = working_options_;
  options.sampling_A = sampling_A_ * window_px_ / pixels;
  options.window_A = window_of_pixels(pixels, options.sampling_A);
  return options;
}

void Measurement::add(Refinement refinement) {
  refinement.cost_s = cost_of(refinement.options, refinement.in_area).total_s(double(sample_.positions.size()));
  if (fits(refinement.options, refinement.in_area)) {
    refinements_.push_back(std::move(refinement));
  } else {
    left_out_.push_back(refinement.component + " " + refinement.text + " (memory)");
  }
}

void Measurement::plan_window() {
  MultisliceOptions exact = options_;
  exact.algorithm = "multislice";
  exact.window_A = 0;
  const bool windowed = options_.algorithm != "multislice" || options_.window_A > 0;
  const std::string name = options_.algorithm == "multislice" ? "window" : "algorithm";
  const std::string limit = "multislice in the whole cell";
  const std::size_t before = refinements_.size();
  if (windowed) add({name, "whole cell", limit, 0.01, exact, true, true, 0, {}});
  exact.margin_A = std::max(2 * options_.margin_A, 10.0);
  const std::string border = "border " + length_text(exact.margin_A);
  add({windowed ? name : "margin", border, limit + " with a wide border", 0.005, exact, true, !windowed, 0, {}});
  if (refinements_.size() > before) return;
  for (const double factor : {2.0, 4.0}) {
    MultisliceOptions wider = working_options_;
    wider.window_A *= factor;
    add({name, length_text(wider.window_A), limit, 1 / factor, wider, false, factor == 2, 0, {}});
  }
}

void Measurement::plan_discretisation() {
  for (const double factor : {1.5, 2.0}) {
    const auto options = finer_grid(factor);
    add({"sampling",
         length_text(options.sampling_A),
         "all angles carried by the grid",
         options.sampling_A / sampling_A_,
         options,
         false,
         factor < 2,
         0,
         {}});
  }
  for (const int factor : {2, 4}) {
    MultisliceOptions options = working_options_;
    options.oversampling = std::min(8, options.oversampling * factor);
    if (options.oversampling == working_options_.oversampling) continue;
    add({"oversampling",
         fmt::format("{}", options.oversampling),
         "a transmission function that does not alias",
         double(working_options_.oversampling) / options.oversampling,
         options,
         false,
         factor == 2,
         0,
         {}});
  }
  const double thickness = working_options_.slice_A;
  for (const double finer : {thickness / 2, thickness / 4, thickness / 8, thinnest_slice_A}) {
    MultisliceOptions options = working_options_;
    options.slice_A = std::max(thinnest_slice_A, finer);
    if (options.slice_A >= thickness) continue;
    add({"slice",
         length_text(options.slice_A),
         "a plane for every layer of atoms",
         options.slice_A / thickness,
         options,
         false,
         finer == thickness / 2,
         0,
         {}});
    if (finer <= thinnest_slice_A) break;
  }
}

void Measurement::plan_together() {
  MultisliceOptions options = finer_grid(2);
  options.slice_A = thinnest_slice_A;
  options.oversampling = std::min(8, 2 * working_options_.oversampling);
  add({"together", "", "", 0, options, false, false, 0, {}});
  options.oversampling = working_options_.oversampling;
  add({"together", "", "", 0, options, false, true, 0, {}});
}

double Measurement::predicted_s() const {
  const double probes = double(sample_.positions.size());
  double sum = cost_of(options_, true).total_s(probes) + cost_of(working_options_, false).total_s(probes);
  for (const auto& refinement : refinements_) sum += refinement.cost_s;
  return sum;
}

// Whatever is dearest and not the only refinement of its setting goes first; of the two runs with everything refined
// the finer one is kept where there is time for it.
void Measurement::leave_out() {
  const auto is_together = [](const Refinement& refinement) { return refinement.component == "together"; };
  const double allowed = wanted_.budget_s * thread_count();
  const auto drop = [&](auto which) {
    if (!is_together(*which)) left_out_.push_back(which->component + " " + which->text + " (time)");
    refinements_.erase(which);
  };
  const auto coarse = std::find_if(refinements_.begin(), refinements_.end(),
                                   [&](const Refinement& r) { return is_together(r) && r.needed; });
  const auto fine = std::find_if(refinements_.begin(), refinements_.end(),
                                 [&](const Refinement& r) { return is_together(r) && !r.needed; });
  if (coarse != refinements_.end() && fine != refinements_.end()) {
    drop(predicted_s() - coarse->cost_s <= allowed ? coarse : fine);
  }
  while (predicted_s() > allowed) {
    auto dearest = refinements_.end();
    for (auto i = refinements_.begin(); i != refinements_.end(); ++i) {
      if (!i->needed && (dearest == refinements_.end() || i->cost_s > dearest->cost_s)) dearest = i;
    }
    if (dearest == refinements_.end()) break;
    drop(dearest);
  }
}

ProbeValues Measurement::run(const MultisliceOptions& options, bool in_area) const {
  const auto& at = sample_.positions;
  if (in_area) return run_in_area(structure_, optics_, detectors_, area_, at, options).values;
  const double unit_A = window_px_ * sampling_A_;
  return one_by_one_ ? run_one_by_one(structure_, optics_, detectors_, at, options, unit_A).values
                     : run_in_area(structure_, optics_, detectors_, area_, at, options, unit_A).values;
}

ConvergenceComponent Measurement::component(const std::string& name) const {
  ConvergenceComponent result;
  result.name = name;
  std::vector<const Refinement*> finer;
  for (const auto& refinement : refinements_) {
    if (refinement.component == name) finer.push_back(&refinement);
  }
  const std::map<std::string, std::string> chosen = {
      {"window", options_.window_A > 0 ? length_text(options_.window_A) : "whole cell"},
      {"algorithm", options_.algorithm},
      {"margin", length_text(options_.margin_A)},
      {"sampling", length_text(sampling_A_)},
      {"oversampling", fmt::format("{}", options_.oversampling)},
      {"slice", length_text(options_.slice_A)}};
  result.settings.push_back(chosen.at(name));
  result.sequence.resize(finer.size() + 1);
  for (const auto* refinement : finer) result.settings.push_back(refinement->text);
  result.limit = finer.front()->limit;
  for (std::size_t d = 0; d < detectors_.size(); ++d) {
    std::vector<double> steps = {1};
    std::vector<std::vector<double>> values = {base_of(*finer.front())[d]};
    for (const auto* refinement : finer) {
      steps.push_back(refinement->step);
      values.push_back(refinement->values[d]);
    }
    const auto found = extrapolate(steps, values, sample_.shares);
    result.order.push_back(found.order);
    result.errors.push_back(error_of(values.front(), found.limit, sample_.shares));
    for (std::size_t i = 0; i < values.size(); ++i) {
      result.sequence[i].push_back(error_of(values[i], found.limit, sample_.shares).rms_over_mean);
    }
  }
  return result;
}

std::optional<ConvergenceComponent> Measurement::scan_component() {
  const double pixel = field_.pixel_size_nm * angstrom_per_nm;
  const auto& at = sample_.positions.front();
  const int count = std::max(2, int(patch_A / pixel));
  const ProbeArea whole = scanned_area({0, 0, count, count, field_.pixel_size_nm}, optics_, options_);
  if (whole.low_x_A == 0) return std::nullopt;  // every pixel is a probe
  const FieldOfView patch{at.x_A - patch_A / 2, at.y_A - patch_A / 2, count, count, field_.pixel_size_nm};
  MultisliceOptions options = working_options_;
  const auto images = simulate_stem(structure_, optics_, detectors_, patch, options);
  Random random(wanted_.seed);
  std::vector<ProbePosition> positions;
  std::vector<std::size_t> pixels;
  for (int i = 0; i < patch_probes; ++i) {
    pixels.push_back(random.below(std::uint64_t(count) * count));
    const std::uint64_t row = pixels.back() / std::uint64_t(count), column = pixels.back() % std::uint64_t(count);
    positions.push_back({patch.low_x_A + double(column) * pixel, patch.low_y_A + double(row) * pixel});
  }
  const auto direct =
      run_in_area(structure_, optics_, detectors_, scanned_area(patch, optics_, options_), positions, options).values;
  ConvergenceComponent result;
  result.name = "scan pitch";
  result.settings = {options_.scan_pitch_A > 0 ? length_text(options_.scan_pitch_A) : "automatic", "every pixel"};
  result.limit = "a probe for every pixel";
  result.sequence.resize(2);
  for (std::size_t d = 0; d < detectors_.size(); ++d) {
    std::vector<double> interpolated;
    for (const auto i : pixels) interpolated.push_back(images[d].data[i]);
    result.errors.push_back(error_of(interpolated, direct[d], std::vector<double>(patch_probes, 1.0 / patch_probes)));
    result.order.emplace_back();
    result.sequence[0].push_back(result.errors.back().rms_over_mean);
    result.sequence[1].push_back(0);
  }
  return result;
}

// Adds to refined values what the extrapolation of one setting finds beyond the refinement used.
void Measurement::add_towards_limit(const std::string& name, ProbeValues& values) const {
  std::vector<const Refinement*> finer;
  for (const auto& refinement : refinements_) {
    if (refinement.component == name) finer.push_back(&refinement);
  }
  if (finer.empty()) return;
  for (std::size_t d = 0; d < values.size(); ++d) {
    std::vector<double> steps = {1};
    std::vector<std::vector<double>> results = {working_[d]};
    for (const auto* refinement : finer) {
      steps.push_back(refinement->step);
      results.push_back(refinement->values[d]);
    }
    const auto limit = extrapolate(steps, results, sample_.shares).limit;
    for (std::size_t i = 0; i < limit.size(); ++i) values[d][i] += limit[i] - results.back()[i];
  }
}

// The limit: everything refined at once, what extrapolation adds to each setting, and the change from the working
// window and algorithm to the whole cell.
std::vector<ErrorFigure> Measurement::total(const std::vector<ConvergenceComponent>& components) const {
  ProbeValues limit = working_;
  const Refinement* exact = nullptr;
  for (const auto& refinement : refinements_) {
    if (refinement.component == "together") limit = refinement.values;
    if (refinement.in_area) exact = &refinement;
  }
  for (const char* name : {"sampling", "slice", "window", "algorithm"}) {
    const bool in_working_cell = exact == nullptr || exact->component != name;
    if (in_working_cell) add_towards_limit(name, limit);
  }
  std::vector<ErrorFigure> result;
  for (std::size_t d = 0; d < detectors_.size(); ++d) {
    // Relative to the working run, which may differ from the chosen one by window and algorithm.
    std::vector<double> values = chosen_[d];
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double exact_value = exact != nullptr ? exact->values[d][i] : chosen_[d][i];
      limit[d][i] = exact_value + limit[d][i] - working_[d][i];
    }
    auto figure = error_of(values, limit[d], sample_.shares);
    for (const auto& part : components) {
      if (part.name == "scan pitch")
        figure.rms_over_mean = std::hypot(figure.rms_over_mean, part.errors[d].rms_over_mean);
    }
    result.push_back(figure);
  }
  return result;
}

ConvergenceReport Measurement::measure(const std::string& label) {
  ConvergenceReport report;
  const double start = processor_seconds();
  for (const auto& detector : detectors_) report.detectors.push_back(detector.name);
  report.probes = int(sample_.positions.size());
  report.seed = wanted_.seed;
  report.predicted_s = predicted_s();
  report.left_out = left_out_;
  std::unique_ptr<Progress> progress;
  if (!label.empty()) {
    info("{}: {} runs of {} probes, about {} with {} threads", label, refinements_.size() + 2, report.probes,
         format_duration(report.predicted_s / thread_count()), thread_count());
    progress = std::make_unique<Progress>(label, std::int64_t(refinements_.size()) + 2);
  }
  chosen_ = run(options_, true);
  if (progress) progress->advance();
  working_ = run(working_options_, false);
  if (progress) progress->advance();
  std::vector<std::string> names;
  for (auto& refinement : refinements_) {
    refinement.values = run(refinement.options, refinement.in_area);
    if (progress) progress->advance();
    const auto& o = refinement.options;
    if (refinement.component == "together") {
      report.together = fmt::format("sampling {}, oversampling {}, slice {}", length_text(o.sampling_A), o.oversampling,
                                    length_text(o.slice_A));
    } else if (std::find(names.begin(), names.end(), refinement.component) == names.end()) {
      names.push_back(refinement.component);
    }
  }
  for (const auto& name : names) report.components.push_back(component(name));
  if (const auto scan = scan_component()) report.components.push_back(*scan);
  report.total = total(report.components);
  report.processor_s = processor_seconds() - start;
  return report;
}

std::string figure_text(const ErrorFigure& figure) {
  return fmt::format("{:.2f} +- {:.2f} % ({:.4f})", 100 * figure.rms_over_mean, 100 * figure.uncertainty,
                     figure.mean_ratio);
}

nlohmann::json figure_json(const ErrorFigure& figure) {
  return {
      {"rms_over_mean", figure.rms_over_mean}, {"uncertainty", figure.uncertainty}, {"mean_ratio", figure.mean_ratio}};
}

}  // namespace

void ConvergenceOptions::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section.empty() ? "" : section + ".";
  table.add(prefix + "convergence_probes", &probes, "", "probes on which the error is measured");
  table.add(prefix + "convergence_seed", &seed, "", "seed of their places");
  table.add(prefix + "convergence_time", &budget_s, "s",
            "how long it may take; the finest refinements are left out where that would not do");
}

void ConvergenceOptions::check() const {
  if (probes < 2 || probes > 100000) fail("convergence_probes is {}; give 2 to 100000", probes);
  if (!(budget_s > 0)) fail("convergence_time is {} s; give a time above 0, e.g. 120", budget_s);
}

std::string ConvergenceReport::text() const {
  std::string result = fmt::format(
      "Distance from the limit on {} probes (seed {}): rms / mean, its standard deviation, ratio of the means\n",
      probes, seed);
  const auto line = [&](const std::string& name, const std::string& chosen, const std::string& finest,
                        const std::string& how, const std::vector<ErrorFigure>& errors) {
    result += fmt::format("{:<13} {:>12} {:>12}  {:<17}", name, chosen, finest, how);
    for (const auto& error : errors) result += fmt::format("  {:>26}", figure_text(error));
    result += "\n";
  };
  result += fmt::format("{:<13} {:>12} {:>12}  {:<17}", "setting", "chosen", "finest", "limit");
  for (const auto& name : detectors) result += fmt::format("  {:>26}", name);
  result += "\n";
  for (const auto& part : components) {
    const auto& order = part.order.front();
    line(part.name, part.settings.front(), part.settings.back(),
         order ? fmt::format("by order {:.1f}", *order) : "the finest", part.errors);
  }
  line("total", "", "", "", total);
  result += fmt::format("All refined at once: {}. {:.0f} s of processor time", together.empty() ? "no" : together,
                        processor_s);
  for (std::size_t i = 0; i < left_out.size(); ++i) result += (i == 0 ? "; left out: " : ", ") + left_out[i];
  return result + ".\n";
}

nlohmann::json ConvergenceReport::to_json() const {
  nlohmann::json parts = nlohmann::json::array(), totals = nlohmann::json::object();
  for (const auto& part : components) {
    nlohmann::json errors = nlohmann::json::object();
    for (std::size_t d = 0; d < detectors.size(); ++d) {
      errors[detectors[d]] = figure_json(part.errors[d]);
      errors[detectors[d]]["order"] = part.order[d] ? nlohmann::json(*part.order[d]) : nlohmann::json(nullptr);
      for (const auto& step : part.sequence) errors[detectors[d]]["sequence"].push_back(step[d]);
    }
    parts.push_back({{"setting", part.name}, {"values", part.settings}, {"limit", part.limit}, {"errors", errors}});
  }
  for (std::size_t d = 0; d < detectors.size(); ++d) totals[detectors[d]] = figure_json(total[d]);
  return {
      {"probes", probes},        {"seed", seed},         {"settings", parts},          {"total", totals},
      {"all_refined", together}, {"left_out", left_out}, {"predicted_s", predicted_s}, {"processor_s", processor_s}};
}

ConvergenceReport measure_convergence(const Structure& structure, const Optics& optics,
                                      const std::vector<AnnularDetector>& detectors, const FieldOfView& field,
                                      const MultisliceOptions& options, const ConvergenceOptions& wanted,
                                      const std::string& label) {
  optics.check();
  options.check();
  field.check();
  wanted.check();
  check_detectors(detectors);
  return Measurement(structure, optics, detectors, field, settled(structure, options), wanted).measure(label);
}

}  // namespace colonnade
