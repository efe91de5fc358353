// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/map_methods.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "colonnade/core/version.h"

namespace colonnade {
namespace {

constexpr const char* statstem =
    "A. De Backer, K. H. W. van den Bos, W. Van den Broek, J. Sijbers, S. Van Aert, Ultramicroscopy 171, 104 (2016)";
constexpr const char* van_aert = "S. Van Aert et al., Ultramicroscopy 109, 1236 (2009)";
constexpr const char* integrated = "H. E et al., Ultramicroscopy 133, 109 (2013)";
constexpr const char* standardless =
    "J. M. LeBeau, S. D. Findlay, L. J. Allen, S. Stemmer, Nano Letters 10, 4405 (2010)";
constexpr const char* ragone = "M. Ragone et al., Computational Materials Science 201, 110905 (2022)";
constexpr const char* lobato = "I. Lobato, D. Van Dyck, Acta Crystallographica A70, 636 (2014)";
constexpr const char* cowley = "J. M. Cowley, Physical Review 77, 669 (1950)";
constexpr const char* moran = "P. A. P. Moran, Biometrika 37, 17 (1950)";
constexpr const char* lensing = "K. H. W. van den Bos et al., Physical Review Letters 116, 246101 (2016)";

/// Collects references and numbers them in the order of their first use.
class References {
 public:
  std::string operator()(const std::vector<const char*>& works) {
    std::vector<std::size_t> numbers;
    for (const char* work : works) {
      auto place = std::find(list.begin(), list.end(), work);
      if (place == list.end()) place = list.insert(list.end(), work);
      numbers.push_back(std::size_t(place - list.begin()) + 1);
    }
    return fmt::format("[{}]", fmt::join(numbers, ", "));
  }
  std::vector<std::string> list;
};

std::string setting(const nlohmann::json& record, const char* key) {
  const auto options = record.find("microscope");
  if (options == record.end() || !options->contains(key)) return "";
  const auto& value = (*options)[key];
  return value.is_string()   ? value.get<std::string>()
         : value.is_number() ? fmt::format("{:g}", value.get<double>())
                             : "";
}

std::string counting_sentence(const ElementMap& map, const nlohmann::json& record, References& cite) {
  if (!map.physics.is_null()) {
    const std::string counting = cite({standardless, van_aert}), factors = cite({lobato});  // numbered in this order
    std::string text = fmt::format(
        " Atoms of each element in each column were counted by Bayes' rule {}: the likelihood is a response of "
        "cross-sections to counts, calibrated by multislice simulations with thermal diffuse scattering (scattering "
        "factors of {}) for {} kV, a semi-angle of {} mrad and the detector {} mrad; the prior is the alloy's "
        "composition "
        "and a thickness that is smooth from column to column.",
        counting, factors, setting(record, "energy_keV"), setting(record, "semiangle_mrad"),
        setting(record, "detector"));
    for (const auto& note : map.physics["notes"]) text += " Assumed: " + note.get<std::string>() + ".";
    return text;
  }
  return fmt::format(
      " Atoms of each element in each column were counted by a convolutional network {} trained on multislice "
      "simulations "
      "(model {}); its errors are those on held-out particles.",
      cite({ragone}), map.model_file.filename().string());
}

std::string order_sentence(const ParticleAnalysis& analysis, References& cite) {
  if (analysis.ordering.pairs.empty()) return "";
  const std::string pairs = cite({cowley}), own = cite({moran});
  return fmt::format(
      " Order between neighbouring columns is given as Warren-Cowley parameters {} and Moran's I {} and judged against "
      "{} "
      "shuffles of the columns' departures from the mean alloy, the p-values corrected for all pairs together.",
      pairs, own, analysis.ordering.shuffles);
}

std::string verification_sentence(const ElementMap& map, References& cite) {
  std::string text;
  if (map.model) {
    text += fmt::format(
        " A three-dimensional model was built by filling the columns with whole numbers of atoms about the mid-plane; "
        "the "
        "order of atoms along the beam is not measured and was chosen {}.",
        map.model->structure.metadata.value("stacking", "random") == "random" ? "at random" : "evenly mixed");
  }
  if (map.verification) {
    const Verification& check = *map.verification;
    text += fmt::format(
        " Its simulated image ({}) agrees with the measured one with a correlation of {:.3f} and a residual of {:.0f} "
        "% of "
        "the image's contrast, after a fit of gain, offset and a Gaussian blur of {:.3f} nm.",
        check.by == "lensing" ? "atomic lensing model " + cite({lensing}) : "multislice", check.correlation,
        100 * check.rms, check.blur_nm);
  }
  return text;
}

}  // namespace

MethodsText methods_text(const ElementMap& map, const ParticleAnalysis& analysis, const nlohmann::json& record) {
  References cite;
  MethodsText text;
  const std::string fit = cite({statstem}), sections = cite({van_aert, integrated});
  text.paragraph = fmt::format(
      "The image ({} x {} pixels of {:.4g} nm) was analysed with Colonnade {}. Atomic columns were found with a "
      "matched "
      "filter and refined by least squares of a sum of Gaussians with a common width {}; a column's scattering "
      "cross-section is the intensity integrated over its area {}.",
      map.image.width, map.image.height, map.image.pixel_size_nm, version, cite({statstem}),
      cite({van_aert, integrated}));
  if (!map.distributions.empty()) {
    text.paragraph += counting_sentence(map, record, cite);
    text.paragraph += fmt::format(
        " Counts are given with their standard deviations and with 68 % and 95 % intervals; {} of {} columns were left "
        "out "
        "of sums because they lie outside what the method is for.",
        map.columns.size() - analysis.columns, map.columns.size());
    text.paragraph += order_sentence(analysis, cite);
    text.paragraph += verification_sentence(map, cite);
  }
  text.references = cite.list;
  return text;
}

}  // namespace colonnade
