// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/score_estimators.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "colonnade/columns/count_bound.h"
#include "colonnade/core/error.h"
#include "colonnade/core/progress.h"
#include "colonnade/structures/elements.h"
#include "colonnade/workflows/calibrate_response.h"
#include "colonnade/workflows/count_estimator.h"
#include "colonnade/workflows/measured_field.h"

namespace colonnade {
namespace {

using Truth = std::vector<std::vector<double>>;

Truth truth_of(const LabelledFields& fields) {
  Truth truth;
  for (const KnownColumns& field : fields.clean) {
    for (std::size_t i = 0; i < field.counts.size(); ++i) {
      if (field.signals.whole[i]) truth.emplace_back(field.counts[i].begin(), field.counts[i].end());
    }
  }
  return truth;
}

/// Sets of signals that a dataset allows.
struct SignalSet {
  std::string name;
  std::vector<std::string> signals;
  Doses doses;
};

/// The set's signals of a view, with noise.
MeasuredField measured(const Sample& view, const SignalSet& set, Random random) {
  NoisySample noisy = with_noise(view, set.doses, random);
  MeasuredField field{{}, {}, {}, conditions_of(view.image)};
  for (std::size_t s = 0; s < noisy.kinds.size(); ++s) {
    if (std::find(set.signals.begin(), set.signals.end(), noisy.kinds[s].name) == set.signals.end()) continue;
    field.images.push_back(std::move(noisy.images[s]));
    field.kinds.push_back(noisy.kinds[s]);
  }
  field.columns = places_of(view);
  return field;
}

/// One estimator on all fields.
std::vector<CountScore> score(const CountEstimator& estimator, const LabelledFields& fields, const SignalSet& set,
                              std::uint64_t seed, const std::string& label) {
  const auto order = element_places(fields.elements, estimator.elements(), estimator.name());
  std::vector<CountDistribution> counted;
  Progress progress(label, std::ssize(fields.views));
  for (std::size_t f = 0; f < fields.views.size(); ++f) {
    const auto columns = estimator.count(measured(fields.views[f], set, Random(seed).stream(f)));
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (fields.clean[f].signals.whole[i]) counted.push_back(reordered(columns[i], order));
    }
    progress.advance();
  }
  return score_distributions(truth_of(fields), counted, fields.elements);
}

/// Without the elements that no column has: who images an alloy knows what it is made of.
LabelledFields present_only(LabelledFields fields) {
  std::vector<std::size_t> kept;
  std::vector<std::string> elements;
  for (std::size_t e = 0; e < fields.elements.size(); ++e) {
    const auto has = [e](const std::vector<int>& counts) { return counts[e] > 0; };
    const bool present = std::any_of(fields.clean.begin(), fields.clean.end(), [&](const KnownColumns& field) {
      return std::any_of(field.counts.begin(), field.counts.end(), has);
    });
    if (present) kept.push_back(e), elements.push_back(fields.elements[e]);
  }
  if (elements.empty() || elements.size() == fields.elements.size()) return fields;
  const auto absent = [&](const std::string& element) {
    return !element.empty() && std::find(elements.begin(), elements.end(), element) == elements.end();
  };
  for (KnownColumns& field : fields.clean) {
    for (auto& counts : field.counts) {
      std::vector<int> fewer;
      for (const std::size_t e : kept) fewer.push_back(counts[e]);
      counts = std::move(fewer);
    }
    std::vector<SignalKind> kinds = field.signals.kinds;
    std::erase_if(kinds, [&](const SignalKind& kind) { return absent(kind.element); });
    field.signals = field.signals.only(names_of(kinds));
  }
  fields.elements = std::move(elements);
  return fields;
}

/// What physics would score if its response were exact: on signals that are drawn from it.
std::vector<CountScore> physics_on_drawn(const LabelledFields& fields, const SignalResponse& response,
                                         const SignalSet& set, const BayesianOptions& told, std::uint64_t seed) {
  std::vector<CountDistribution> counted;
  const SignalResponse chosen = response.only(set.signals);
  for (std::size_t f = 0; f < fields.clean.size(); ++f) {
    KnownColumns field = at_doses(fields.clean[f], set.signals, set.doses);
    Random random = Random(seed).stream(f);
    field.signals.sections_nm2 = drawn_sections(field, chosen.at(field.signals.conditions), random);
    const auto columns = count_by_physics(field.signals, chosen, told).columns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (field.signals.whole[i]) counted.push_back(columns[i]);
    }
  }
  return score_distributions(truth_of(fields), counted, fields.elements);
}

