// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/acquisition.h"

#include <cmath>
#include <cstdlib>
#include <initializer_list>
#include <optional>

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"

namespace colonnade {
namespace {

using nlohmann::json;

/// A number, also one written as text (Velox); null, blank, and what is no number are none.
std::optional<double> number(const json& value) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return {};
  const std::string& text = value.get_ref<const std::string&>();
  char* end = nullptr;
  const double parsed = std::strtod(text.c_str(), &end);
  if (text.empty() || end == text.c_str() || *end != '\0' || !std::isfinite(parsed)) return {};
  return parsed;
}

/// The value under the names, times the factor; 0 where there is none above 0.
double value_at(const json& tree, std::initializer_list<const char*> names, double factor = 1) {
  const json* at = &tree;
  for (const char* name : names) {
    if (!at->is_object()) return 0;
    const auto found = at->find(name);
    if (found == at->end()) return 0;
    at = &*found;
  }
  const double value = number(*at).value_or(0) * factor;
  return value > 0 && std::isfinite(value) ? value : 0;
}

double first_known(std::initializer_list<double> values) {
  for (const double value : values) {
    if (value > 0) return value;
  }
  return 0;
}

Acquisition from_metadata(const json& metadata) {
  const json none = json::object();
  const json& raw = metadata.contains("original_metadata") ? metadata["original_metadata"] : none;
  const auto tem = [&](std::initializer_list<const char*> names, double factor = 1) {
    for (const char* instrument : {"TEM", "SEM"}) {
      if (!metadata.contains("Acquisition_instrument")) return 0.0;
      const json& all = metadata["Acquisition_instrument"];
      if (!all.is_object() || !all.contains(instrument)) continue;
      if (const double value = value_at(all[instrument], names, factor); value > 0) return value;
    }
    return 0.0;
  };
  Acquisition known;
  known.beam_energy_keV = first_known({tem({"beam_energy"}), value_at(raw, {"Optics", "AccelerationVoltage"}, 1e-3)});
  known.convergence_mrad = first_known({tem({"convergence_angle"}), value_at(raw, {"Optics", "BeamConvergence"}, 1e3)});
  known.inner_mrad = first_known({tem({"Detector", "HAADF", "inner_angle"}), tem({"Detector", "STEM", "inner_angle"}),
                                  value_at(raw, {"DetectorMetadata", "CollectionAngleRange", "begin"}, 1e3)});
  known.outer_mrad = first_known({tem({"Detector", "HAADF", "outer_angle"}), tem({"Detector", "STEM", "outer_angle"}),
                                  value_at(raw, {"DetectorMetadata", "CollectionAngleRange", "end"}, 1e3)});
  known.camera_length_mm = first_known({tem({"camera_length"}), value_at(raw, {"Optics", "CameraLength"}, 1e3)});
  known.dwell_us = first_known({tem({"dwell_time"}, 1e6), value_at(raw, {"Scan", "DwellTime"}, 1e6)});
  known.flyback_us = tem({"flyback_time"}, 1e6);
  known.beam_current_nA = tem({"beam_current"});
  if (known.inner_mrad >= known.outer_mrad) known.inner_mrad = known.outer_mrad = 0;
  return known;
}

void override_with(double stated, const char* what, const char* unit, double& known) {
  if (stated <= 0) return;
  if (known > 0 && std::abs(stated / known - 1) > 0.02) {
    warn("the file says a {} of {:.4g} {}; the stated {:.4g} {} is used instead", what, known, unit, stated, unit);
  }
  known = stated;
}

}  // namespace

json Acquisition::to_json() const {
  json record = json::object();
  const auto add = [&](const char* name, double value) {
    if (value > 0) record[name] = value;
  };
  add("beam_energy_keV", beam_energy_keV);
  add("convergence_mrad", convergence_mrad);
  add("inner_mrad", inner_mrad);
  add("outer_mrad", outer_mrad);
  add("camera_length_mm", camera_length_mm);
  add("dwell_us", dwell_us);
  add("flyback_us", flyback_us);
  add("beam_current_nA", beam_current_nA);
  return record;
}

void AcquisitionOptions::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section.empty() ? "" : section + ".";
  table.add(prefix + "beam_energy", &beam_energy_keV, "keV", "Beam energy; 0: as the file says");
  table.add(prefix + "convergence", &convergence_mrad, "mrad", "Convergence semi-angle; 0: as the file says");
  table.add(prefix + "inner_angle", &inner_mrad, "mrad", "Inner angle of the detector; 0: as the file says");
  table.add(prefix + "outer_angle", &outer_mrad, "mrad", "Outer angle of the detector; 0: as the file says");
}

void AcquisitionOptions::check() const {
  const auto require = [](double value, const char* flag) {
    if (!(value >= 0) || !std::isfinite(value)) fail("{} is {}; give a number above 0, or 0 for unknown", flag, value);
  };
  require(beam_energy_keV, "--beam-energy");
  require(convergence_mrad, "--convergence");
  require(inner_mrad, "--inner-angle");
  require(outer_mrad, "--outer-angle");
  if (inner_mrad > 0 && outer_mrad > 0 && inner_mrad >= outer_mrad) {
    fail("--inner-angle {} mrad is not below --outer-angle {} mrad", inner_mrad, outer_mrad);
  }
}

Acquisition acquisition_of(const Image& image, const AcquisitionOptions& overrides) {
  overrides.check();
  Acquisition known = from_metadata(image.metadata);
  override_with(overrides.beam_energy_keV, "beam energy", "keV", known.beam_energy_keV);
  override_with(overrides.convergence_mrad, "convergence semi-angle", "mrad", known.convergence_mrad);
  override_with(overrides.inner_mrad, "inner angle", "mrad", known.inner_mrad);
  override_with(overrides.outer_mrad, "outer angle", "mrad", known.outer_mrad);
  return known;
}

void require_beam_energy(const Acquisition& acquisition, const std::string& need) {
  if (acquisition.beam_energy_keV <= 0) {
    fail("{} needs the beam energy, which the file does not say; give it in keV with --beam-energy", need);
  }
}

void require_convergence(const Acquisition& acquisition, const std::string& need) {
  if (acquisition.convergence_mrad <= 0) {
    fail("{} needs the convergence semi-angle, which the file does not say; give it in mrad with --convergence", need);
  }
}

void require_collection_angles(const Acquisition& acquisition, const std::string& need) {
  if (acquisition.inner_mrad <= 0 || acquisition.outer_mrad <= acquisition.inner_mrad) {
    fail(
        "{} needs the detector's angles, which the file does not say; give them in mrad with --inner-angle and "
        "--outer-angle",
        need);
  }
}

}  // namespace colonnade
