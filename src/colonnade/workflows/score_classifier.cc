// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/score_classifier.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <set>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/core/progress.h"
#include "colonnade/workflows/exact_patterns.h"
#include "colonnade/workflows/train_classifier.h"

namespace colonnade {

namespace {

/// Streams of the score's generator.
enum : std::uint64_t { materials_stream, patterns_stream, bootstrap_stream };

constexpr int resamples = 1000;
constexpr int draws_of_bound = 20000;

/// The patterns of one material and case, and what is true of them.
struct Sample {
  std::size_t specimen = 0;
  const PatternMaterial* material = nullptr;
  std::vector<int> looks;
  std::vector<std::vector<float>> pixels;
};

bool has_own_row(const PatternMaterial& material) {
  return (material.crystal->formula == "Al" && material.crystal->space_group == 225) ||
         (material.crystal->formula == "Fe" && material.crystal->space_group == 229);
}

/// Of each group so many test materials; Al and Fe in any case.
std::vector<PatternMaterial> chosen_materials(const ClassifierMeaning& meaning, const ScoreClassifierOptions& options) {
  std::map<std::size_t, std::vector<PatternMaterial>> by_group;
  std::vector<PatternMaterial> chosen;
  for (const std::string& name : meaning.test) {
    const PatternMaterial material = pattern_material(library_crystal(name));
    (has_own_row(material) ? chosen : by_group[material.group]).push_back(material);
  }
  for (auto& [group, materials] : by_group) {
    Random(options.seed).stream(materials_stream).stream(group).shuffle(materials);
    materials.resize(std::min(materials.size(), std::size_t(options.materials)));
    chosen.insert(chosen.end(), materials.begin(), materials.end());
  }
  return chosen;
}

std::vector<std::size_t> chosen_specimens(const ScoreClassifierOptions& options) {
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < specimen_cases().size(); ++i) {
    const auto& names = options.specimens;
    const bool named = std::find(names.begin(), names.end(), specimen_cases()[i].name) != names.end();
    if (names.empty() || named) chosen.push_back(i);
  }
  return chosen;
}

std::vector<Sample> make_samples(const std::vector<PatternMaterial>& materials, int side_px,
                                 const ScoreClassifierOptions& options) {
  const PatternLooks looks = recognised_looks();
  std::vector<Sample> samples;
  for (const std::size_t specimen : chosen_specimens(options))
    for (const PatternMaterial& material : materials)
      if (can_have(material, specimen_cases()[specimen].defects)) samples.push_back({specimen, &material, {}, {}});
  for (Sample& sample : samples) {
    sample.looks.resize(std::size_t(options.patterns));
    sample.pixels.resize(std::size_t(options.patterns));
  }
  const auto jobs = std::int64_t(samples.size()) * options.patterns;
  Progress progress("summing over atoms", jobs);
  std::mutex lock;
  const Random base = Random(options.seed).stream(patterns_stream);
  parallel_for(jobs, [&](std::int64_t job, int) {
    Sample& sample = samples[std::size_t(job / options.patterns)];
    const auto n = std::size_t(job % options.patterns);
    Random random = base.stream(std::uint64_t(job));
    const PatternView view = draw_view(*sample.material, random);
    sample.looks[n] = look_of(looks, *sample.material, sample.material->zones[view.zone]);
    sample.pixels[n] =
        network_pixels(exact_pattern(*sample.material, specimen_cases()[sample.specimen], view, random), side_px);
    const std::lock_guard<std::mutex> guard(lock);
    progress.advance();
  });
  return samples;
}

std::size_t most_probable(const std::vector<double>& values) {
  return std::size_t(std::max_element(values.begin(), values.end()) - values.begin());
}

/// Rights of trials, per material; the interval by drawing materials again.
class ShareOfMaterials {
 public:
  void add(std::size_t material, bool right) {
    auto& counts = counts_[material];
    counts.first += right;
    counts.second += 1;
  }
  Share share(std::uint64_t seed) const {
    std::vector<std::pair<double, double>> materials;
    for (const auto& [name, counts] : counts_) materials.push_back(counts);
    if (materials.empty()) return {};
    const auto of = [](const std::vector<std::pair<double, double>>& list) {
      double right = 0, all = 0;
      for (const auto& [r, n] : list) {
        right += r;
        all += n;
      }
      return right / all;
    };
    std::vector<double> values;
    Random random = Random(seed).stream(bootstrap_stream);
    for (int i = 0; i < resamples; ++i) {
      std::vector<std::pair<double, double>> again;
      for (std::size_t k = 0; k < materials.size(); ++k) again.push_back(materials[random.below(materials.size())]);
      values.push_back(of(again));
    }
    std::sort(values.begin(), values.end());
    return {of(materials), values[resamples / 40], values[resamples - 1 - resamples / 40]};
  }
  int trials() const {
    double sum = 0;
    for (const auto& item : counts_) sum += item.second.second;
    return int(sum);
  }

