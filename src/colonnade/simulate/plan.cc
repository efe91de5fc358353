// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/plan.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <set>

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/core/parallel.h"
#include "colonnade/core/progress.h"
#include "colonnade/simulate/memory.h"
#include "colonnade/simulate/wave_grid.h"

namespace colonnade {

namespace {

// Grids from coarse to fine: how far beyond the outermost angle the band reaches, and the oversampling.
struct GridChoice {
  double reserve;
  int oversampling;
};
constexpr GridChoice grid_choices[] = {{1.05, 2}, {1.2, 2}, {1.45, 2}, {1.45, 3}, {1.75, 3},
                                       {2.1, 3},  {2.5, 3}, {3, 3},    {3, 4},    {3.6, 4}};
constexpr GridChoice usual_grid{1.45, 2};
// The finest grid carries what nearly all scattering stays within, but no less than this many times the outer angle.
constexpr double reference_mrad = 300, least_reserve = 2.9, largest_reserve = 4.2;
constexpr int reference_oversampling = 4;
constexpr double thinnest_slice_A = 0.02;
constexpr double slice_choices_A[] = {4, 2, 1, 0.5, 0.25, 0.1, thinnest_slice_A};
// Of the wanted error, what the slices and what slices and grid together may take; the algorithm has the rest.
constexpr double share_of_slices = 0.5, share_of_discretisation = 0.75;
// The border of the cell that stands for an infinite one, and that of wide windows: the probe is periodic in the cell.
constexpr double widest_margin_A = 15, wide_margin_A = 10;
constexpr int attempts = 3;

struct Named {
  std::string name;
  MultisliceOptions options;
};

/// The ways to compute an image, each family from cheap to exact.
std::vector<std::vector<Named>> algorithm_families(const MultisliceOptions& base) {
  std::vector<Named> windows;
  for (const double side : {5.0, 6.0, 7.5, 9.0, 11.0, 14.0, 18.0, 25.0, 35.0, 0.0}) {
    MultisliceOptions options = base;
    options.algorithm = "multislice";
    options.window_A = side;
    if (side == 0 || side > 12) options.margin_A = std::max(base.margin_A, wide_margin_A);
    windows.push_back({side > 0 ? fmt::format("multislice, window {} A", side) : "multislice, whole cell", options});
  }
  return {windows};
}

double worst(const std::vector<ErrorFigure>& figures) {
  double largest = 0;
  for (const auto& figure : figures) largest = std::max(largest, figure.rms_over_mean);
  return largest;
}

ProbeValues difference(ProbeValues a, const ProbeValues& b) {
  for (std::size_t d = 0; d < a.size(); ++d) {
    for (std::size_t i = 0; i < a[d].size(); ++i) a[d][i] -= b[d][i];
  }
  return a;
}

ProbeValues sum(ProbeValues a, const ProbeValues& b) {
  for (std::size_t d = 0; d < a.size(); ++d) {
    for (std::size_t i = 0; i < a[d].size(); ++i) a[d][i] += b[d][i];
  }
  return a;
}

class Planner {
 public:
  Planner(const Structure& structure, const Optics& optics, const std::vector<AnnularDetector>& detectors,
          const FieldOfView& field, const MultisliceOptions& base, const PlanOptions& wanted)
      : structure_(structure),
        optics_(optics),
        detectors_(detectors),
        field_(field),
        base_(base),
        wanted_(wanted),
        area_(scanned_area(field, optics, base)),
        choice_(sample_probes(structure, field, wanted.probes, wanted.seed)),
        start_s_(processor_seconds()),
        working_window_A_(window_for_probe(optics, detectors, base)) {
    outermost_mrad_ = optics.semiangle_mrad;
    for (const auto& detector : detectors) outermost_mrad_ = std::max(outermost_mrad_, detector.outer_mrad);
  }
  Plan make(const std::string& label);

