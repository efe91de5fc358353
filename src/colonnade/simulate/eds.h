// SPDX-License-Identifier: GPL-3.0-or-later
// X-ray (EDS) maps of elements. A scan with the local signals of eds_signal() gives the ionisations of each element for
// one electron at each probe position, channelling included; here they become counts:
//   counts = electrons per pixel x ionisations x fluorescence yield x line fraction x solid angle / 4 pi x efficiency
//            + background.
// An ionisation is as far from the nucleus as a Gaussian of Pennycook's rms impact parameter (ionisation.h) says, more
// where atoms move. Left out: absorption on the way to the detector (a few per cent in 10 nm for lines above 2 keV),
// fluorescence by other X-rays, and bremsstrahlung other than as the flat background.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/core/random.h"
#include "colonnade/simulate/ionisation.h"
#include "colonnade/simulate/local_signal.h"

namespace colonnade {

/// Lists hold one text for each element: "Pt=L", "Ni=259".
struct EdsOptions {
  std::vector<std::string> elements;  ///< in the order of the maps; none: all of the specimen
  std::vector<std::string> lines;     ///< shell by element; not given: K where it is bound by less than 20 keV, else L
  double electrons = 3e5;             ///< per pixel, all frames together (50 pA for 1 ms: 3.1e5)
  double solid_angle_sr = 0.7;
  double efficiency = 1;           ///< of window and crystal, and what shadowing leaves
  double background = 0;           ///< counts per pixel in each map
  double background_fraction = 0;  ///< the same, as a part of the map's mean
  /// The user's own numbers, before those of ionisation.h.
  std::vector<std::string> cross_sections;  ///< ionisations, barn, of the whole shell
  std::vector<std::string> line_fractions;  ///< part of the shell's X-rays that the map's window takes; else 1
  std::vector<std::string> k_factors;       ///< Cliff-Lorimer, by weight: C_A / C_B = (k_A / k_B) I_A / I_B; one is 1
  std::vector<std::string> zeta_factors;    ///< kg / m^2 electron / photon (Watanabe and Williams 2006)
  void describe(OptionTable& table, const std::string& section = "eds");
  void check() const;
};

/// One element's X-rays of one shell.
struct EdsLine {
  /// Ionisations of a subshell, and how far from the nucleus.
  struct Term {
    double cross_section_barn, impact_parameter_A;
  };
  int atomic_number = 0;
  Shell shell = Shell::K;
  std::vector<Term> terms;
  double counts_per_ionisation = 0;  ///< detected ones: yield, line fraction, solid angle and efficiency
  std::string source;                ///< of the numbers

  std::string name() const;  ///< "Pt L"
  double cross_section_barn() const;
  nlohmann::json record() const;
};

/// What each element gives, in the order of options.elements or else of `atomic_numbers`. Fails where the beam cannot
/// ionise a shell or a number is given for an element that is not mapped. k factors are relative: the element whose k
/// is 1 keeps its own counts.
std::vector<EdsLine> eds_lines(const EdsOptions& options, const std::vector<int>& atomic_numbers, double energy_keV);

/// The signal that a scan needs. `displacement_A`: root mean square thermal displacement of the atom along one axis,
/// where the specimen's atoms stand still; 0 where they are displaced (frozen phonons).
LocalSignal eds_signal(const EdsLine& line, double displacement_A = 0);

/// Expected counts of each pixel from the signal of each pixel.
std::vector<double> eds_expected(const EdsLine& line, const EdsOptions& options, const std::vector<float>& ionisations);
/// Poisson counts; the mean of each pixel is kept.
std::vector<double> eds_counts(const std::vector<double>& expected, Random& random);

}  // namespace colonnade
