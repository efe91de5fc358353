// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/train_columns.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/ranges.h>
#include <map>

#include "colonnade/columns/bayesian_counts.h"
#include "colonnade/columns/count_bound.h"
#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/core/parallel.h"
#include "colonnade/core/progress.h"
#include "colonnade/core/version.h"
#include "colonnade/learn/dataset.h"
#include "colonnade/learn/training.h"
#include "colonnade/workflows/column_table.h"
#include "colonnade/workflows/drawn_field.h"

namespace colonnade {
namespace {

namespace fs = std::filesystem;
using Table = std::vector<std::vector<double>>;

constexpr std::size_t fewest_columns = 12;  // of a drawn field

/// Streams of the run's generator.
enum : std::uint64_t { particles_stream, fields_stream, judged_stream };

/// The dataset's fields without noise.
struct Fields {
  std::vector<KnownColumns> training, held_out;
  std::vector<std::string> elements;
  std::vector<SignalKind> kinds;
  DatasetOptions dataset;
  std::string fingerprint;
};

Fields split_fields(const TrainColumnsOptions& options) {
  Fields fields;
  const auto files = particle_files(options.dataset);
  fields.fingerprint = dataset_fingerprint(files);
  const Split split = split_particles(files, options.test_fraction, options.training.seed);
  if (split.training.empty() || split.test.empty()) fail("{} particles are too few to train on", files.size());
  fields.dataset.read_record(read_particle(split.training.front()).options);
  for (const bool held_out : {false, true}) {
    LabelledFields part = read_fields(held_out ? split.test : split.training, false);
    std::erase_if(part.clean, [](const KnownColumns& field) { return field.counts.size() < 3; });
    if (part.clean.empty()) fail("{} particles are too few to train on", files.size());
    if (!held_out) {
      fields.elements = part.elements;
      fields.kinds = part.clean.front().signals.kinds;
    } else if (part.elements != fields.elements || part.clean.front().signals.kinds != fields.kinds) {
      fail("{}: the elements or signals of its particles differ", options.dataset);
    }
    (held_out ? fields.held_out : fields.training) = std::move(part.clean);
  }
  return fields;
}

double even_in_logarithm(const Range& range, Random& random) {
  return std::exp(random.uniform(std::log(range.low), std::log(range.high)));
}

/// Where training fields come from: their particles, signals, doses and noise, drawn by number.
class Source {
 public:
  Source(const TrainColumnsOptions& options, const Fields& fields, const ColumnTableMaker& maker)
      : options_(options), fields_(fields), maker_(maker), random_(options.training.seed) {
    for (const SignalKind& kind : fields.kinds) (kind.element.empty() ? annular_ : x_rays_).push_back(kind);
    if (!x_rays_.empty()) dose_per_count_ = dose_for_counts_per_atom(fields.training, 1);
    // Other particles than the dataset's.
    DatasetOptions dataset = fields.dataset.prepared();
    dataset.seed = random_.stream(particles_stream).bits();
    standing_.resize(options.drawn_particles);
    Progress progress("drawing particles", options.drawn_particles);
    parallel_for(options.drawn_particles, [&](std::int64_t i, int) {
      standing_[i] = standing_columns(dataset, int(i));
      progress.advance();
    });
    std::erase_if(standing_, [](const StandingColumns& columns) { return columns.counts.size() < fewest_columns; });
  }

  ColumnGraph draw(std::int64_t number) const {
    Random random = random_.stream(fields_stream).stream(number);
    const std::vector<SignalKind> kinds = draw_kinds(random);
    const KnownColumns& real = fields_.training[random.below(fields_.training.size())];
    if (standing_.empty() || random.uniform() >= options_.drawn_share) {
      return maker_.table(noisy_field(real, kinds, random)).graph;
    }
    const StandingColumns& columns = standing_[random.below(standing_.size())];
    return maker_.table(drawn_field(columns, maker_.response(), kinds, random)).graph;
  }