 private:
  MultisliceOptions with_grid(MultisliceOptions options, const GridChoice& grid) const;
  double reference_window_A(double sampling_A) const {
    return window_of_pixels(int(std::lround(working_window_A_ / sampling_A)), sampling_A);
  }
  GridChoice reference_grid() const {
    return {std::clamp(reference_mrad / outermost_mrad_, least_reserve, largest_reserve), reference_oversampling};
  }
  void choose_place();
  bool fits(const MultisliceOptions& options) const;
  bool in_time(const MultisliceOptions& options, std::size_t probes) const;
  const ProbeRun& run(const MultisliceOptions& options, bool in_area, const ProbeSample& sample);
  ProbeRun compute(const MultisliceOptions& options, bool in_area, const ProbeSample& sample) const;
  std::vector<ErrorFigure> figures(const ProbeValues& error, const ProbeValues& limit, const ProbeSample& sample) const;
  double image_s(const ProbeRun& run) const;
  double predicted_image_s(const MultisliceOptions& options) const;
  std::optional<MultisliceOptions> exact_options(MultisliceOptions options);
  MultisliceOptions choose_slices(double target);
  MultisliceOptions choose_grid(const MultisliceOptions& sliced, double target);
  void choose_algorithm(const MultisliceOptions& discretised, double target);
  bool choose_in_family(const std::vector<Named>& family, double target, double& best_s);
  void verify();
  void remark(const std::string& text);
  double used_s() const { return processor_seconds() - start_s_; }

