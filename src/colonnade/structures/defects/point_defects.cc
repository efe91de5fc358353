// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/defects/point_defects.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <optional>

#include "colonnade/core/error.h"
#include "colonnade/structures/defects/oriented_cell.h"
#include "colonnade/structures/defects/record.h"
#include "colonnade/structures/defects/spaced_places.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/neighbours.h"
#include "colonnade/structures/xyz_comment.h"

namespace colonnade {
namespace {

constexpr double occupied_A = 0.6;

std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == ':') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

/// "Al:Si:0.01" and "C:0.01:octahedral".
struct Wanted {
  int from = 0, to = 0;
  double amount = 0;
  std::string site;
};

double amount_from(const std::string& number, const std::string& text) {
  const auto amount = parse_number<double>(number);
  if (!amount || !(*amount >= 0) || (*amount >= 1 && *amount != std::floor(*amount)) || *amount > 1e9) {
    fail("'{}': {} is neither a fraction below 1 nor a whole number of defects", text, number);
  }
  return *amount;
}

Wanted substitution_from(const std::string& text) {
  const auto parts = parts_of(text);
  if (parts.size() != 3) fail("substitute '{}' is not understood; write Al:Si:0.01", text);
  Wanted wanted{element(parts[0]).number, element(parts[1]).number, amount_from(parts[2], text), ""};
  if (wanted.from == wanted.to) fail("substitute '{}' changes nothing; name two elements", text);
  return wanted;
}

std::optional<Vector3> fractions_from(const std::string& text) {
  Vector3 fractions{};
  std::size_t start = 0;
  for (std::size_t k = 0; k < 3; ++k) {
    const auto end = std::min(text.find('/', start), text.size());
    const auto value = parse_number<double>(text.substr(start, end - start));
    if (!value || !std::isfinite(*value) || (end == text.size()) != (k == 2)) return std::nullopt;
    fractions[k] = *value - std::floor(*value);
    start = end + 1;
  }
  return fractions;
}

Wanted interstitial_from(const std::string& text) {
  const auto parts = parts_of(text);
  const bool known =
      parts.size() == 3 && (parts[2] == "octahedral" || parts[2] == "tetrahedral" || fractions_from(parts[2]));
  if (!known)
    fail("interstitial '{}' is not understood; write C:0.01:octahedral, C:5:tetrahedral or C:1:0.5/0/0", text);
  return {0, element(parts[0]).number, amount_from(parts[1], text), parts[2]};
}

/// How many of `total` an amount means.
std::size_t count_of(double amount, std::size_t total) {
  return std::size_t(std::llround(amount < 1 ? amount * double(total) : amount));
}

std::vector<std::size_t> atoms_of(const Structure& specimen, int number) {
  std::vector<std::size_t> atoms;
  for (std::size_t i = 0; i < specimen.atoms.size(); ++i) {
    if (number == 0 || specimen.atoms[i].number == number) atoms.push_back(i);
  }
  return atoms;
}

/// `count` of the candidates, in random order, each free of the earlier defects.
template <class PositionOf>
std::vector<std::size_t> chosen(std::vector<std::size_t> candidates, std::size_t count, const PositionOf& position_of,
                                SpacedPlaces& taken, const std::string& what, Random& random) {
  if (count > candidates.size()) {
    fail("{} {} are wanted and there are {} places for them; give fewer, or a larger specimen", count, what,
         candidates.size());
  }
  random.shuffle(candidates);
  std::vector<std::size_t> result;
  for (const std::size_t candidate : candidates) {
    if (result.size() == count) break;
    if (taken.add(position_of(candidate))) result.push_back(candidate);
  }
  if (result.size() < count) {
    fail("only {} of {} {} fit {} A apart; give fewer, a smaller --min-distance, or a larger specimen", result.size(),
         count, what, taken.distance_A());
  }
  return result;
}

nlohmann::json places_of(const Structure& specimen, const std::vector<std::size_t>& atoms) {
  constexpr std::size_t most = 200;
  nlohmann::json places = nlohmann::json::array();
  for (std::size_t i = 0; i < std::min(most, atoms.size()); ++i) {
    const Position& p = specimen.atoms[atoms[i]].position;
    places.push_back({p.x, p.y, p.z});
  }
  return places;
}

void add_substitutions(Structure& specimen, const PointDefectOptions& options, SpacedPlaces& taken, Random& random) {
  for (const std::string& text : options.substitute) {
    const Wanted wanted = substitution_from(text);
    const auto candidates = atoms_of(specimen, wanted.from);
    const std::string from(element(wanted.from).symbol), to(element(wanted.to).symbol);
    if (candidates.empty()) fail("substitute '{}': the specimen has no {}", text, from);
    const auto place = [&](std::size_t i) { return specimen.atoms[i].position; };
    const auto atoms =
        chosen(candidates, count_of(wanted.amount, candidates.size()), place, taken, to + " atoms", random);
    for (const std::size_t i : atoms) specimen.atoms[i].number = wanted.to;
    record_defect(specimen, {{"kind", "substitution"},
                             {"from", from},
                             {"to", to},
                             {"count", atoms.size()},
                             {"places_A", places_of(specimen, atoms)}});
  }
}

void add_vacancies(Structure& specimen, std::size_t count, SpacedPlaces& taken, Random& random) {
  if (count >= specimen.atoms.size()) {
    fail("{} vacancies are wanted in a specimen of {} atoms; give fewer", count, specimen.atoms.size());
  }
  const auto place = [&](std::size_t i) { return specimen.atoms[i].position; };
  auto gone = chosen(atoms_of(specimen, 0), count, place, taken, "vacancies", random);
  const auto places = places_of(specimen, gone);
  std::vector<std::uint8_t> leaves(specimen.atoms.size());
  for (const std::size_t i : gone) leaves[i] = 1;
  std::size_t next = 0;
  std::erase_if(specimen.atoms, [&](const Atom&) { return leaves[next++] != 0; });
  record_defect(specimen, {{"kind", "vacancies"}, {"count", count}, {"places_A", places}});
}

std::vector<Position> repeated_sites(const Structure& crystal, const std::array<int, 3>& cells,
                                     const std::vector<Vector3>& sites) {
  std::vector<Position> places;
  for (int a = 0; a < cells[0]; ++a) {
    for (int b = 0; b < cells[1]; ++b) {
      for (int c = 0; c < cells[2]; ++c) {
        for (const Vector3& site : sites) {
          places.push_back(to_position(crystal, {site[0] + a, site[1] + b, site[2] + c}));
        }
      }
    }
  }
  return places;
}

/// Fractions of sites in the cube's octant, all permutations and copies by the lattice's translations.
std::vector<Vector3> expanded(const std::vector<Vector3>& seeds, const std::vector<Vector3>& centring) {
  std::vector<Vector3> sites;
  for (Vector3 seed : seeds) {
    for (const Vector3& shift : centring) {
      Vector3 site{};
      for (std::size_t k = 0; k < 3; ++k) {
        site[k] = seed[k] + shift[k];
        site[k] -= std::floor(site[k]);
      }
      if (std::find(sites.begin(), sites.end(), site) == sites.end()) sites.push_back(site);
    }
  }
  return sites;
}

std::vector<Vector3> sites_of_lattice(const std::string& lattice, bool octahedral) {
  if (lattice == "fcc") {
    const std::vector<Vector3> centring{{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}};
    return octahedral ? expanded({{0.5, 0.5, 0.5}}, centring)
                      : expanded({{0.25, 0.25, 0.25}, {0.75, 0.75, 0.75}}, centring);
  }
  const std::vector<Vector3> centring{{0, 0, 0}, {0.5, 0.5, 0.5}};
  if (octahedral) return expanded({{0.5, 0.5, 0}, {0.5, 0, 0.5}, {0, 0.5, 0.5}}, centring);
  return expanded({{0.5, 0.25, 0}, {0.5, 0.75, 0}, {0.25, 0, 0.5}, {0.75, 0, 0.5}, {0, 0.5, 0.25}, {0, 0.5, 0.75}},
                  centring);
}

void require_free(const Structure& crystal, const std::vector<Vector3>& sites, const std::string& kind) {
  for (const Vector3& site : sites) {
    for (const Atom& atom : crystal.atoms) {
      const double nearest =
          periodic_distance(crystal, to_position(crystal, {site[0], site[1], site[2]}), atom.position);
      if (nearest >= occupied_A) continue;
      fail("the interstitial site {} is occupied: {} sits {:.2f} A from it; give a site {} A or more from every atom",
           kind, element(atom.number).symbol, nearest, occupied_A);
    }
  }
}

void add_interstitials(Structure& specimen, const Structure& crystal, const std::array<int, 3>& cells,
                       const PointDefectOptions& options, std::size_t atoms, SpacedPlaces& taken, Random& random) {
  for (const std::string& text : options.interstitial) {
    const Wanted wanted = interstitial_from(text);
    const std::string symbol(element(wanted.to).symbol);
    const auto places = repeated_sites(crystal, cells, interstitial_sites(crystal, wanted.site));
    std::vector<std::size_t> candidates(places.size());
    std::iota(candidates.begin(), candidates.end(), std::size_t(0));
    const auto at = chosen(
        candidates, count_of(wanted.amount, atoms), [&](std::size_t i) { return places[i]; }, taken,
        symbol + " interstitials", random);
    const std::size_t first = specimen.atoms.size();
    std::vector<std::size_t> added;
    for (const std::size_t i : at) {
      specimen.atoms.push_back({wanted.to, places[i]});
      added.push_back(first + added.size());
    }
    record_defect(specimen, {{"kind", "interstitials"},
                             {"element", symbol},
                             {"site", wanted.site},
                             {"count", at.size()},
                             {"places_A", places_of(specimen, added)}});
  }
}

}  // namespace