BoundScores bounds(const LabelledFields& fields, const SignalResponse& response, const SignalSet& set,
                   const ScoreOptions& options) {
  std::vector<KnownColumns> chosen;
  for (const KnownColumns& field : fields.clean) chosen.push_back(at_doses(field, set.signals, set.doses));
  return count_bound(chosen, response, options.seed, options.fractions);
}

std::vector<CountScore> published(const std::vector<std::string>& elements) {
  std::vector<CountScore> scores;
  for (const auto& element : elements) {
    CountScore& score = scores.emplace_back();
    score.element = element;
    score.r2 = score.exact = score.within_1 = NAN;
    if (const auto* known = published_score(element)) score.exact = known->exact, score.within_1 = known->within_1;
  }
  return scores;
}

std::vector<SignalSet> signal_sets(const LabelledFields& fields, const ScoreOptions& options, ScoreTable& table) {
  std::vector<SignalSet> sets;
  for (const auto& names : usual_sets(fields.clean[0].signals.kinds)) {
    if (!with_x_rays(fields.clean[0].signals.only(names).kinds)) {
      sets.push_back({names.size() == 1 ? names[0] : "all annular", names, {options.dose_per_A2, 0}});
      continue;
    }
    for (const double counts : options.x_ray_counts) {
      const double dose = dose_for_counts_per_atom(fields.clean, counts);
      table.x_ray_doses_per_A2.push_back(dose);
      sets.push_back(
          {fmt::format("annular + X-rays, {:g} counts per atom", counts), names, {options.dose_per_A2, dose}});
    }
  }
  return sets;
}

std::string cell(const CountScore& score) {
  const auto percent = [](double share) { return std::isfinite(share) ? fmt::format("{:.0f}", 100 * share) : "-"; };
  return fmt::format("{} / {} / {}", std::isfinite(score.r2) ? fmt::format("{:.2f}", score.r2) : "-",
                     percent(score.exact), percent(score.within_1));
}

/// Mean over elements of the coverage, as text; empty where there is none.
std::string coverage(const ScoreRow& row) {
  double near = 0, far = 0;
  for (const CountScore& score : row.scores) {
    near += score.coverage_68 / double(row.scores.size());
    far += score.coverage_95 / double(row.scores.size());
  }
  return std::isfinite(near) ? fmt::format("{:.0f} / {:.0f} %", 100 * near, 100 * far) : "";
}

}  // namespace

OptionTable ScoreOptions::table() {
  OptionTable table;
  table.add("seed", &seed, "", "Seed of the noise and of the bounds");
  table.add("models", &models, "", "Files of networks to score");
  table.add("response", &response, "", "Response of the signals, for the physics and the bounds; empty: neither");
  table.add("dose", &dose_per_A2, "e/A^2", "Dose of the annular signals; 0: no noise");
  table.add("fractions", &fractions, "",
            "Atomic fractions of the elements that the columns have, as told to physics and the bounds; empty: equal");
  table.add("x_ray_counts", &x_ray_counts, "", "X-rays per atom, on average, for which X-ray maps are added");
  return table;
}

