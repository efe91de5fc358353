// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/classify_pattern.h"

#include <algorithm>
#include <cmath>
#include <fmt/ranges.h>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/report/figure.h"
#include "colonnade/report/text_table.h"
#include "colonnade/structures/crystal_library.h"
#include "colonnade/structures/known_crystals.h"
#include "colonnade/workflows/classify_report.h"
#include "colonnade/workflows/group_evidence.h"
#include "colonnade/workflows/pattern_drawing.h"
#include "colonnade/workflows/pattern_materials.h"
#include "colonnade/workflows/run_record.h"

namespace colonnade {
namespace {

constexpr double least_look = 0.01;  ///< of the probabilities that are listed
constexpr double enough = 0.5;
constexpr std::size_t few_spots = 8;
constexpr double near_the_beam = 4;  ///< px of the square
constexpr double same_centre_px = 3;
constexpr double much_missing = 0.15;

std::size_t largest(const std::vector<double>& values) {
  return std::size_t(std::max_element(values.begin(), values.end()) - values.begin());
}

bool is_none(std::size_t group) { return group == recognised_groups().size(); }

std::string percent(double share) { return fmt::format("{:.0f} %", 100 * share); }

/// What a look's name ("221[001] 225[001]") lists: space groups by zone, in its order.
std::vector<std::pair<std::string, std::vector<std::string>>> zones_of(const std::string& look) {
  std::vector<std::pair<std::string, std::vector<std::string>>> zones;
  for (std::size_t at = 0; at < look.size();) {
    const std::size_t end = std::min(look.find(' ', at), look.size()), bracket = look.find('[', at);
    if (bracket >= end) return {};  // "none of these"
    const std::string group = look.substr(at, bracket - at), zone = look.substr(bracket, end - bracket);
    const auto known = std::find_if(zones.begin(), zones.end(), [&](const auto& one) { return one.first == zone; });
    if (known == zones.end()) {
      zones.push_back({zone, {group}});
    } else {
      known->second.push_back(group);
    }
    at = end + 1;
  }
  return zones;
}

std::string zones_of_group(const std::string& look, std::size_t group) {
  std::vector<std::string> found;
  for (const auto& [zone, groups] : zones_of(look))
    if (std::find(groups.begin(), groups.end(), recognised_name(group)) != groups.end()) found.push_back(zone);
  return fmt::format("{}", fmt::join(found, " or "));
}

void rank_looks(ClassifiedPattern& pattern) {
  for (std::size_t look = 0; look < pattern.log_looks.size(); ++look)
    pattern.looks.push_back({look, std::exp(pattern.log_looks[look])});
  std::stable_sort(pattern.looks.begin(), pattern.looks.end(),
                   [](const ProbableLook& a, const ProbableLook& b) { return a.probability > b.probability; });
  while (pattern.looks.size() > 1 && pattern.looks.back().probability < least_look) pattern.looks.pop_back();
}

/// P(look | group, pattern) ~ P(look | group) P(look | pattern) / P(look).
void find_zone(const PatternClassification& result, ClassifiedPattern& pattern) {
  if (is_none(result.best)) return;
  const auto& shares = result.meaning.look_shares;
  std::vector<double> weights;
  double sum = 0;
  for (std::size_t look = 0; look < pattern.log_looks.size(); ++look) {
    double prior = 0;
    for (const auto& row : shares) prior += row[look] / double(shares.size());
    weights.push_back(prior > 0 ? shares[result.best][look] * std::exp(pattern.log_looks[look]) / prior : 0);
    sum += weights.back();
  }
  const std::size_t best = largest(weights);
  if (!(sum > 0)) return;
  pattern.zone = zones_of_group(result.meaning.looks[best], result.best);
  pattern.zone_probability = weights[best] / sum;
}

/// Looks that the group can have.
std::vector<int> looks_of(const ClassifierMeaning& meaning, std::size_t group) {
  std::vector<int> looks;
  for (std::size_t look = 0; look < meaning.looks.size(); ++look)
    if (meaning.look_shares[group][look] > 0) looks.push_back(int(look));
  if (looks.empty()) looks.push_back(int(meaning.looks.size()) - 1);
  return looks;
}

void note_weaknesses(ClassifiedPattern& pattern) {
  const PatternSquare& square = pattern.square;
  if (square.list.spots.size() < few_spots)
    pattern.notes.push_back(fmt::format("only {} spots are found", square.list.spots.size()));
  const auto saturated = std::count_if(square.list.spots.begin(), square.list.spots.end(),
                                       [](const Spot& spot) { return spot.saturated; });
  if (saturated > 0)
    pattern.notes.push_back(fmt::format("{} of {} spots are saturated, so their brightness is not known", saturated,
                                        square.list.spots.size()));
  if (square.nearest_spot < near_the_beam)
    pattern.notes.emplace_back("the nearest spots are hardly apart from the beam; a longer camera length shows more");
  if (square.empty > much_missing)
    pattern.notes.push_back(
        fmt::format("{} of the square around the beam is not on the image, on neither side", percent(square.empty)));
  if (square.centre.error_px > 2)
    pattern.notes.push_back(fmt::format("the centre is uncertain by {:.1f} px", square.centre.error_px));
}

ClassifiedPattern prepared(const NamedPattern& named, const ClassifyPatternOptions& options) {
  ClassifiedPattern pattern;
  pattern.name = named.name;
  pattern.image = named.recorded.image;
  try {
    pattern.square = pattern_square(named.recorded.image, options.square);
  } catch (const Error& error) {
    fail("{}: {}", named.name, error.what());  // which of several patterns it is
  }
  note_weaknesses(pattern);
  return pattern;
}

std::vector<std::string> library_names(std::size_t group) {
  std::vector<std::string> names;
  for (const LibraryCrystal& crystal : crystal_library())
    if (recognised_index(crystal.space_group) == group) names.push_back(crystal.name);
  return names;
}

/// The crystals to index with; none, and why.
std::vector<std::string> crystals_to_try(const PatternClassification& result, const ClassifyPatternOptions& options,
                                         bool scale_known, std::string& without) {
  if (!options.crystals.empty()) return options.crystals;
  if (is_none(result.best)) {
    without = "the pattern is of none of the groups; name the crystals that it could be by --crystals";
  } else if (!scale_known) {
    without = "the scale is not known, and without it cubic crystals of a group look alike; give --pixel-size";
  } else if (!result.decided) {
    without = "no group is more probable than not; name the crystals that it could be by --crystals";
  } else {
    auto names = library_names(result.best);
    if (names.size() <= std::size_t(options.most_crystals)) return names;
    without = fmt::format("the library has {} crystals of the group; name some by --crystals, or --most-crystals {}",
                          names.size(), names.size());
  }
  return {};
}

void index_one(const PatternClassification& result, const RecordedPattern& recorded,
               const ClassifyPatternOptions& options, ClassifiedPattern& pattern) {
  IndexPatternOptions index;
  index.per_px = options.per_px;
  index.spots = options.square.spots;
  index.crystals =
      crystals_to_try(result, options, options.per_px > 0 || recorded.per_px > 0, pattern.without_indexing);
  if (index.crystals.empty()) return;
  try {
    pattern.indexing = index_pattern(recorded, index);
    const PatternCentre &ours = pattern.square.centre, &theirs = pattern.indexing->centre;
    if (std::hypot(ours.x_px - theirs.x_px, ours.y_px - theirs.y_px) > same_centre_px)
      pattern.notes.emplace_back("indexing took another centre, as it finds its own; do not rely on it");
  } catch (const Error& error) {
    pattern.without_indexing = error.what();  // too few spots for a lattice: the classification stands
  }
}

std::string weak_verdict(const PatternClassification& result) {
  const std::string name =
      is_none(result.best) ? recognised_name(result.best) : "space group " + group_title(result.best);
  return fmt::format(
      "Not decided: the most probable answer, {}, has only {}. Take the list as it stands, not its first line; a "
      "pattern along another zone axis of the same crystal tells most.",
      name, percent(result.groups[result.best]));
}

std::string verdict_of(const PatternClassification& result) {
  if (!result.decided) return weak_verdict(result);
  const double probability = result.groups[result.best];
  if (is_none(result.best)) {
    return fmt::format(
        "None of these ({}): the spots lie as no zone of the groups {} that the model knows puts them. It is a crystal "
        "of another space group, a zone axis of high indices, or several crystals at once; which of these, the model "
        "cannot say.",
        percent(probability), fmt::join(recognised_groups(), ", "));
  }
  return fmt::format("Space group {}: {}{}.", group_title(result.best), percent(probability),
                     result.patterns.size() == 1 ? " by one pattern"
                                                 : fmt::format(" by {} patterns together", result.patterns.size()));
}

std::string text_of(const PatternClassification& result, const ClassifiedPattern& pattern) {
  std::string text = fmt::format("\n{}: {} spots, centre {:.1f}, {:.1f} px; {} px about it are looked at\n",
                                 pattern.name, pattern.square.list.spots.size(), pattern.square.centre.x_px,
                                 pattern.square.centre.y_px, int(std::lround(pattern.square.reach_px)));
  if (!pattern.zone.empty())
    text += fmt::format("  zone, if {}: {} ({})\n", recognised_name(result.best), pattern.zone,
                        percent(pattern.zone_probability));
  TextTable table;
  table.header = {"  probable", "can be"};
  for (const ProbableLook& look : pattern.looks)
    table.rows.push_back({"  " + percent(look.probability), look_title(result.meaning.looks[look.look])});
  text += to_text(table);
  for (const std::string& note : pattern.notes) text += "  note: " + note + "\n";
  if (pattern.indexing) text += "  indexed: " + pattern.indexing->indexing.verdict + "\n";
  if (!pattern.without_indexing.empty()) text += "  not indexed: " + pattern.without_indexing + "\n";
  return text;
}

nlohmann::json groups_json(const std::vector<double>& groups) {
  nlohmann::json json;
  for (std::size_t g = 0; g < groups.size(); ++g) json[recognised_name(g)] = groups[g];
  return json;
}

nlohmann::json json_of(const PatternClassification& result, const ClassifiedPattern& pattern) {
  const PatternSquare& square = pattern.square;
  nlohmann::json json{{"name", pattern.name},
                      {"groups", groups_json(pattern.groups)},
                      {"zone", pattern.zone},
                      {"zone_probability", pattern.zone_probability},
                      {"spots", square.list.spots.size()},
                      {"centre_px", {square.centre.x_px, square.centre.y_px}},
                      {"reach_px", square.reach_px},
                      {"nearest_spot_of_128_px", square.nearest_spot},
                      {"filled_by_opposite_side", square.filled},
                      {"empty", square.empty},
                      {"notes", pattern.notes}};
  for (const ProbableLook& look : pattern.looks)
    json["looks"].push_back({{"look", result.meaning.looks[look.look]}, {"probability", look.probability}});
  if (pattern.indexing) json["indexing"] = to_json(*pattern.indexing);
  if (!pattern.without_indexing.empty()) json["without_indexing"] = pattern.without_indexing;
  return json;
}

/// Without its folder where no other file is called so.
std::string short_name(const std::string& file, const std::vector<std::string>& files) {
  const auto name = std::filesystem::path(file).filename();
  const auto alike = std::count_if(files.begin(), files.end(), [&](const std::string& other) {
    return std::filesystem::path(other).filename() == name;
  });
  return alike > 1 ? file : name.string();
}

void write_figure(const PendingFolder& folder, const std::string& name, const std::string& svg) {
  write_file(folder / (name + ".svg"), svg);
  write_png(folder / (name + ".png"), svg);
}

}  // namespace

std::string look_title(const std::string& look) {
  std::vector<std::string> parts;
  for (const auto& [zone, groups] : zones_of(look))
    parts.push_back(fmt::format("zone {} of {}", zone, fmt::join(groups, ", ")));
  return parts.empty() ? look : fmt::format("{}", fmt::join(parts, "; "));
}

OptionTable ClassifyPatternOptions::table() {
  OptionTable table;
  table.add("model", &model, "", "Model of patterns, made by 'colonnade train-classifier'");
  table.add("crystals", &crystals, "", "Crystals to index the patterns with: names (Al,Fe,SrTiO3), structure files");
  table.add("pixel_size", &per_px, "1/A", "Scale of the patterns per pixel, for indexing; 0: from the file");
  table.add("most_crystals", &most_crystals, "",
            "Without --crystals, index with the library's of the group if so many or fewer");
  table.add("signal", &signal, "", "Signal of files that hold several: title or number");
  table.add("pattern", &pattern, "", "Pattern of a scan, line by line, counted from 1");
  square.describe(table);
  return table;
}

void ClassifyPatternOptions::check() const {
  if (model.empty()) fail("no model is named; give --model FILE, made by 'colonnade train-classifier'");
  if (!(per_px >= 0 && per_px < 1)) fail("--pixel-size is {} 1/A; give a number such as 0.01", per_px);
  if (most_crystals < 0) fail("--most-crystals is {}; give 0 or more", most_crystals);
  if (pattern < 1) fail("--pattern is {}; patterns are counted from 1", pattern);
  square.check();
}

PatternClassification classify_patterns(const std::vector<NamedPattern>& patterns,
                                        const ClassifyPatternOptions& options) {
  options.check();
  if (patterns.empty()) fail("no pattern is given; name one image file or several");
  for (const std::string& crystal : options.crystals) crystal_from(crystal);  // refused before the work
  const ClassifierModel model = ClassifierModel::load(options.model);
  PatternClassification result;
  result.model = model.record;
  result.meaning = classifier_meaning(model.record.meaning, options.model);
  const GroupEvidence evidence(result.meaning.look_shares);
  std::vector<std::vector<float>> pictures;
  for (const NamedPattern& named : patterns) {
    result.patterns.push_back(prepared(named, options));
    pictures.push_back(network_pixels(result.patterns.back().square.pixels, model.record.side_px));
  }
  const auto log_looks = model.log_probabilities(pictures);
  result.groups = evidence.probabilities(log_looks);
  result.best = largest(result.groups);
  result.decided = result.groups[result.best] >= enough;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    ClassifiedPattern& pattern = result.patterns[i];
    pattern.log_looks = log_looks[i];
    pattern.groups = evidence.probabilities({log_looks[i]});
    rank_looks(pattern);
    find_zone(result, pattern);
    pattern.saliency = model.saliency(pictures[i], looks_of(result.meaning, result.best));
    index_one(result, patterns[i].recorded, options, pattern);
  }
  result.verdict = verdict_of(result);
  return result;
}

