// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/reproduce_tables.h"

#include <algorithm>
#include <cmath>
#include <fmt/ranges.h>
#include <set>

namespace colonnade {
namespace {

constexpr const char* paper = "Ragone et al. 2021";

std::string two_digits(double value) { return std::isfinite(value) ? fmt::format("{:.2f}", value) : "-"; }
std::string percent(double share) { return std::isfinite(share) ? fmt::format("{:.0f}", 100 * share) : "-"; }

std::string value_text(const nlohmann::json& value) { return value.is_number() ? two_digits(value) : "-"; }

/// Everybody who counts, under the name that tables show; pointers into the reproduction.
struct Row {
  std::string who;
  const std::vector<CountScore>* scores;
};

std::vector<Row> rows_of(const Reproduction& reproduction) {
  std::vector<Row> rows;
  for (const NetworkScores& scores : reproduction.networks) {
    rows.push_back({"network, " + scores.name, &scores.network});
    rows.push_back({"thickness only, the same columns", &scores.thickness_only});
  }
  if (!reproduction.bounds) return rows;
  rows.push_back({"network, the bounds' columns", &reproduction.bounds->network});
  rows.push_back({"thickness only, the bounds' columns", &reproduction.bounds->thickness_only});
  rows.push_back({"bound, image only", &reproduction.bounds->bounds.image});
  rows.push_back({"bound, oracle", &reproduction.bounds->bounds.oracle});
  return rows;
}

std::vector<std::string> with_elements(const std::vector<std::string>& first,
                                       const std::vector<std::string>& elements) {
  std::vector<std::string> header = first;
  header.insert(header.end(), elements.begin(), elements.end());
  return header;
}

/// Mean over the elements that have published rates of a predictor's rate over the published one.
struct Shares {
  double exact = 0, within_1 = 0;
};

Shares shares_of(const std::vector<CountScore>& scores) {
  Shares shares;
  double known = 0;
  for (const CountScore& score : scores) {
    const auto* published = published_score(score.element);
    if (published == nullptr) continue;
    ++known;
    shares.exact += score.exact / published->exact;
    shares.within_1 += score.within_1 / published->within_1;
  }
  return {shares.exact / known, shares.within_1 / known};
}

double mean_atoms(const CountComparison& comparison) {
  double atoms = 0;
  for (const auto& column : comparison.truth)
    for (const double count : column) atoms += count;
  return atoms / double(std::max<std::size_t>(1, comparison.truth.size()));
}

double largest_share_beyond_three(const std::vector<CountScore>& scores) {
  double share = 0;
  for (const CountScore& score : scores) share = std::max(share, off_by(score).more);
  return share;
}

std::string columns_note(const Reproduction& reproduction) {
  std::string note;
  for (const NetworkScores& scores : reproduction.networks) {
    note += fmt::format("{}{}: {} columns of {} images, {:.1f} atoms each on average", note.empty() ? "" : "; ",
                        scores.name, scores.comparison.truth.size(), scores.images, mean_atoms(scores.comparison));
  }
  if (reproduction.bounds) {
    note += fmt::format("; the bounds' columns: the {} of the first that lie wholly inside",
                        reproduction.bounds->bounds.columns);
  }
  return note + ".";
}

const NetworkScores* named(const Reproduction& reproduction, const std::string& name) {
  for (const NetworkScores& scores : reproduction.networks)
    if (scores.name == name) return &scores;
  return nullptr;
}

}  // namespace

TextTable r2_table(const Reproduction& reproduction) {
  TextTable table{"R2 per element on the columns", with_elements({"who"}, reproduction.elements), {}, ""};
  auto& published = table.rows.emplace_back(std::vector<std::string>{paper});
  for (const auto& element : reproduction.elements) {
    published.push_back(published_score(element) != nullptr ? fmt::format("> {:.2f}", published_r2) : "-");
  }
  for (const Row& row : rows_of(reproduction)) {
    auto& cells = table.rows.emplace_back(std::vector<std::string>{row.who});
    for (const CountScore& score : *row.scores) cells.push_back(two_digits(score.r2));
  }
  table.note = columns_note(reproduction);
  return table;
}

TextTable off_by_table(const Reproduction& reproduction) {
  TextTable table{"Columns right and wrong [%]",
                  {"element", "who", "exact", "off by 1", "off by 2", "off by 3", "more", "mean error"},
                  {},
                  "The paper's shares of 2 and 3 are known together: it has none off by more."};
  for (std::size_t e = 0; e < reproduction.elements.size(); ++e) {
    const std::string& element = reproduction.elements[e];
    if (const auto* known = published_score(element)) {
      table.rows.push_back({element, paper, percent(known->exact), percent(known->within_1 - known->exact),
                            percent(1 - known->within_1) + " with 3", "", "0", ""});
    }
    for (const Row& row : rows_of(reproduction)) {
      const CountScore& score = (*row.scores)[e];
      const OffBy off = off_by(score);
      table.rows.push_back({element, row.who, percent(off.exact), percent(off.one), percent(off.two),
                            percent(off.three), percent(off.more), two_digits(score.mean_absolute_error)});
    }
  }
  return table;
}

TextTable rates_table(const Reproduction& reproduction) {
  TextTable table{"Exact / within one [%]", with_elements({"who"}, reproduction.elements), {}, ""};
  auto& published = table.rows.emplace_back(std::vector<std::string>{paper});
  for (const auto& element : reproduction.elements) {
    const auto* known = published_score(element);
    published.push_back(known == nullptr ? "-" : percent(known->exact) + " / " + percent(known->within_1));
  }
  for (const Row& row : rows_of(reproduction)) {
    auto& cells = table.rows.emplace_back(std::vector<std::string>{row.who});
    for (const CountScore& score : *row.scores) cells.push_back(percent(score.exact) + " / " + percent(score.within_1));
  }
  return table;
}

TextTable explained_table(const Reproduction& reproduction) {
  TextTable table{
      "How much of the published rates, exact / within one, each explains [%]",
      with_elements({"who"}, reproduction.elements),
      {},
      "The rate over the published one; above 100 where the columns are easier or the predictor is better."};
  table.header.push_back("mean");
  for (const Row& row : rows_of(reproduction)) {
    auto& cells = table.rows.emplace_back(std::vector<std::string>{row.who});
    for (const CountScore& score : *row.scores) {
      const auto* known = published_score(score.element);
      cells.push_back(known == nullptr
                          ? "-"
                          : percent(score.exact / known->exact) + " / " + percent(score.within_1 / known->within_1));
    }
    const Shares shares = shares_of(*row.scores);
    cells.push_back(percent(shares.exact) + " / " + percent(shares.within_1));
  }
  return table;
}

TextTable line_table(const Reproduction& reproduction) {
  TextTable table{"Peak intensity against height: slope and R2 of a straight line",
                  {"atoms of", "slope, the paper", "slope here", "R2, the paper", "R2 here"},
                  {},
                  ""};
  if (!reproduction.intensities) return table;
  const IntensityScatter& scatter = *reproduction.intensities;
  const auto add = [&](const std::string& what, const LinearFit& fit, const PublishedLine* line) {
    table.rows.push_back({what, line == nullptr ? "-" : fmt::format("{:.3f}", line->slope),
                          std::isfinite(fit.slope) ? fmt::format("{:.3f} +- {:.3f}", fit.slope, fit.slope_error) : "-",
                          line == nullptr ? "-" : fmt::format("{:.3f}", line->r2),
                          std::isfinite(fit.r2) ? fmt::format("{:.3f}", fit.r2) : "-"});
  };
  for (std::size_t e = 0; e < reproduction.elements.size(); ++e) {
    add(reproduction.elements[e], scatter.fits[e], published_line(reproduction.elements[e]));
  }
  add("all elements", scatter.total, nullptr);
  table.note = fmt::format("{} columns of {} images, normalised locally.", scatter.intensity.size(), scatter.images);
  return table;
}

TextTable last_epoch_table(const Reproduction& reproduction) {
  TextTable table{"The last epoch of training",
                  with_elements({"split", "images", "epoch", "loss"}, reproduction.elements),
                  {},
                  "The elements' columns are R2 at the columns, at the pixel nearest to each."};
  for (const LearningCurve& curve : reproduction.curves) {
    if (curve.epochs.empty()) continue;
    const nlohmann::json& last = curve.epochs.back();
    for (const bool training : {true, false}) {
      const auto loss = last.value(training ? "train_loss" : "test_loss", nlohmann::json());
      std::vector<std::string> row{curve.name, training ? "training" : "held out",
                                   std::to_string(last.at("epoch").get<int>()),
                                   loss.is_number() ? fmt::format("{:.4g}", loss.get<double>()) : "-"};
      const auto r2 = last.value(training ? "train_r2" : "r2", nlohmann::json::object());
      for (const auto& element : reproduction.elements) row.push_back(value_text(r2.value(element, nlohmann::json())));
      table.rows.push_back(row);
    }
  }
  return table;
}

TextTable height_table(const Reproduction& reproduction, const NetworkScores& scores) {
  TextTable table{"Error by true height: network, " + scores.name,
                  with_elements({"atoms"}, reproduction.elements),
                  {},
                  "Mean absolute / root mean square error (columns), by the true number of atoms of that element."};
  std::set<int> heights;
  for (const auto& errors : scores.by_height)
    for (const HeightError& error : errors) heights.insert(error.height);
  for (const int height : heights) {
    auto& row = table.rows.emplace_back(std::vector<std::string>{std::to_string(height)});
    for (const auto& errors : scores.by_height) {
      const auto found = std::find_if(errors.begin(), errors.end(), [&](const auto& e) { return e.height == height; });
      row.push_back(found == errors.end()
                        ? "-"
                        : fmt::format("{:.2f} / {:.2f} ({})", found->mean_absolute, found->rms, found->columns));
    }
  }
  return table;
}

std::vector<TextTable> tables_of(const ReproduceOptions& options, const ReproducePlan& plan,
                                 const Reproduction& reproduction) {
  std::vector<TextTable> tables{plan_table(options, plan), r2_table(reproduction), rates_table(reproduction),
                                explained_table(reproduction), off_by_table(reproduction)};
  if (reproduction.intensities) tables.push_back(line_table(reproduction));
  tables.push_back(last_epoch_table(reproduction));
  for (const NetworkScores& scores : reproduction.networks) tables.push_back(height_table(reproduction, scores));
  return tables;
}

std::vector<std::string> findings(const Reproduction& reproduction) {
  std::vector<std::string> lines;
  const auto say = [&](const std::string& who, const std::vector<CountScore>& scores) {
    const Shares shares = shares_of(scores);
    lines.push_back(
        fmt::format("{} reaches {} % of the published exact rate and {} % of the published rate within one "
                    "(mean over the elements).",
                    who, percent(shares.exact), percent(shares.within_1)));
  };
  const NetworkScores& first = reproduction.networks.front();
  say("Who knows the thickness of every column and nothing else", first.thickness_only);
  for (const NetworkScores& scores : reproduction.networks) say("The network, " + scores.name + ",", scores.network);
  if (reproduction.bounds) say("The best that one image allows", reproduction.bounds->bounds.image);
  const auto* leaky = named(reproduction, split_by_image_name);
  const auto* fresh = named(reproduction, fresh_particles_name);
  if (leaky != nullptr && fresh != nullptr) {
    std::vector<std::string> gains;
    for (std::size_t e = 0; e < reproduction.elements.size(); ++e) {
      const double gain = leaky->network[e].r2 - fresh->network[e].r2;
      gains.push_back(reproduction.elements[e] + (std::isfinite(gain) ? fmt::format(" {:+.2f}", gain) : " -"));
    }
    lines.push_back(
        fmt::format("What the split by image adds to R2 (one network, on new views of particles that it was "
                    "trained on, minus on particles that it never saw): {}.",
                    fmt::join(gains, ", ")));
  }
  lines.push_back(fmt::format(
      "Off by more than 3, which the paper never is: at most {} % of the columns for any element "
      "by the network, {} % by thickness only.",
      percent(largest_share_beyond_three(first.network)), percent(largest_share_beyond_three(first.thickness_only))));
  return lines;
}

}  // namespace colonnade