  const Structure& structure_;
  const Optics& optics_;
  const std::vector<AnnularDetector>& detectors_;
  const FieldOfView& field_;
  MultisliceOptions base_;
  PlanOptions wanted_;
  ProbeArea area_;
  ProbeSample choice_, proof_;
  double outermost_mrad_ = 0;
  double start_s_;
  double working_window_A_ = 0;
  bool one_by_one_ = false;
  std::map<std::string, ProbeRun> runs_;
  Plan plan_;
  ProbeValues limit_;  ///< the best there is, for the choice's probes
  ProbeValues slice_error_, discretisation_error_;
  ProbeValues exact_;
  MultisliceOptions reference_;  ///< finest slices and grid, in the working window
};

// Whole numbers of pixels in the working window keep its size, and with it its error, the same on all grids.
MultisliceOptions Planner::with_grid(MultisliceOptions options, const GridChoice& grid) const {
  const double wanted = sampling_for_angle(grid.reserve * outermost_mrad_, optics_.energy_keV);
  const int pixels = window_size(working_window_A_ / wanted);
  options.sampling_A = working_window_A_ / pixels;
  options.oversampling = grid.oversampling;
  options.window_A = window_of_pixels(pixels, options.sampling_A);
  return options;
}

bool Planner::fits(const MultisliceOptions& options) const {
  return estimate_memory(structure_, optics_, detectors_, field_, options).peak() <=
         allowed_memory(options.memory_limit_GB);
}

std::string key_of(const MultisliceOptions& options, bool in_area) {
  MultisliceOptions copy = options;
  OptionTable table;
  copy.describe(table);
  return table.to_json().dump() + (in_area ? " area" : "");
}

// Discretisations are compared in a working window: in one cell, or in a small one for each probe.
void Planner::choose_place() {
  MultisliceOptions options = with_grid(base_, reference_grid());
  options.algorithm = "multislice";
  const auto setup_s = [&](const ProbeArea& area) {
    return predict_multislice_cost(specimen_around(structure_, optics_, detectors_, area, options), options).setup_s;
  };
  const double each = setup_s(point(choice_.positions.front())) * double(choice_.positions.size());
  one_by_one_ = !fits(options) || each < setup_s(area_);
}

ProbeRun Planner::compute(const MultisliceOptions& options, bool in_area, const ProbeSample& sample) const {
  const auto& at = sample.positions;
  if (in_area) return run_in_area(structure_, optics_, detectors_, area_, at, options);
  return one_by_one_ ? run_one_by_one(structure_, optics_, detectors_, at, options, working_window_A_)
                     : run_in_area(structure_, optics_, detectors_, area_, at, options, working_window_A_);
}

const ProbeRun& Planner::run(const MultisliceOptions& options, bool in_area, const ProbeSample& sample) {
  const std::string key = key_of(options, in_area) + (&sample == &proof_ ? " proof" : "");
  const auto found = runs_.find(key);
  return found != runs_.end() ? found->second : runs_.emplace(key, compute(options, in_area, sample)).first->second;
}

std::vector<ErrorFigure> Planner::figures(const ProbeValues& error, const ProbeValues& limit,
                                          const ProbeSample& sample) const {
  std::vector<ErrorFigure> result;
  const auto values = sum(limit, error);
  for (std::size_t d = 0; d < limit.size(); ++d) result.push_back(error_of(values[d], limit[d], sample.shares));
  return result;
}

double Planner::image_s(const ProbeRun& run) const {
  return run.setup_s + run.scan_s / double(run.values.front().size()) * area_.probes;
}

double Planner::predicted_image_s(const MultisliceOptions& options) const {
  return predict_multislice_cost(specimen_around(structure_, optics_, detectors_, area_, options), options)
      .total_s(area_.probes);
}

bool Planner::in_time(const MultisliceOptions& options, std::size_t probes) const {
  const auto cost = predict_multislice_cost(specimen_around(structure_, optics_, detectors_, area_, options), options);
  return used_s() + cost.total_s(double(probes)) <= wanted_.budget_s * thread_count();
}

void Planner::remark(const std::string& text) {
  if (std::find(plan_.remarks.begin(), plan_.remarks.end(), text) == plan_.remarks.end()) plan_.remarks.push_back(text);
}

// The fewest slices whose planes are near enough to the atoms' own. Thinner slices that hold the same layers cost no
// more, so among equals the thinnest is taken.
MultisliceOptions Planner::choose_slices(double target) {
  MultisliceOptions options = with_grid(base_, usual_grid);
  options.algorithm = "multislice";
  std::map<std::size_t, double> thickness_by_count;
  for (const double thickness : slice_choices_A) {
    options.slice_A = thickness;
    const Specimen specimen = specimen_around(structure_, optics_, detectors_, area_, options);
    std::size_t occupied = 0;
    for (const auto& slice : slice_atoms(specimen.atoms, specimen.cell, thickness)) occupied += slice.empty() ? 0 : 1;
    if (!thickness_by_count.empty() && !in_time(options, choice_.positions.size())) continue;
    thickness_by_count[occupied] = thickness;
  }
  options.slice_A = thickness_by_count.rbegin()->second;
  limit_ = run(options, false, choice_).values;
  if (options.slice_A > thinnest_slice_A) {
    remark(fmt::format("slices of {} A stand for the limit: thinner ones would take too long", options.slice_A));
  }
  for (const auto& [count, thickness] : thickness_by_count) {
    options.slice_A = thickness;
    const auto& found = run(options, false, choice_);
    slice_error_ = difference(found.values, limit_);
    const double error = worst(figures(slice_error_, limit_, choice_));
    const bool good = error <= share_of_slices * target || count == thickness_by_count.rbegin()->first;
    plan_.tried.push_back(
        {"slice", fmt::format("{} A, {} planes", thickness, count), error, error, predicted_image_s(options), good});
    if (good) break;
  }
  reference_ = options;
  reference_.slice_A = thickness_by_count.rbegin()->second;
  return options;
}

// The coarsest grid that leaves room for the algorithm, by bisection.
MultisliceOptions Planner::choose_grid(const MultisliceOptions& sliced, double target) {
  MultisliceOptions finest = with_grid(sliced, reference_grid());
  const ProbeValues fine = run(finest, false, choice_).values;
  reference_ = with_grid(reference_, reference_grid());
  limit_ = sum(fine, difference(ProbeValues(fine.size(), std::vector<double>(fine.front().size())), slice_error_));
  std::size_t low = 0, high = std::size(grid_choices) - 1;
  while (high > 0 && grid_choices[high].reserve > 0.95 * reference_grid().reserve) --high;
  const auto measure = [&](std::size_t i) {
    const auto options = with_grid(sliced, grid_choices[i]);
    const auto alone = difference(run(options, false, choice_).values, fine);
    discretisation_error_ = sum(alone, slice_error_);
    plan_.tried.push_back({"grid",
                           fmt::format("sampling {:.4f} A, oversampling {}", options.sampling_A, options.oversampling),
                           worst(figures(alone, fine, choice_)), worst(figures(discretisation_error_, limit_, choice_)),
                           predicted_image_s(options), false});
    return plan_.tried.back().total <= share_of_discretisation * target;
  };
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (measure(middle))
      high = middle;
    else
      low = middle + 1;
  }
  measure(low);
  plan_.tried.back().chosen = true;
  return with_grid(sliced, grid_choices[low]);
}

// The whole cell, or what comes nearest within memory and time.
std::optional<MultisliceOptions> Planner::exact_options(MultisliceOptions options) {
  options.margin_A = std::max(options.margin_A, widest_margin_A);
  for (const double side : {0.0, 60.0, 45.0, 35.0, 25.0, 18.0}) {
    options.window_A = side;
    if (!fits(options) || !in_time(options, choice_.positions.size())) continue;
    if (side > 0) {
      remark(fmt::format("a window of {} A stands for the whole cell, which needs more memory or time", side));
    }
    return options;
  }
  return std::nullopt;
}

// The first of a family, from cheap to exact, that reaches the target; true where there is one.
bool Planner::choose_in_family(const std::vector<Named>& family, double target, double& best_s) {
  std::optional<std::size_t> good;
  std::size_t low = 0, high = family.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    const auto& [name, options] = family[middle];
    if (!fits(options) || !in_time(options, choice_.positions.size())) {
      high = middle;
      continue;
    }
    ProbeRun found;
    try {
      found = run(options, true, choice_);
    } catch (const Error&) {  // a window too small for the probe
      low = middle + 1;
      continue;
    }
    const auto alone = difference(found.values, exact_);
    const auto whole = figures(sum(alone, discretisation_error_), limit_, choice_);
    const PlanCandidate candidate{"algorithm",  name,           worst(figures(alone, exact_, choice_)),
                                  worst(whole), image_s(found), false};
    plan_.tried.push_back(candidate);
    const bool reaches = candidate.total <= target;
    const bool better = reaches ? !plan_.reached || candidate.image_s < best_s
                                : !plan_.reached && candidate.total < worst(plan_.errors);
    if (plan_.errors.empty() || better) {
      best_s = candidate.image_s;
      plan_.reached = plan_.reached || reaches;
      plan_.options = options;
      plan_.errors = whole;
      plan_.image_s = candidate.image_s;
    }
    if (reaches)
      good = high = middle;
    else
      low = middle + 1;
  }
  return good.has_value();
}