 private:
  std::vector<SignalKind> draw_kinds(Random& random) const {
    std::vector<SignalKind> kinds = draw_subset(random);
    const double annular = random.uniform() < 0.1 ? 0 : even_in_logarithm(options_.annular_dose, random);
    const double x_rays =
        random.uniform() < 0.05 ? 0 : dose_per_count_ * even_in_logarithm(options_.xray_counts, random);
    for (SignalKind& kind : kinds) kind.dose_per_nm2 = dose_per_nm2(kind, {annular, x_rays});
    return kinds;
  }
  /// The sets that people have are likelier than others.
  std::vector<SignalKind> draw_subset(Random& random) const {
    const double choice = random.uniform();
    std::vector<SignalKind> kinds;
    if (choice < 0.12) {
      for (const SignalKind& kind : fields_.kinds) {
        if (random.below(2) == 1) kinds.push_back(kind);
      }
    } else {
      kinds = annular_;
      if (choice < 0.66) kinds.resize(1);
      if (choice > 0.43 && choice < 0.79) kinds.insert(kinds.end(), x_rays_.begin(), x_rays_.end());
    }
    if (kinds.empty()) kinds.push_back(annular_.front());
    return kinds;
  }

  const TrainColumnsOptions& options_;
  const Fields& fields_;
  const ColumnTableMaker& maker_;
  Random random_;
  std::vector<SignalKind> annular_, x_rays_;
  double dose_per_count_ = 0;
  std::vector<StandingColumns> standing_;
};

std::vector<JudgedSignals> judged_signals(const Fields& fields) {
  const std::string first = fields.kinds.front().name;
  std::vector<JudgedSignals> judged{{first + ", 5e4 e/A^2", {first}, {5e4, 0}}, {first + ", no noise", {first}, {}}};
  if (fields.kinds.size() > 1 && fields.kinds[1].element.empty()) {
    judged.push_back({"all annular, 5e4 e/A^2", {"annular"}, {5e4, 0}});
  }
  if (with_x_rays(fields.kinds)) {
    for (const double counts : {5.0, 20.0, 100.0}) {
      const double dose = dose_for_counts_per_atom(fields.training, counts);
      judged.push_back({fmt::format("{}, X-rays, {} counts per atom", first, counts), {first, "X-rays"}, {5e4, dose}});
    }
  }
  return judged;
}

/// Held-out fields as they are judged in one set of signals.
struct Judged {
  JudgedSignals what;
  std::vector<KnownColumns> fields;
  std::vector<ColumnTable> tables;
};

std::vector<Judged> judged_fields(const Fields& fields, const ColumnTableMaker& maker, std::uint64_t seed) {
  std::vector<Judged> all;
  const Random random = Random(seed).stream(judged_stream);
  for (const JudgedSignals& what : judged_signals(fields)) {
    Judged judged{what, {}, {}};
    const auto names = chosen_signals(fields.kinds, what.signals);
    std::vector<SignalKind> kinds;
    for (const SignalKind& kind : fields.kinds) {
      if (std::find(names.begin(), names.end(), kind.name) == names.end()) continue;
      kinds.push_back(kind);
      kinds.back().dose_per_nm2 = dose_per_nm2(kind, what.doses);
    }
    for (std::size_t f = 0; f < fields.held_out.size(); ++f) {
      Random own = random.stream(all.size()).stream(f);
      judged.fields.push_back(noisy_field(fields.held_out[f], kinds, own));
      judged.tables.push_back(maker.table(judged.fields.back()));
    }
    all.push_back(std::move(judged));
  }
  return all;
}

/// Estimates of whole columns, with the truth and the number of the field.
struct Columns {
  Table truth;
  std::vector<CountDistribution> estimates;
  std::vector<std::size_t> field;
  void add(const KnownColumns& known, const std::vector<CountDistribution>& columns, std::size_t number) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (!known.signals.whole[i]) continue;
      truth.emplace_back(known.counts[i].begin(), known.counts[i].end());
      estimates.push_back(columns[i]);
      field.push_back(number);
    }
  }
  /// Of fields whose number leaves this rest when halved.
  Columns half(std::size_t rest) const {
    Columns part;
    for (std::size_t i = 0; i < truth.size(); ++i) {
      if (field[i] % 2 != rest) continue;
      part.truth.push_back(truth[i]);
      part.estimates.push_back(estimates[i]);
      part.field.push_back(field[i]);
    }
    return part;
  }
  void append(const Columns& other) {
    truth.insert(truth.end(), other.truth.begin(), other.truth.end());
    estimates.insert(estimates.end(), other.estimates.begin(), other.estimates.end());
    field.insert(field.end(), other.field.begin(), other.field.end());
  }
};

Columns by_network(const Judged& judged, const std::vector<std::vector<ColumnEstimate>>& estimates) {
  Columns result;
  for (std::size_t f = 0; f < judged.fields.size(); ++f) {
    std::vector<CountDistribution> columns;
    for (std::size_t i = 0; i < estimates[f].size(); ++i) {
      columns.push_back(counts_of(judged.tables[f].physics[i], estimates[f][i]));
    }
    result.add(judged.fields[f], columns, f);
  }
  return result;
}