 private:
  std::map<std::size_t, std::pair<double, double>> counts_;
};

/// One model on the samples of a case that `wanted` picks.
CaseScore case_score(const ClassifierModel& model, const GroupEvidence& evidence, const std::vector<Sample>& samples,
                     const std::vector<std::size_t>& wanted, const std::vector<int>& ensembles, std::uint64_t seed) {
  ShareOfMaterials looks;
  std::vector<ShareOfMaterials> groups(ensembles.size());
  double confidence = 0, single = 0;
  for (const std::size_t index : wanted) {
    const Sample& sample = samples[index];
    const auto all = model.log_probabilities(sample.pixels);
    for (std::size_t i = 0; i < all.size(); ++i)
      looks.add(index, most_probable(all[i]) == std::size_t(sample.looks[i]));
    for (std::size_t e = 0; e < ensembles.size(); ++e) {
      const auto size = std::size_t(ensembles[e]);
      for (std::size_t first = 0; first + size <= all.size(); first += size) {
        const auto chances =
            evidence.probabilities({all.begin() + std::ptrdiff_t(first), all.begin() + std::ptrdiff_t(first + size)});
        groups[e].add(index, most_probable(chances) == sample.material->group);
        if (size != 1) continue;
        confidence += *std::max_element(chances.begin(), chances.end());
        single += 1;
      }
    }
  }
  CaseScore score;
  score.patterns = looks.trials();
  score.look = looks.share(seed);
  for (const ShareOfMaterials& group : groups) score.group.push_back(group.share(seed));
  score.mean_confidence = confidence / std::max(1.0, single);
  return score;
}

ClassifierMeaning common_meaning(const std::vector<std::pair<std::string, const ClassifierModel*>>& models) {
  if (models.empty()) fail("no model to score; name at least one");
  ClassifierMeaning first = classifier_meaning(models.front().second->record.meaning, models.front().first);
  for (const auto& [name, model] : models) {
    const ClassifierMeaning meaning = classifier_meaning(model->record.meaning, name);
    if (meaning.test != first.test || model->record.side_px != models.front().second->record.side_px)
      fail("{} and {} were not trained on the same materials and size of patterns; train both alike", name,
           models.front().first);
  }
  return first;
}

std::string percent(const Share& share) {
  return fmt::format("{:.1f} ({:.0f}-{:.0f})", 100 * share.value, 100 * share.low, 100 * share.high);
}

nlohmann::json share_json(const Share& share) { return {share.value, share.low, share.high}; }

}  // namespace

void ScoreClassifierOptions::check() const {
  if (materials < 1 || patterns < 1) fail("{} materials and {} patterns of each; give at least 1", materials, patterns);
  for (const std::string& name : specimens) {
    const auto& all = specimen_cases();
    if (std::none_of(all.begin(), all.end(), [&](const SpecimenCase& one) { return one.name == name; })) {
      std::string known;
      for (const SpecimenCase& one : all) known += (known.empty() ? "" : ", ") + one.name;
      fail("'{}' is no kind of specimen; there are {}", name, known);
    }
  }
}

std::vector<int> ensemble_sizes(int patterns) {
  std::vector<int> sizes;
  for (int size = 1; size <= std::min(patterns, 8); size *= 2) sizes.push_back(size);
  return sizes;
}

