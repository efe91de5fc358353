// SPDX-License-Identifier: GPL-3.0-or-later
// How a column's counts become its cross-sections: the statistical response of every signal to n_e atoms of each
// element, averaged over the unknown order of the atoms along the beam. It is fitted to simulated columns whose counts
// are known, for a list of elements and a range of microscope settings, and is the likelihood of all inference by
// physics. One signal's expected cross-section is linear in its coefficients:
//   annular:  sum_e n_e (a_e(t) + b_e f + w_e settings(t)) + neighbours' sections (g + h t + settings)
//   X-rays:   the same of the one element that emits them
// with t = total / 20, a_e a cubic of t, f = sum_e n_e Z_e / 800 (each atom focuses the beam on those below; van den
// Bos et al., Phys. Rev. Lett. 116, 246101, 2016), w_e = (Z_e / 40)^1.7, and settings quadratic in t for each
// microscope setting. What the counts leave open (the order along the beam, the rest of the
// surroundings) has the variance u own + v own^2 + w (what neighbours add)^2 and a correlation between signals.
// Cross-sections in nm^2.
#pragma once

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/columns/column_signals.h"

namespace colonnade {

/// Whether X-rays are among the signals: they alone tell all elements apart.
bool with_x_rays(const std::vector<SignalKind>& kinds);

/// Columns whose counts are known.
struct KnownColumns {
  ColumnSignals signals;
  std::vector<std::vector<int>> counts;  ///< [column][element]
};

class SignalResponse {
 public:
  static constexpr std::size_t powers = 4;  ///< of the thickness
  /// Fits all signals; uses columns that are whole. All fields must hold the same kinds (doses are ignored; no noise is
  /// expected). Fails with less than 10 columns per coefficient.
  static SignalResponse fit(const std::vector<std::string>& elements, const std::vector<KnownColumns>& fields);

  const std::vector<std::string>& elements() const { return elements_; }
  const std::vector<SignalKind>& kinds() const { return kinds_; }
  /// The response to some of the signals, by name.
  SignalResponse only(const std::vector<std::string>& names) const;
  /// For elements in another order, or some of them only: the others are absent from the specimen, and so are their
  /// X-rays.
  SignalResponse for_elements(const std::vector<std::string>& elements) const;

  /// The response under certain settings: everything that does not depend on the column is worked out once.
  class At {
   public:
    std::size_t signals() const { return signals_.size(); }
    /// What the column itself gives, without neighbours.
    void own(const double* counts, double* sections) const;
    /// Derivatives of own() by each count, [signal][element].
    void gradient(const double* counts, double* derivatives) const;
    /// What the neighbours' sections add for a column of this total.
    double spill(std::size_t signal, double total, double neighbour_sum) const;
    /// Standard deviation of what the counts leave open, where the column gives `own` and its neighbours add `spill`.
    double scatter(std::size_t signal, double own, double spill) const;
    /// Correlation of that between two signals.
    double correlation(std::size_t a, std::size_t b) const { return correlations_[a * signals_.size() + b]; }
    std::size_t elements() const { return charge_.size(); }

   private:
    friend class SignalResponse;
    struct Signal {
      std::vector<std::array<double, powers>> of_thickness;  ///< per element: coefficients of t^0, t^1, ...
      std::vector<double> focusing;                          ///< per element
      double spill = 0, spill_thickness = 0;
      std::array<double, 3> variance{};  ///< per own, own^2, spill^2
    };
    std::vector<double> charge_;  ///< Z / 800
    std::vector<Signal> signals_;
    std::vector<double> correlations_;
    double largest_ = 0;  ///< beyond this total thickness changes nothing any more: no polynomial runs away
  };
  /// Settings that the fit did not see vary are ignored; `gain` multiplies every annular signal.
  At at(const Conditions& conditions, double gain = 1) const;
  /// How far the settings lie outside the fit's own range, in parts of it; 0 inside. Names the worst in `name`.
  double outside(const Conditions& conditions, std::string& name) const;

  /// Root mean square residual over mean cross-section of each signal, on the fitted columns.
  const std::vector<double>& errors() const { return errors_; }
  int columns() const { return columns_; }
  /// Largest total that was seen.
  int largest_total() const { return largest_total_; }

  /// What counts from these signals have to be widened by, by element, for their intervals to hold, as found on columns
  /// left out of the fit (interval_calibration.h); empty where it was not looked for.
  std::vector<double> widening(const std::vector<SignalKind>& kinds) const;
  void set_widening(const std::vector<std::string>& signals, std::vector<double> factors);

  nlohmann::json to_json() const;
  static SignalResponse from_json(const nlohmann::json& json, const std::string& where);

 private:
  struct Setting {
    std::string name;
    double mean = 0, deviation = 1, low = 0, high = 0;
  };
  std::vector<double> standardised(const Conditions& conditions) const;
  std::vector<double> features(std::size_t signal, const std::vector<int>& counts, double neighbour_sum,
                               const std::vector<double>& settings) const;
  void fit_signal(std::size_t signal, const std::vector<KnownColumns>& fields, std::vector<double>& residuals);
  void fit_scatter(const std::vector<KnownColumns>& fields, const std::vector<std::vector<double>>& residuals);

  std::vector<std::string> elements_;
  std::vector<SignalKind> kinds_;
  std::vector<Setting> settings_;
  std::vector<std::vector<double>> coefficients_;  ///< [signal], as features() orders them
  std::vector<std::array<double, 3>> variances_;   ///< [signal]: per own, own^2, spill^2
  std::vector<double> correlations_, errors_;
  int columns_ = 0, largest_total_ = 0;
  std::map<std::string, std::vector<double>> widenings_;  ///< by the names of the signals, sorted and joined
};

}  // namespace colonnade