void Planner::choose_algorithm(const MultisliceOptions& discretised, double target) {
  const auto exact = exact_options(discretised);
  if (!exact) fail("not even a window of 18 A fits into memory and time; use a smaller field or a longer plan_time");
  exact_ = run(*exact, true, choice_).values;
  // The limit belongs to the working window; what the whole cell changes is added to it.
  const ProbeValues in_window = run(discretised, false, choice_).values;
  limit_ = sum(limit_, difference(exact_, in_window));
  double best_s = std::numeric_limits<double>::infinity();
  plan_.reached = false;
  plan_.errors.clear();
  for (const auto& family : algorithm_families(discretised)) choose_in_family(family, target, best_s);
  if (plan_.errors.empty()) fail("no algorithm fits into memory and time; use a smaller field or a longer plan_time");
}

// The chosen settings against whole cell, finest grid and slices, on other probes.
void Planner::verify() {
  MultisliceOptions in_window = plan_.options;
  in_window.algorithm = "multislice";
  in_window.window_A = reference_window_A(in_window.sampling_A);
  const auto exact = exact_options(in_window);
  if (!exact || !in_time(*exact, proof_.positions.size()) || !in_time(reference_, proof_.positions.size())) {
    remark("not verified on other probes for want of time");
    plan_.verified.assign(detectors_.size(), std::nullopt);
    return;
  }
  const auto chosen = run(plan_.options, true, proof_).values;
  const auto limit = sum(run(*exact, true, proof_).values,
                         difference(run(reference_, false, proof_).values, run(in_window, false, proof_).values));
  plan_.verified.clear();
  for (std::size_t d = 0; d < limit.size(); ++d) {
    plan_.verified.emplace_back(error_of(chosen[d], limit[d], proof_.shares));
  }
}

Plan Planner::make(const std::string& label) {
  proof_ = sample_probes(structure_, field_, wanted_.probes, wanted_.seed + 1000003);
  choose_place();
  plan_.accuracy = wanted_.accuracy;
  for (const auto& detector : detectors_) plan_.detectors.push_back(detector.name);
  if (!label.empty()) info("{}: choosing settings, at most about {}", label, format_duration(wanted_.budget_s));
  double target = wanted_.accuracy;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    plan_.tried.clear();
    const auto sliced = choose_slices(target);
    const auto discretised = choose_grid(sliced, target);
    choose_algorithm(discretised, target);
    verify();
    double found = 0;
    for (const auto& figure : plan_.verified) found = std::max(found, figure ? figure->rms_over_mean : 0);
    if (found <= wanted_.accuracy || !plan_.reached) {
      plan_.reached = plan_.reached && found <= wanted_.accuracy;
      break;
    }
    remark(fmt::format("a first choice had {:.2f} % on other probes, so a stricter one was made", 100 * found));
    plan_.reached = false;
    target *= 0.9 * wanted_.accuracy / found;
  }
  if (!plan_.reached) remark("the wanted accuracy could not be reached within memory and time; this is the best found");
  for (auto& candidate : plan_.tried) {
    if (candidate.stage == "algorithm") candidate.chosen = candidate.image_s == plan_.image_s;
  }
  plan_.processor_s = used_s();
  return plan_;
}

}  // namespace

