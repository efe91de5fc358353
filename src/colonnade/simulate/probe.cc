// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/probe.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/simulate/electron.h"

namespace colonnade {

namespace {

constexpr double radians_per_degree = std::numbers::pi / 180;

struct AberrationOption {
  const char* name;
  double Aberrations::*value;
  const char* help;
};

constexpr AberrationOption coefficients[] = {
    {"C10", &Aberrations::C10, "defocus term; C10 = -defocus, so C10 = -100 is 100 A underfocus"},
    {"C12", &Aberrations::C12, "twofold astigmatism"},
    {"C21", &Aberrations::C21, "axial coma"},
    {"C23", &Aberrations::C23, "threefold astigmatism"},
    {"C30", &Aberrations::C30, "spherical aberration Cs (1 um = 1e4 A)"},
    {"C32", &Aberrations::C32, "axial star aberration"},
    {"C34", &Aberrations::C34, "fourfold astigmatism"},
    {"C41", &Aberrations::C41, "fourth-order axial coma"},
    {"C43", &Aberrations::C43, "three-lobe aberration"},
    {"C45", &Aberrations::C45, "fivefold astigmatism"},
    {"C50", &Aberrations::C50, "fifth-order spherical aberration (1 mm = 1e7 A)"},
    {"C52", &Aberrations::C52, "fifth-order axial star aberration"},
    {"C54", &Aberrations::C54, "fifth-order rosette aberration"},
    {"C56", &Aberrations::C56, "sixfold astigmatism"},
};

constexpr AberrationOption azimuths[] = {
    {"phi12", &Aberrations::phi12, "azimuth of C12, from +x (right) towards +y (down)"},
    {"phi21", &Aberrations::phi21, "azimuth of C21"},
    {"phi23", &Aberrations::phi23, "azimuth of C23"},
    {"phi32", &Aberrations::phi32, "azimuth of C32"},
    {"phi34", &Aberrations::phi34, "azimuth of C34"},
    {"phi41", &Aberrations::phi41, "azimuth of C41"},
    {"phi43", &Aberrations::phi43, "azimuth of C43"},
    {"phi45", &Aberrations::phi45, "azimuth of C45"},
    {"phi52", &Aberrations::phi52, "azimuth of C52"},
    {"phi54", &Aberrations::phi54, "azimuth of C54"},
    {"phi56", &Aberrations::phi56, "azimuth of C56"},
};

}  // namespace

const char* const defocus_statement =
    "C10 = -defocus; positive defocus = underfocus (crossover below the entrance surface)";

double Aberrations::phase(double alpha_rad, double azimuth_rad, double wavelength_A) const {
  const double a2 = alpha_rad * alpha_rad, a3 = a2 * alpha_rad, a4 = a2 * a2;
  const auto wave = [azimuth_rad](int symmetry, double axis_deg) {
    return std::cos(symmetry * (azimuth_rad - axis_deg * radians_per_degree));
  };
  const double second = C10 + C12 * wave(2, phi12);
  const double third = C21 * wave(1, phi21) + C23 * wave(3, phi23);
  const double fourth = C30 + C32 * wave(2, phi32) + C34 * wave(4, phi34);
  const double fifth = C41 * wave(1, phi41) + C43 * wave(3, phi43) + C45 * wave(5, phi45);
  const double sixth = C50 + C52 * wave(2, phi52) + C54 * wave(4, phi54) + C56 * wave(6, phi56);
  const double path =
      a2 / 2 * second + a3 / 3 * third + a4 / 4 * fourth + a4 * alpha_rad / 5 * fifth + a4 * a2 / 6 * sixth;
  return 2 * std::numbers::pi / wavelength_A * path;
}

void Aberrations::set(const std::string& name, double value) {
  std::vector<std::string> names;
  const auto find = [&](const auto& options) -> double* {
    for (const auto& option : options) {
      if (name == option.name) return &(this->*option.value);
      names.push_back(option.name);
    }
    return nullptr;
  };
  double* target = find(coefficients);
  if (target == nullptr) target = find(azimuths);
  if (target == nullptr) {
    const std::string near = nearest_word(name, names);
    fail("there is no aberration '{}'{}; use Krivanek's names C10 to C56 (A) and phi12 to phi56 (degrees)", name,
         near.empty() ? "" : "; did you mean " + near);
  }
  *target = value;
}

void Optics::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section.empty() ? "" : section + ".";
  table.add(prefix + "energy", &energy_keV, "keV", "acceleration voltage of the microscope");
  table.add(prefix + "semiangle", &semiangle_mrad, "mrad", "convergence semi-angle of the probe");
  for (const auto& option : coefficients) {
    table.add(prefix + option.name, &(aberrations.*option.value), "A", option.help);
  }
  for (const auto& option : azimuths) {
    table.add(prefix + option.name, &(aberrations.*option.value), "deg", option.help);
  }
}

