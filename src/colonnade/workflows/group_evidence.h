// SPDX-License-Identifier: GPL-3.0-or-later
// From what a network says of patterns' looks to the probabilities of space groups: P(g | patterns) ~ P(g) product over
// patterns of sum over looks P(look | g) P(look | pattern) / P(look), where P(look | g) counts how many of a group's
// zones have the look. Looks that several groups share speak for all of them; more patterns of one material tell more.
#pragma once

#include <cstdint>
#include <vector>

namespace colonnade {

class GroupEvidence {
 public:
  /// P(look | group), [group][look]; every group is as probable as any other beforehand.
  explicit GroupEvidence(std::vector<std::vector<double>> look_shares);

  std::size_t groups() const { return shares_.size(); }
  /// Of one or several patterns of one material, given the logarithms of their looks' probabilities.
  std::vector<double> probabilities(const std::vector<std::vector<double>>& log_look_probabilities) const;

  /// How often the most probable group would be right if every pattern's look were known without error, for so many
  /// patterns of one material: nobody who goes by where the spots are can do better. By `trials` draws where more than
  /// one pattern is seen, exactly for one.
  double best_possible(int patterns, int trials, std::uint64_t seed) const;

 private:
  std::vector<double> of_known_looks(const std::vector<std::size_t>& looks) const;

  std::vector<std::vector<double>> shares_;
  std::vector<double> look_prior_;
};

}  // namespace colonnade