std::vector<std::vector<ColumnEstimate>> predictions(const ColumnModel& model, const Judged& judged) {
  std::vector<std::vector<ColumnEstimate>> all;
  for (const ColumnTable& table : judged.tables) all.push_back(model.predict(table.graph));
  return all;
}

/// By class of signals: what is judged in it, all fields or one half of them.
Calibration calibrated(const std::vector<Judged>& judged, const std::vector<Columns>& columns, int only_half) {
  std::map<std::string, Columns> classes;
  for (std::size_t j = 0; j < judged.size(); ++j) {
    const std::string name = Calibration::class_of(judged[j].fields.front().signals.kinds);
    classes[name].append(only_half < 0 ? columns[j] : columns[j].half(only_half));
  }
  Calibration calibration;
  for (const auto& [name, part] : classes) {
    if (!part.truth.empty()) calibration.widening[name] = widening_of(part.estimates, part.truth);
  }
  return calibration;
}

/// Every field calibrated on those of the other half.
Columns crosswise(const Judged& judged, const Columns& columns, const Calibration halves[2]) {
  Columns result = columns;
  for (std::size_t i = 0; i < result.estimates.size(); ++i) {
    const auto factors = halves[1 - result.field[i] % 2].of(judged.fields.front().signals.kinds);
    result.estimates[i] = widened(result.estimates[i], factors);
  }
  return result;
}

JudgedScores scored(const Judged& judged, const Columns& network, const Fields& fields,
                    const SignalResponse& response) {
  JudgedScores scores;
  scores.name = judged.what.name;
  scores.columns = int(network.truth.size());
  scores.network = score_distributions(network.truth, network.estimates, fields.elements);
  Columns physics;
  for (std::size_t f = 0; f < judged.fields.size(); ++f) {
    physics.add(judged.fields[f], count_by_physics(judged.fields[f].signals, response, {}).columns, f);
  }
  scores.physics = score_distributions(physics.truth, physics.estimates, fields.elements);
  const BoundScores bound = count_bound(judged.fields, response, 1);
  scores.bound = bound.image;
  scores.thickness_only = bound.thickness_only;
  return scores;
}

std::vector<JudgedScores> score_and_calibrate(ColumnModel& model, const std::vector<Judged>& judged,
                                              const Fields& fields, const SignalResponse& response) {
  std::vector<Columns> columns;
  for (const Judged& each : judged) columns.push_back(by_network(each, predictions(model, each)));
  const Calibration halves[2] = {calibrated(judged, columns, 0), calibrated(judged, columns, 1)};
  model.record.calibration = calibrated(judged, columns, -1).widening;
  std::vector<JudgedScores> scores;
  Progress progress("scoring", std::ssize(judged));
  for (std::size_t j = 0; j < judged.size(); ++j) {
    scores.push_back(scored(judged[j], crosswise(judged[j], columns[j], halves), fields, response));
    progress.advance();
  }
  return scores;
}

/// The held-out fields in the first set of signals, and in that with X-rays where there are any.
ColumnTrainingData training_data(const Source& source, const std::vector<Judged>& judged, const Fields& fields) {
  ColumnTrainingData data;
  data.draw = [&source](std::int64_t number) { return source.draw(number); };
  std::vector<std::size_t> looked_at{0};
  if (judged.size() > 3) looked_at.push_back(judged.size() - 2);
  for (const std::size_t j : looked_at) {
    for (const ColumnTable& table : judged[j].tables) data.held_out.push_back(table.graph);
  }
  data.judge = [looked_at, &judged, &fields](const std::vector<std::vector<ColumnEstimate>>& estimates) {
    nlohmann::json verdict;
    auto next = estimates.begin();
    for (const std::size_t j : looked_at) {
      const auto end = next + std::ssize(judged[j].fields);
      const Columns columns = by_network(judged[j], {next, end});
      next = end;
      for (const CountScore& score : score_distributions(columns.truth, columns.estimates, fields.elements)) {
        verdict[j == 0 ? "r2" : "r2_with_x_rays"][score.element] = score.r2;
        verdict[j == 0 ? "coverage_68" : "coverage_68_with_x_rays"][score.element] = score.coverage_68;
      }
    }
    return verdict;
  };
  return data;
}