void PlanOptions::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section.empty() ? "" : section + ".";
  table.add(prefix + "accuracy", &accuracy, "", "wanted error of the image, rms / mean, e.g. 0.02");
  table.add(prefix + "plan_probes", &probes, "", "probes on which settings are tried");
  table.add(prefix + "plan_seed", &seed, "", "seed of their places");
  table.add(prefix + "plan_time", &budget_s, "s", "how long the choice may take");
}

void PlanOptions::check() const {
  if (!(accuracy > 0) || accuracy > 1) fail("accuracy is {}; give a relative error above 0, e.g. 0.02", accuracy);
  if (probes < 2 || probes > 100000) fail("plan_probes is {}; give 2 to 100000", probes);
  if (!(budget_s > 0)) fail("plan_time is {} s; give a time above 0, e.g. 120", budget_s);
}

std::string Plan::text() const {
  std::string result = fmt::format("Settings for an error of {:.2g} % (rms / mean, worst detector)\n", 100 * accuracy);
  result += fmt::format("  {:<10} {:<38} {:>8} {:>8} {:>12}\n", "stage", "tried", "alone", "total", "image");
  for (const auto& one : tried) {
    result += fmt::format("{} {:<10} {:<38} {:>6.2f} % {:>6.2f} % {:>10.3g} s\n", one.chosen ? '*' : ' ', one.stage,
                          one.name, 100 * one.error, 100 * one.total, one.image_s);
  }
  for (std::size_t d = 0; d < detectors.size(); ++d) {
    result += fmt::format("{}: {:.2f} % on the probes of the choice", detectors[d], 100 * errors[d].rms_over_mean);
    if (verified[d]) {
      result += fmt::format(", {:.2f} +- {:.2f} % on others", 100 * verified[d]->rms_over_mean,
                            100 * verified[d]->uncertainty);
    }
    result += "\n";
  }
  for (const auto& text : remarks) result += text + "\n";
  return result + fmt::format("{}; the image takes {:.3g} s of processor time, the choice took {:.3g} s\n",
                              reached ? "Reached" : "Not reached", image_s, processor_s);
}

nlohmann::json Plan::to_json() const {
  nlohmann::json candidates = nlohmann::json::array(), found = nlohmann::json::object();
  for (const auto& one : tried) {
    candidates.push_back({{"stage", one.stage},
                          {"tried", one.name},
                          {"error", one.error},
                          {"total", one.total},
                          {"image_s", one.image_s},
                          {"chosen", one.chosen}});
  }
  for (std::size_t d = 0; d < detectors.size(); ++d) {
    found[detectors[d]] = {{"rms_over_mean", errors[d].rms_over_mean}};
    if (verified[d]) {
      found[detectors[d]]["verified"] = verified[d]->rms_over_mean;
      found[detectors[d]]["uncertainty"] = verified[d]->uncertainty;
    }
  }
  MultisliceOptions copy = options;
  OptionTable table;
  copy.describe(table);
  return {{"accuracy", accuracy},       {"reached", reached},        {"errors", found},
          {"tried", candidates},        {"remarks", remarks},        {"image_s", image_s},
          {"options", table.to_json()}, {"processor_s", processor_s}};
}

Plan plan_simulation(const Structure& structure, const Optics& optics, const std::vector<AnnularDetector>& detectors,
                     const FieldOfView& field, const MultisliceOptions& base, const PlanOptions& wanted,
                     const std::string& label) {
  optics.check();
  base.check();
  field.check();
  wanted.check();
  check_detectors(detectors);
  return Planner(structure, optics, detectors, field, settled(structure, base), wanted).make(label);
}

}  // namespace colonnade