void ScoreOptions::check() const {
  if (!(dose_per_A2 >= 0 && std::isfinite(dose_per_A2))) fail("--dose is {}; give a dose of 0 or more", dose_per_A2);
  for (const double counts : x_ray_counts) {
    if (!(counts > 0 && std::isfinite(counts))) fail("--x-ray-counts holds {}; give numbers above 0", counts);
  }
  if (models.empty() && response.empty()) fail("nothing is to be scored; give --models or --response");
}

ScoreTable score_estimators(const std::filesystem::path& dataset_folder, const ScoreOptions& options) {
  options.check();
  const LabelledFields fields = present_only(read_fields(particle_files(dataset_folder), true));
  ScoreTable table;
  table.elements = fields.elements;
  table.particles = int(fields.particles);
  table.dose_per_A2 = options.dose_per_A2;
  const auto truth = truth_of(fields);
  if (truth.empty()) fail("{}: no column lies wholly inside its image", dataset_folder.string());
  table.columns = int(truth.size());
  table.rows.push_back({"thickness only (true)", "", score_counts(truth, thickness_only(truth), fields.elements)});
  table.rows.push_back({"Ragone et al. 2021 (other columns)", "HAADF", published(fields.elements)});
  const auto sets = signal_sets(fields, options, table);
  for (const std::string& file : options.models) {
    const auto estimator = load_estimator(file);
    const std::string name = std::filesystem::path(file).stem().string();
    for (const SignalSet& set : sets) {
      if (&set != &sets[0] && estimator->name() == "network") break;
      table.rows.push_back({name, set.name, score(*estimator, fields, set, options.seed, "Counting by " + name)});
    }
  }
  if (options.response.empty()) return table;
  const SignalResponse response = load_response(options.response).for_elements(fields.elements);
  BayesianOptions told;
  told.fractions = options.fractions;
  for (const SignalSet& set : sets) {
    const auto physics = physics_estimator(response, told, set.signals);
    table.rows.push_back({"physics", set.name, score(*physics, fields, set, options.seed, "Counting by physics")});
    table.rows.push_back(
        {"physics, if its response were exact", set.name, physics_on_drawn(fields, response, set, told, options.seed)});
    const BoundScores best = bounds(fields, response, set, options);
    table.rows.push_back({"bound, image only", set.name, best.image});
    table.rows.push_back({"bound, oracle", set.name, best.oracle});
  }
  return table;
}

nlohmann::json to_json(const ScoreTable& table) {
  nlohmann::json json{{"particles", table.particles},
                      {"columns", table.columns},
                      {"dose_per_A2", table.dose_per_A2},
                      {"x_ray_doses_per_A2", table.x_ray_doses_per_A2}};
  for (const ScoreRow& row : table.rows) {
    nlohmann::json entry{{"who", row.who}, {"signals", row.signals}};
    for (const CountScore& score : row.scores) entry["elements"].push_back(to_json(score));
    json["rows"].push_back(entry);
  }
  return json;
}

std::string to_markdown(const ScoreTable& table) {
  std::string text = "| who | signals |";
  for (const auto& element : table.elements) text += " " + element + " |";
  text += " in 68 / 95 % intervals |\n|---|---|";
  for (std::size_t e = 0; e < table.elements.size(); ++e) text += "---|";
  text += "---|\n";
  for (const ScoreRow& row : table.rows) {
    text += "| " + row.who + " | " + row.signals + " |";
    for (const CountScore& score : row.scores) text += " " + cell(score) + " |";
    text += " " + coverage(row) + " |\n";
  }
  return text;
}

std::string to_text(const ScoreTable& table) {
  std::string text = "R2 / exact % / within one %\n";
  for (const ScoreRow& row : table.rows) {
    text += fmt::format("{:<36}{:<38}", row.who, row.signals);
    for (const CountScore& score : row.scores) text += fmt::format("{} {:<18}", score.element, cell(score));
    text += coverage(row) + "\n";
  }
  return text + fmt::format("{} columns of {} particles; dose of the annular signals {:g} e/A^2\n", table.columns,
                            table.particles, table.dose_per_A2);
}

}  // namespace colonnade