nlohmann::json to_json(const PatternClassification& result) {
  nlohmann::json json{{"verdict", result.verdict},
                      {"best", recognised_name(result.best)},
                      {"decided", result.decided},
                      {"groups", groups_json(result.groups)}};
  for (const ClassifiedPattern& pattern : result.patterns) json["patterns"].push_back(json_of(result, pattern));
  return json;
}

std::string to_text(const PatternClassification& result) {
  TextTable table;
  table.header = {"space group"};
  const bool several = result.patterns.size() > 1;
  if (several) table.header.emplace_back("all");
  for (std::size_t i = 0; i < result.patterns.size(); ++i)
    table.header.push_back(several ? fmt::format("#{}", i + 1) : "probability");
  std::vector<std::size_t> order;
  for (std::size_t g = 0; g < result.groups.size(); ++g) order.push_back(g);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return result.groups[a] > result.groups[b]; });
  for (const std::size_t g : order) {
    std::vector<std::string> row{group_title(g)};
    if (several) row.push_back(percent(result.groups[g]));
    for (const ClassifiedPattern& pattern : result.patterns) row.push_back(percent(pattern.groups[g]));
    table.rows.push_back(std::move(row));
  }
  std::string text = result.verdict + "\n" + to_text(table);
  for (const ClassifiedPattern& pattern : result.patterns) text += text_of(result, pattern);
  return text;
}

PatternClassification classify_pattern_files(const std::vector<std::string>& files,
                                             const ClassifyPatternOptions& options, const std::filesystem::path& out,
                                             bool overwrite) {
  options.check();
  std::vector<std::filesystem::path> inputs{options.model};
  std::vector<NamedPattern> patterns;
  for (const std::string& file : files) {
    require_file(file, "pattern");
    inputs.emplace_back(file);
    patterns.push_back({short_name(file, files), read_pattern(file, options.signal, options.pattern)});
  }
  PendingFolder folder(out, overwrite);
  PatternClassification result = classify_patterns(patterns, options);
  ClassifyPatternOptions copy = options;
  nlohmann::json record = run_record("classify", copy.table(), 0, inputs);
  record["result"] = to_json(result);
  write_file(folder / "run.json", record.dump(2) + "\n");
  write_file(folder / "groups.txt", to_text(result));
  for (const auto& [name, svg] : classification_figures(result)) write_figure(folder, name, svg);
  write_file(folder / "report.html", classification_page(result, record));
  folder.commit();
  return result;
}

}  // namespace colonnade