ClassifierScores score_classifiers(const std::vector<std::pair<std::string, const ClassifierModel*>>& models,
                                   const ScoreClassifierOptions& options) {
  options.check();
  const ClassifierMeaning meaning = common_meaning(models);
  const GroupEvidence evidence(meaning.look_shares);
  const auto materials = chosen_materials(meaning, options);
  const auto samples = make_samples(materials, models.front().second->record.side_px, options);

  ClassifierScores scores;
  scores.ensembles = ensemble_sizes(options.patterns);
  for (const int size : scores.ensembles)
    scores.best_possible.push_back(evidence.best_possible(size, draws_of_bound, options.seed));
  for (std::size_t look = 0; look < meaning.looks.size(); ++look) {
    double sum = 0;
    for (const auto& row : meaning.look_shares) sum += row[look] / double(meaning.look_shares.size());
    scores.most_common_look = std::max(scores.most_common_look, sum);
  }
  scores.chance = 1 / double(meaning.look_shares.size());
  for (const auto& [name, model] : models) {
    ClassifierScore score{name, {}};
    for (const std::size_t specimen : chosen_specimens(options)) {
      std::map<std::string, std::vector<std::size_t>> rows;
      for (std::size_t i = 0; i < samples.size(); ++i)
        if (samples[i].specimen == specimen)
          rows[has_own_row(*samples[i].material) ? samples[i].material->crystal->formula : "unseen"].push_back(i);
      for (const auto& [row, wanted] : rows) {
        CaseScore one = case_score(*model, evidence, samples, wanted, scores.ensembles, options.seed);
        one.specimen = specimen_cases()[specimen].name;
        one.materials = row;
        score.cases.push_back(std::move(one));
      }
    }
    scores.models.push_back(std::move(score));
  }
  return scores;
}

nlohmann::json to_json(const ClassifierScores& scores) {
  nlohmann::json json{{"ensembles", scores.ensembles},
                      {"best_possible", scores.best_possible},
                      {"most_common_look", scores.most_common_look},
                      {"chance", scores.chance},
                      {"models", nlohmann::json::array()}};
  for (const ClassifierScore& model : scores.models) {
    nlohmann::json cases = nlohmann::json::array();
    for (const CaseScore& one : model.cases) {
      nlohmann::json groups = nlohmann::json::array();
      for (const Share& share : one.group) groups.push_back(share_json(share));
      cases.push_back({{"specimen", one.specimen},
                       {"materials", one.materials},
                       {"patterns", one.patterns},
                       {"look", share_json(one.look)},
                       {"group", groups},
                       {"mean_confidence", one.mean_confidence}});
    }
    json["models"].push_back({{"name", model.name}, {"cases", cases}});
  }
  return json;
}

std::vector<TextTable> tables(const ClassifierScores& scores) {
  TextTable looks, groups;
  looks.title = "Right looks, % (95 % interval over materials), one pattern";
  looks.header = {"specimen", "materials", "patterns"};
  groups.title = "Right groups, %, by patterns seen of one material";
  groups.header = looks.header;
  for (const ClassifierScore& model : scores.models) {
    looks.header.push_back(model.name);
    for (const int size : scores.ensembles) groups.header.push_back(fmt::format("{}, {}", model.name, size));
  }
  for (std::size_t i = 0; i < scores.models.front().cases.size(); ++i) {
    const CaseScore& first = scores.models.front().cases[i];
    std::vector<std::string> row{first.specimen, first.materials, std::to_string(first.patterns)}, more = row;
    for (const ClassifierScore& model : scores.models) {
      row.push_back(percent(model.cases[i].look));
      for (const Share& share : model.cases[i].group) more.push_back(fmt::format("{:.0f}", 100 * share.value));
    }
    looks.rows.push_back(row);
    groups.rows.push_back(more);
  }
  looks.note = fmt::format("Always naming the most common look: {:.1f} %.", 100 * scores.most_common_look);
  groups.note = fmt::format("Guessing: {:.0f} %. Best possible where only places of spots tell:", 100 * scores.chance);
  for (std::size_t e = 0; e < scores.ensembles.size(); ++e)
    groups.note += fmt::format(" {:.0f} % from {}{}", 100 * scores.best_possible[e], scores.ensembles[e],
                               e + 1 < scores.ensembles.size() ? "," : ".");
  return {looks, groups};
}

}  // namespace colonnade
