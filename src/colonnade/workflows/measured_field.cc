// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/measured_field.h"

#include <algorithm>

#include "colonnade/core/error.h"
#include "colonnade/core/progress.h"
#include "colonnade/core/units.h"
#include "colonnade/image/noise.h"

namespace colonnade {
namespace {

constexpr double square_angstrom_per_square_nm = angstrom_per_nm * angstrom_per_nm;

}  // namespace

double dose_per_nm2(const SignalKind& kind, const Doses& doses) {
  return (kind.element.empty() ? doses.annular : doses.x_rays) * square_angstrom_per_square_nm;
}

Conditions conditions_of(const Optics& optics) {
  Conditions conditions{{"energy_keV", optics.energy_keV}, {"semiangle_mrad", optics.semiangle_mrad}};
  for (const double depth_A : {0.0, 35.0, 70.0}) {
    conditions[fmt::format("probe_within_0.5_A_at_{:.0f}_A", depth_A)] = probe_within(optics, depth_A, 0.5);
  }
  return conditions;
}

Conditions conditions_of(const Image& image) {
  const auto& options =
      image.metadata.value("simulation", nlohmann::json::object()).value("options", nlohmann::json::object());
  if (!options.contains("optics.energy")) {
    fail("{}: the image does not say its optics; it was not simulated by this program", image.title);
  }
  Optics optics;
  optics.energy_keV = options.at("optics.energy");
  optics.semiangle_mrad = options.at("optics.semiangle");
  for (const auto& [name, value] : options.items()) {
    const std::string last = name.substr(name.find('.') + 1);
    const bool aberration = name.starts_with("optics.") && (last[0] == 'C' || last.starts_with("phi"));
    if (aberration) optics.aberrations.set(last, value);
  }
  return conditions_of(optics);
}

NoisySample with_noise(const Sample& sample, const Doses& doses, Random& random) {
  NoisySample noisy;
  const auto add = [&](const Image& image, const std::string& element) {
    SignalKind& kind = noisy.kinds.emplace_back(SignalKind{image.title, element, 0});
    kind.dose_per_nm2 = dose_per_nm2(kind, doses);
    const double dose = element.empty() ? doses.annular : doses.x_rays;
    noisy.images.push_back(dose > 0 ? poisson_noise(image, dose, random) : image);
  };
  add(sample.image, "");
  for (const bool annular : {true, false}) {
    for (const Image& image : sample.signals) {
      const std::string element = signal_element(image);
      if (element.empty() == annular) add(image, element);
    }
  }
  return noisy;
}

std::vector<Column> places_of(const Sample& sample) {
  std::vector<Column> columns;
  for (const LabelledColumn& labelled : sample.columns) {
    Column& column = columns.emplace_back();
    column.x_px = labelled.x_px;
    column.y_px = labelled.y_px;
  }
  return columns;
}

KnownColumns measured_columns(const Sample& sample, const std::vector<std::string>& signals, const Doses& doses,
                              Random random) {
  const NoisySample noisy = with_noise(sample, doses, random);
  KnownColumns field;
  field.signals = measure_signals(noisy.images, noisy.kinds, places_of(sample), conditions_of(sample.image));
  if (!signals.empty()) field.signals = field.signals.only(signals);
  for (const LabelledColumn& column : sample.columns) field.counts.push_back(column.counts);
  return field;
}

LabelledFields read_fields(const std::vector<std::filesystem::path>& files, bool keep_views) {
  LabelledFields fields;
  Progress progress("Measuring columns", std::ssize(files));
  for (const auto& file : files) {
    ParticleSamples samples = read_particle(file);
    if (fields.particles > 0 && samples.elements != fields.elements) {
      fail("{}: its elements differ from those of the others", file.string());
    }
    fields.elements = samples.elements;
    for (Sample& view : samples.views) {
      fields.clean.push_back(measured_columns(view, {}, {}, Random(0)));
      if (fields.clean.back().signals.kinds != fields.clean.front().signals.kinds) {
        fail("{}: its signals differ from those of the others", file.string());
      }
      if (keep_views) fields.views.push_back(std::move(view));
      fields.particle.push_back(fields.particles);
    }
    ++fields.particles;
    progress.advance();
  }
  return fields;
}

KnownColumns at_doses(const KnownColumns& clean, const std::vector<std::string>& signals, const Doses& doses) {
  KnownColumns field = clean;
  if (!signals.empty()) field.signals = clean.signals.only(signals);
  for (SignalKind& kind : field.signals.kinds) kind.dose_per_nm2 = dose_per_nm2(kind, doses);
  return field;
}

std::vector<std::vector<std::string>> usual_sets(const std::vector<SignalKind>& kinds) {
  const std::vector<std::string> annular = chosen_signals(kinds, {"annular"});
  std::vector<std::vector<std::string>> sets{{annular[0]}};
  if (annular.size() > 1) sets.push_back(annular);
  if (with_x_rays(kinds)) sets.push_back(chosen_signals(kinds, {"annular", "X-rays"}));
  return sets;
}

double dose_for_counts_per_atom(const std::vector<KnownColumns>& fields, double counts) {
  double sections = 0, atoms = 0;
  for (const KnownColumns& field : fields) {
    for (std::size_t i = 0; i < field.counts.size(); ++i) {
      if (!field.signals.whole[i]) continue;
      for (const int n : field.counts[i]) atoms += n;
      for (std::size_t s = 0; s < field.signals.kinds.size(); ++s) {
        if (!field.signals.kinds[s].element.empty()) sections += field.signals.sections_nm2[i][s];
      }
    }
  }
  if (!(sections > 0)) fail("the dataset has no X-ray signals; make it with signals.eds = true");
  return counts * atoms / sections / square_angstrom_per_square_nm;
}

std::vector<std::string> chosen_signals(const std::vector<SignalKind>& kinds, const std::vector<std::string>& wanted) {
  std::vector<std::string> names;
  for (const std::string& name : wanted) {
    bool found = false;
    for (const SignalKind& kind : kinds) {
      const bool meant = kind.name == name || (name == "X-rays" && !kind.element.empty()) ||
                         (name == "annular" && kind.element.empty());
      if (!meant) continue;
      found = true;
      if (std::find(names.begin(), names.end(), kind.name) == names.end()) names.push_back(kind.name);
    }
    if (!found) fail("there is no signal '{}'; give names of signals, 'annular' or 'X-rays'", name);
  }
  return names;
}

}  // namespace colonnade