nlohmann::json options_json(TrainColumnsOptions options) {
  options.dataset = fs::path(options.dataset).filename().string();
  options.model = fs::path(options.model).filename().string();
  return options.table().to_json();
}

}  // namespace

OptionTable TrainColumnsOptions::table() {
  OptionTable table;
  table.add("dataset", &dataset, "", "Dataset folder; all its signals are learnt");
  table.add("model", &model, "", "Model file to write; checkpoints go beside it");
  table.add("data.test_fraction", &test_fraction, "", "Fraction of the particles held out");
  table.add("data.drawn_particles", &drawn_particles, "", "Particles whose signals are drawn from the response");
  table.add("data.drawn_share", &drawn_share, "", "Of the fields that the network sees, the part that is drawn");
  table.add("data.annular_dose", &annular_dose, "e/A^2", "Doses of annular signals");
  table.add("data.xray_counts", &xray_counts, "", "X-rays counted per atom");
  training.describe(table);
  return table;
}

void TrainColumnsOptions::check() const {
  if (dataset.empty()) fail("no dataset folder is given; use --dataset, or 'dataset' in the config");
  if (!(test_fraction > 0 && test_fraction < 0.9)) fail("test_fraction is {}; it must lie in 0 to 0.9", test_fraction);
  if (!(drawn_share >= 0 && drawn_share <= 1)) fail("drawn_share is {}; it must lie in 0 to 1", drawn_share);
  if (drawn_particles < 0) fail("drawn_particles is {}; give 0 or more", drawn_particles);
  for (const Range& range : {annular_dose, xray_counts}) {
    if (!(range.low > 0 && range.high >= range.low)) fail("doses and counts per atom are above 0, the lower first");
  }
  training.check();
}

std::vector<JudgedScores> train_columns(const TrainColumnsOptions& options) {
  options.check();
  const Fields fields = split_fields(options);
  info("{} fields of {} to train on, {} held out", fields.training.size(), fmt::join(fields.elements, ""),
       fields.held_out.size());
  const SignalResponse response = SignalResponse::fit(fields.elements, fields.training);
  const ColumnTableMaker maker(response);
  const std::vector<Judged> judged = judged_fields(fields, maker, options.training.seed);
  const Source source(options, fields, maker);
  ColumnModelRecord record;
  record.elements = fields.elements;
  record.inputs = maker.inputs();
  record.table = maker.to_json();
  record.options = {{"training", options_json(options)}};
  record.data_fingerprint = fields.fingerprint;
  record.version = version;
  const fs::path file = options.model, work = file.string() + ".training";
  ColumnModel model =
      train_column_model(training_data(source, judged, fields), options.training, std::move(record), work);
  std::vector<JudgedScores> scores = score_and_calibrate(model, judged, fields, response);
  model.record.scores = to_json(scores);
  model.save(file);
  info("The model is in {}", file.string());
  return scores;
}

nlohmann::json to_json(const std::vector<JudgedScores>& scores) {
  const auto list = [](const std::vector<CountScore>& of) {
    nlohmann::json json = nlohmann::json::array();
    for (const CountScore& score : of) json.push_back(to_json(score));
    return json;
  };
  nlohmann::json json;
  for (const JudgedScores& each : scores) {
    json["held_out"].push_back({{"signals", each.name},
                                {"columns", each.columns},
                                {"network", list(each.network)},
                                {"physics", list(each.physics)},
                                {"bound_of_the_image", list(each.bound)},
                                {"thickness_only", list(each.thickness_only)}});
  }
  return json;
}

std::string to_text(const std::vector<JudgedScores>& scores) {
  std::string text;
  for (const JudgedScores& each : scores) {
    text +=
        fmt::format("{} ({} columns)\n  {:<10}{:>10}{:>10}{:>10}{:>10}{:>8}{:>10}{:>7}{:>7}\n", each.name, each.columns,
                    "R2", "network", "physics", "bound", "thickness", "exact", "within 1", "68 %", "95 %");
    for (std::size_t e = 0; e < each.network.size(); ++e) {
      const CountScore& own = each.network[e];
      text += fmt::format("  {:<10}{:>10.3f}{:>10.3f}{:>10.3f}{:>10.3f}{:>8.2f}{:>10.2f}{:>7.3f}{:>7.3f}\n",
                          own.element, own.r2, each.physics[e].r2, each.bound[e].r2, each.thickness_only[e].r2,
                          own.exact, own.within_1, own.coverage_68, own.coverage_95);
    }
  }
  return text;
}

}  // namespace colonnade
