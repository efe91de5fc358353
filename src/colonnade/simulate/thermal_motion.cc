// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/thermal_motion.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>
#include <sstream>

#include "colonnade/core/error.h"
#include "colonnade/structures/debye_waller.h"
#include "colonnade/structures/elements.h"

namespace colonnade {

namespace {

constexpr double eight_pi_squared = 8 * std::numbers::pi * std::numbers::pi;
constexpr double largest_b = 50;

std::optional<double> parse_number(std::string text) {
  const auto first = text.find_first_not_of(' '), last = text.find_last_not_of(' ');
  if (first == std::string::npos) return std::nullopt;
  text = text.substr(first, last - first + 1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

struct Factors {
  std::optional<double> of_all;
  std::map<int, double> by_element;
};

[[noreturn]] void refuse(const std::string& text, const std::string& why) {
  fail(
      "b_factors '{}': {}; write B in A^2 by element, e.g. Pt:0.38,Ni:0.36, or the rms displacement of all, e.g. '0.07 "
      "A'",
      text, why);
}

Factors parse_factors(const std::string& text) {
  Factors factors;
  if (text.find_first_not_of(' ') == std::string::npos) return factors;
  const auto unit = text.find_last_not_of(' ');
  if (text[unit] == 'A' && text.find(':') == std::string::npos) {
    const auto u = parse_number(text.substr(0, unit));
    if (!u || *u < 0 || *u > 0.8) refuse(text, "that is no displacement from 0 to 0.8 A");
    factors.of_all = eight_pi_squared * *u * *u;
    return factors;
  }
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    const auto colon = part.find(':');
    if (colon == std::string::npos) refuse(text, fmt::format("'{}' lacks a colon", part));
    std::string symbol = part.substr(0, colon);
    std::erase(symbol, ' ');
    const auto b = parse_number(part.substr(colon + 1));
    if (!b || *b < 0 || *b > largest_b)
      refuse(text, fmt::format("'{}' is no number from 0 to {} A^2", part, largest_b));
    if (!factors.by_element.emplace(element(symbol).number, *b).second) refuse(text, symbol + " stands there twice");
  }
  return factors;
}

}  // namespace

void ThermalMotion::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section.empty() ? "" : section + ".";
  table.add(
      prefix + "thermal_motion", &model, "",
      "none; frozen_phonons: the mean over displaced copies; absorptive: one image, the thermal diffuse part from "
      "an effective scattering potential");
  table.add(
      prefix + "b_factors", &factors, "A^2",
      "Debye-Waller factors by element, e.g. Pt:0.38,Ni:0.36, or the rms displacement of all along one direction, "
      "e.g. '0.07 A'; empty: of the elements' crystals at 300 K");
  table.add(prefix + "configurations", &configurations, "", "displaced copies that frozen_phonons averages over");
  table.add(prefix + "thermal_seed", &seed, "", "of the displacements");
}

void ThermalMotion::check() const {
  if (model != "none" && model != "frozen_phonons" && model != "absorptive") {
    fail("thermal_motion '{}' is unknown; use none, frozen_phonons or absorptive", model);
  }
  if (configurations < 1 || configurations > 100000) {
    fail("{} configurations of frozen phonons; give 1 to 100000, e.g. 16", configurations);
  }
  parse_factors(factors);
}

double ThermalMotion::b_factor(int atomic_number) const {
  const Factors given = parse_factors(factors);
  if (given.of_all) return *given.of_all;
  if (const auto found = given.by_element.find(atomic_number); found != given.by_element.end()) return found->second;
  const double usual = default_b_factor(atomic_number);
  if (usual == 0) {
    const auto symbol = element(atomic_number).symbol;
    fail("no Debye-Waller factor of {} is known; give it by b_factors, e.g. {}:0.5", symbol, symbol);
  }
  return usual;
}

Structure displaced(const Structure& structure, const ThermalMotion& motion, Random& random) {
  std::map<int, double> widths;
  Structure result = structure;
  for (auto& atom : result.atoms) {
    auto width = widths.find(atom.number);
    if (width == widths.end()) {
      width = widths.emplace(atom.number, std::sqrt(motion.b_factor(atom.number) / eight_pi_squared)).first;
    }
    atom.position.x += width->second * random.normal();
    atom.position.y += width->second * random.normal();
    atom.position.z += width->second * random.normal();
  }
  return result;
}

Structure configuration(const Structure& structure, const ThermalMotion& motion, int n) {
  Random random = Random(motion.seed).stream(std::uint64_t(n));
  return displaced(structure, motion, random);
}

void ConfigurationAverage::add(const std::vector<Image>& images) {
  if (images.empty()) fail("a configuration without images");
  if (count_ == 0) {
    first_ = images;
    for (const auto& image : images) {
      sums_.emplace_back(image.data.size());
      squares_.emplace_back(image.data.size());
    }
  }
  if (images.size() != first_.size())
    fail("configuration {} has {} images and the first {}", count_ + 1, images.size(), first_.size());
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (images[i].height != first_[i].height || images[i].width != first_[i].width) {
      fail("image '{}' of configuration {} is {} x {} pixels and that of the first {} x {}", images[i].title,
           count_ + 1, images[i].height, images[i].width, first_[i].height, first_[i].width);
    }
    for (std::size_t j = 0; j < images[i].data.size(); ++j) {
      const double value = images[i].data[j];
      sums_[i][j] += value;
      squares_[i][j] += value * value;
    }
  }
  ++count_;
}

std::vector<Image> ConfigurationAverage::mean() const {
  if (count_ == 0) fail("no configuration has been simulated");
  std::vector<Image> images = first_;
  const std::vector<double> errors = convergence();
  for (std::size_t i = 0; i < images.size(); ++i) {
    for (std::size_t j = 0; j < sums_[i].size(); ++j) images[i].data[j] = float(sums_[i][j] / count_);
    auto& record = images[i].metadata["thermal_motion"];
    record = {{"configurations", count_}};
    if (count_ > 1) record["standard_error_over_mean"] = errors[i];
  }
  return images;
}

std::vector<double> ConfigurationAverage::convergence() const {
  std::vector<double> errors;
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    double total = 0, variance = 0;
    for (std::size_t j = 0; j < sums_[i].size(); ++j) {
      const double average = sums_[i][j] / count_;
      total += average;
      variance += std::max(0.0, squares_[i][j] / count_ - average * average);
    }
    const auto pixels = double(sums_[i].size());
    // The variance of the mean: the spread with n - 1, over n.
    const double error =
        count_ > 1 ? std::sqrt(variance / pixels / (count_ - 1)) : std::numeric_limits<double>::infinity();
    errors.push_back(total != 0 ? error / (std::abs(total) / pixels) : error);
  }
  return errors;
}

}  // namespace colonnade