void PointDefectOptions::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section.empty() ? "" : section + ".";
  table.add(prefix + "vacancies", &vacancies, "", "Atoms taken out: below 1 the fraction of all, else how many");
  table.add(prefix + "substitute", &substitute, "", "Al:Si:0.01: of the Al this fraction (or number) becomes Si");
  table.add(
      prefix + "interstitial", &interstitial, "",
      "C:0.01:octahedral, C:5:tetrahedral, C:1:0.5/0/0 (fractions of the cell): a fraction of the atoms, or a number");
  table.add(prefix + "min_distance", &min_distance_A, "A", "Smallest distance between two point defects");
}

void PointDefectOptions::check() const {
  amount_from(fmt::format("{}", vacancies), "vacancies");
  if (!(min_distance_A >= 0 && min_distance_A <= 1e4)) {
    fail("a distance of {} A between defects is not possible; give 0 or more", min_distance_A);
  }
  for (const std::string& text : substitute) substitution_from(text);
  for (const std::string& text : interstitial) interstitial_from(text);
}

std::vector<Vector3> interstitial_sites(const Structure& crystal, const std::string& kind) {
  std::vector<Vector3> sites;
  if (const auto given = fractions_from(kind)) {
    sites = {*given};
  } else {
    const std::string lattice = cubic_lattice(crystal);
    const std::size_t atoms = lattice == "fcc" ? 4 : 2;
    if ((lattice != "fcc" && lattice != "bcc") || crystal.atoms.size() != atoms) {
      fail("{} sites are known in fcc and bcc crystals of one element; give the site's fractions, e.g. C:1:0.5/0.5/0",
           kind);
    }
    sites = sites_of_lattice(lattice, kind == "octahedral");
  }
  require_free(crystal, sites, kind);
  return sites;
}

void add_point_defects(Structure& specimen, const Structure& crystal, const std::array<int, 3>& cells,
                       const PointDefectOptions& options, Random& random) {
  options.check();
  if (!options.interstitial.empty() && cells[0] * cells[1] * cells[2] == 0) {
    fail("interstitials have no sites in a specimen of grains, twins, faults or dislocations; leave one of them out");
  }
  const std::size_t atoms = specimen.atoms.size();
  SpacedPlaces taken(specimen, options.min_distance_A);
  add_substitutions(specimen, options, taken, random);
  if (options.vacancies > 0) add_vacancies(specimen, count_of(options.vacancies, atoms), taken, random);
  add_interstitials(specimen, crystal, cells, options, atoms, taken, random);
}

}  // namespace colonnade
