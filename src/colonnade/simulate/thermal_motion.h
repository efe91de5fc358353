// SPDX-License-Identifier: GPL-3.0-or-later
// Atoms that tremble: isotropic, each on its own (Einstein's model). Two ways to a HAADF image from them: frozen
// phonons (Loane, Xu, Silcox, Acta Cryst. A47, 267, 1991), images of many displaced copies averaged; and an absorptive
// potential with an effective scattering potential for what it takes away (thermal_diffuse.h), which needs one image.
// B = 8 pi^2 u^2 in A^2, u the root mean square displacement along one direction.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/core/random.h"
#include "colonnade/image/image.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

struct ThermalMotion {
  std::string model = "none";  ///< "none", "frozen_phonons" or "absorptive"
  /// "Pt:0.38,Ni:0.36" (B in A^2; elements not named take default_b_factor), "0.07 A" (u of all), or empty: defaults.
  std::string factors;
  int configurations = 16;
  std::uint64_t seed = 1;

  void describe(OptionTable& table, const std::string& section = "multislice");
  void check() const;
  bool absorptive() const { return model == "absorptive"; }
  bool frozen_phonons() const { return model == "frozen_phonons"; }
  /// B in A^2 of one element, by `factors` or the default; fails where there is neither.
  double b_factor(int atomic_number) const;
};

/// A copy with each atom moved by a normal deviate of standard deviation u along x, y and z.
Structure displaced(const Structure& structure, const ThermalMotion& motion, Random& random);
/// Configuration n (from 0) of a run: depends on the seed and n only.
Structure configuration(const Structure& structure, const ThermalMotion& motion, int n);

/// Sums the images of configurations, several per configuration (one for each detector).
class ConfigurationAverage {
 public:
  /// Images must be as many and as large each time.
  void add(const std::vector<Image>& images);
  int count() const { return count_; }
  /// The mean images; their metadata, from the first configuration, gain "thermal_motion": configurations, convergence.
  std::vector<Image> mean() const;
  /// Standard error of the mean over the mean, root mean square over the pixels, per image; infinite for one
  /// configuration.
  std::vector<double> convergence() const;

 private:
  int count_ = 0;
  std::vector<Image> first_;
  std::vector<std::vector<double>> sums_, squares_;
};

}  // namespace colonnade