void Optics::check() const {
  if (!(energy_keV >= 10 && energy_keV <= 1000)) {
    fail("energy {} keV is outside 10 to 1000 keV; give the acceleration voltage in kV, e.g. 200", energy_keV);
  }
  if (!(semiangle_mrad >= 0.1 && semiangle_mrad <= 100)) {
    fail("semiangle {} mrad is outside 0.1 to 100 mrad; give the convergence semi-angle in mrad, e.g. 20",
         semiangle_mrad);
  }
  const auto require_number = [this](const AberrationOption& option, const char* unit) {
    const double value = aberrations.*option.value;
    if (!std::isfinite(value)) fail("{} is {}; give a number in {}", option.name, value, unit);
  };
  for (const auto& option : coefficients) require_number(option, "Angstrom");
  for (const auto& option : azimuths) require_number(option, "degrees");
}

double aperture(const WaveGrid& grid, int row, int column, const Optics& optics) {
  if (row == 0 && column == 0) return 1;
  const double wavelength = electron_wavelength_A(optics.energy_keV);
  const double largest = optics.semiangle_mrad * 1e-3;
  const double angle_x = wavelength * grid.kx(column), angle_y = wavelength * grid.ky(row);
  const double step_x = wavelength / grid.length_x_A(), step_y = wavelength / grid.length_y_A();
  const double angle = std::hypot(angle_x, angle_y);
  const double edge = std::hypot(step_x * angle_x, step_y * angle_y);
  return std::clamp((largest * angle - angle * angle) / edge + 0.5, 0.0, 1.0);
}

std::vector<std::complex<float>> probe_spectrum(const WaveGrid& grid, const Optics& optics) {
  const double wavelength = electron_wavelength_A(optics.energy_keV), largest = 1e3 * wavelength * grid.band_end();
  if (optics.semiangle_mrad > largest) {
    fail(
        "the grid carries {:.1f} mrad at most and the probe converges with {} mrad; use a sampling of {:.4f} A or "
        "finer",
        largest, optics.semiangle_mrad, std::max(grid.pitch_x_A, grid.pitch_y_A) * largest / optics.semiangle_mrad);
  }
  std::vector<std::complex<double>> spectrum(grid.size());
  double norm = 0;
  for (int row = 0; row < grid.ny; ++row) {
    for (int column = 0; column < grid.nx; ++column) {
      const double amplitude = aperture(grid, row, column, optics);
      if (amplitude == 0) continue;
      const double kx = grid.kx(column), ky = grid.ky(row);
      const double chi = optics.aberrations.phase(wavelength * std::hypot(kx, ky), std::atan2(ky, kx), wavelength);
      spectrum[std::size_t(row) * grid.nx + column] = std::polar(amplitude, -chi);
      norm += amplitude * amplitude;
    }
  }
  std::vector<std::complex<float>> result(spectrum.size());
  const double scale = 1 / std::sqrt(norm);
  std::transform(spectrum.begin(), spectrum.end(), result.begin(),
                 [scale](std::complex<double> value) { return std::complex<float>(value * scale); });
  return result;
}

double probe_within(const Optics& optics, double depth_A, double radius_A) {
  constexpr int rings = 32, sectors = 48, circles = 6, places = 12;
  const double wavelength = electron_wavelength_A(optics.energy_keV), largest = optics.semiangle_mrad * 1e-3;
  Aberrations there = optics.aberrations;
  there.C10 += depth_A;  // free propagation is a defocus
  struct Beam {
    double x, y;
    std::complex<double> wave;
  };
  std::vector<Beam> beams;
  for (int i = 0; i < rings; ++i) {
    const double angle = largest * (i + 0.5) / rings;
    for (int k = 0; k < sectors; ++k) {
      const double azimuth = 2 * std::numbers::pi * (k + 0.5) / sectors;
      const double area = angle * (largest / rings) * (2 * std::numbers::pi / sectors);
      const double to_phase = 2 * std::numbers::pi * angle / wavelength;
      beams.push_back({to_phase * std::cos(azimuth), to_phase * std::sin(azimuth),
                       std::polar(area, -there.phase(angle, azimuth, wavelength))});
    }
  }
  double inside = 0;
  for (int i = 0; i < circles; ++i) {
    const double r = radius_A * (i + 0.5) / circles;
    for (int k = 0; k < places; ++k) {
      const double azimuth = 2 * std::numbers::pi * k / places, x = r * std::cos(azimuth), y = r * std::sin(azimuth);
      std::complex<double> sum = 0;
      for (const Beam& beam : beams) sum += beam.wave * std::polar(1.0, beam.x * x + beam.y * y);
      inside += std::norm(sum) * r * (radius_A / circles) * (2 * std::numbers::pi / places);
    }
  }
  return inside / (wavelength * wavelength * std::numbers::pi * largest * largest);  // Parseval
}

}  // namespace colonnade
