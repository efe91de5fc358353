// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/diffraction/spot_list.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <numbers>

#include "colonnade/core/test_errors.h"
#include "colonnade/simulate/diffraction/diffraction_reference.h"
#include "colonnade/simulate/electron.h"

namespace colonnade {

namespace {

constexpr double longest_per_A = 2;

Miller opposite(const Miller& hkl) { return {-hkl[0], -hkl[1], -hkl[2]}; }

std::map<Miller, DiffractionSpot> by_indices(const std::vector<DiffractionSpot>& spots) {
  std::map<Miller, DiffractionSpot> map;
  for (const auto& spot : spots) map[spot.hkl] = spot;
  return map;
}

/// A file of another program. There the beam runs against the zone axis, here along it: their hkl is our -hkl.
struct Comparison {
  std::vector<ReferenceSpot> theirs;
  std::map<Miller, DiffractionSpot> ours;
  double k = 0, wavelength_difference = 0;
  const DiffractionSpot* find(const ReferenceSpot& spot) const {
    const auto found = ours.find(opposite(spot.hkl));
    return found == ours.end() ? nullptr : &found->second;
  }
};

Comparison compare(const nlohmann::json& file, const Structure& crystal, const SpotOptions& spot_options, bool volume) {
  StructureFactorOptions factors;
  factors.longest_per_A = longest_per_A;
  auto reflections = structure_factors(crystal, factors);
  const double scale = FactorScale{volume, 0}.value(crystal);
  for (auto& reflection : reflections) reflection.factor *= scale;
  SpotOptions options = spot_options;
  options.energy_keV = file.at("kV");
  CrystalOrientation orientation;
  orientation.zone_axis = {file.at("zone")[0], file.at("zone")[1], file.at("zone")[2]};
  Comparison result;
  result.theirs = reference_spots(diffraction_reference() / std::string(file.at("file")), true);
  result.ours = by_indices(spot_list(reflections, orientation_matrix(crystal, orientation), options));
  result.k = 1 / electron_wavelength_A(options.energy_keV);
  result.wavelength_difference = std::abs(result.k * double(file.at("wavelength_A")) - 1);
  return result;
}

/// The turn in the plane that brings theirs to ours, from the farthest spot.
std::complex<double> turn_between(const Comparison& c) {
  std::complex<double> from, to;
  for (const auto& spot : c.theirs) {
    const auto* own = c.find(spot);
    if (own && std::hypot(spot.x, spot.y) > std::abs(from)) {
      from = {spot.x, spot.y};
      to = {own->x_per_A, own->y_per_A};
    }
  }
  return to / from / std::abs(to / from);
}

void expect_same_places(const Comparison& c) {
  const auto turn = turn_between(c);
  for (const auto& spot : c.theirs) {
    const auto* own = c.find(spot);
    ASSERT_NE(own, nullptr) << spot.hkl[0] << ' ' << spot.hkl[1] << ' ' << spot.hkl[2];
    const auto place = turn * std::complex<double>(spot.x, spot.y);
    EXPECT_LT(std::abs(place - std::complex<double>(own->x_per_A, own->y_per_A)), 3e-6);
    EXPECT_NEAR(own->g_per_A, spot.g, 1e-6);
  }
}

TEST(SpotList, AgreesWithPy4dstem) {
  const auto path = diffraction_reference() / "py4dstem_parameters.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no reference data";
  const auto parameters = reference_json("py4dstem_parameters.json");
  SpotOptions options;
  options.shape.width_per_A = parameters.at("sigma_excitation_error_invA");
  options.largest_excitation_per_A = 0.0301;
  std::size_t files = 0, spots = 0;
  for (const auto& file : parameters.at("files")) {
    SCOPED_TRACE(file.at("file"));
    const auto c = compare(file, reference_crystal(parameters, file.at("crystal")), options, true);
    EXPECT_LT(c.wavelength_difference, 1e-6);
    expect_same_places(c);
    for (const auto& spot : c.theirs) {
      const auto* own = c.find(spot);
      ASSERT_NE(own, nullptr);
      // Theirs is linear in the distance from the sphere; the exact one solves s = s_linear - s^2 / 2 (k - g_z).
      const double exact = spot.s - own->excitation_per_A * own->excitation_per_A / (2 * (c.k - spot.z));
      EXPECT_NEAR(own->excitation_per_A, exact, 2e-6);
      EXPECT_NEAR(own->excitation_per_A, spot.s, 2e-5);
      const double theirs = spot.intensity / options.shape.value(spot.s);
      EXPECT_NEAR(own->intensity / options.shape.value(own->excitation_per_A) / theirs, 1, 1e-3);
      EXPECT_NEAR(own->intensity / spot.intensity, 1, 6e-3);
    }
    std::size_t strong = 0;
    for (const auto& [hkl, own] : c.ours) strong += own.intensity > 1.02e-5 && std::abs(own.excitation_per_A) < 0.0299;
    EXPECT_LE(strong, c.theirs.size());
    ++files;
    spots += c.theirs.size();
  }
  EXPECT_EQ(files, parameters.at("files").size());
  EXPECT_GT(spots, 4000u);
}

TEST(SpotList, AgreesWithDiffsims) {
  const auto path = diffraction_reference() / "diffsims_parameters.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no reference data";
  const auto parameters = reference_json("diffsims_parameters.json");
  const auto crystals = reference_json("py4dstem_parameters.json");
  SpotOptions options;
  options.shape.model = ShapeModel::lorentzian;
  options.shape.width_per_A = parameters.at("shape_factor_width_invA");
  options.largest_excitation_per_A = double(parameters.at("max_excitation_error_invA")) + 1e-6;
  for (const auto& file : parameters.at("files")) {
    SCOPED_TRACE(file.at("file"));
    const std::string name = std::string(file.at("file")).substr(9, 2);
    const auto c = compare(file, reference_crystal(crystals, name), options, false);
    EXPECT_LT(c.wavelength_difference, 1e-6);
    expect_same_places(c);
    for (const auto& spot : c.theirs) {
      const auto* own = c.find(spot);
      ASSERT_NE(own, nullptr);
      EXPECT_NEAR(own->excitation_per_A, -spot.s, 2e-6);
      EXPECT_NEAR(own->intensity / spot.intensity, 1, 1e-3);
    }
  }
}

// The fields "(10, -10, -9)" and the two numbers behind them of a line of pymatgen's tables.
struct TabulatedSpot {
  Miller hkl{};
  double intensity = 0, spacing_A = 0;
};
std::vector<TabulatedSpot> tabulated_spots(const std::string& name) {
  std::ifstream file(diffraction_reference() / name);
  std::string line;
  std::getline(file, line);
  std::vector<TabulatedSpot> spots;
  while (std::getline(file, line)) {
    TabulatedSpot spot;
    double radius = 0;
    const auto fields = line.substr(line.find('(') + 1);
    if (std::sscanf(fields.c_str(), "%d, %d, %d)\",%lf,%lf,%lf", &spot.hkl[0], &spot.hkl[1], &spot.hkl[2],
                    &spot.intensity, &radius, &spot.spacing_A) == 6)
      spots.push_back(spot);
  }
  return spots;
}

TEST(SpotList, ExtinctionsAreThoseOfPymatgen) {
  if (!std::filesystem::exists(diffraction_reference() / "pymatgen_Si_110_200kV.csv"))
    GTEST_SKIP() << "no reference data";
  const auto crystals = reference_json("py4dstem_parameters.json");
  for (const std::string name : {"Al_001", "Fe_001", "Si_110"}) {
    const auto crystal = reference_crystal(crystals, name.substr(0, 2));
    const auto spots = tabulated_spots("pymatgen_" + name + "_200kV.csv");
    ASSERT_GT(spots.size(), 100u);
    for (const auto& spot : spots) {
      const Vector3 g =
          combine({double(spot.hkl[0]), double(spot.hkl[1]), double(spot.hkl[2])}, reciprocal_cell(crystal));
      if (spot.hkl != Miller{}) {
        EXPECT_NEAR(1 / length(g), spot.spacing_A, 1e-6);
      }
      EXPECT_EQ(structure_factor(crystal, g, {}) == 0.0, spot.intensity < 1e-20) << name;
    }
  }
}

TEST(SpotGeometry, ExcitationErrorEndsOnTheSphere) {
  const double k = 1 / electron_wavelength_A(80);
  for (const Vector3& g : {Vector3{0.3, -0.8, 0.1}, Vector3{4, 3, -0.5}, Vector3{0, 0, 0}, Vector3{1e-3, 0, 0.02}}) {
    const double s = excitation_error(g, k);
    EXPECT_NEAR(length({g[0], g[1], g[2] + s + k}), k, 1e-12);
  }
  EXPECT_LT(excitation_error({1, 0, 0}, k), 0);   // outside
  EXPECT_GT(excitation_error({1, 0, -1}, k), 0);  // inside
  EXPECT_TRUE(std::isinf(excitation_error({2 * k, 0, 0}, k)));
}

TEST(SpotGeometry, BraggsLawUnderTilt) {
  // Tilted by the Bragg angle from the zone axis, a reflection lies on the sphere.
  const auto crystal = cubic_crystal("fcc", "Al", 4.0495);
  const double wavelength = electron_wavelength_A(200), g = 2 / 4.0495;
  const double bragg_deg = std::asin(g * wavelength / 2) * 180 / std::numbers::pi;
  CrystalOrientation orientation;
  orientation.tilt_y_deg = bragg_deg;  // brings +x down to -z
  const auto spots = spot_list(structure_factors(crystal, {}), orientation_matrix(crystal, orientation), {});
  for (const auto& spot : spots) {
    if (spot.hkl != Miller{2, 0, 0}) continue;
    EXPECT_NEAR(spot.excitation_per_A, 0, 1e-14);
    return;
  }
  FAIL() << "no reflection 200";
}

TEST(SpotGeometry, TurnInThePlaneGoesFromXTowardsY) {
  const auto crystal = cubic_crystal("fcc", "Al", 4.0495);
  const auto reflections = structure_factors(crystal, {});
  CrystalOrientation orientation;
  orientation.in_plane_deg = 30;
  const auto before = by_indices(spot_list(reflections, orientation_matrix(crystal, {}), {}));
  const auto after = by_indices(spot_list(reflections, orientation_matrix(crystal, orientation), {}));
  ASSERT_EQ(before.size(), after.size());
  for (const auto& [hkl, spot] : before) {
    const auto turned = std::polar(1.0, std::numbers::pi / 6) * std::complex<double>(spot.x_per_A, spot.y_per_A);
    EXPECT_NEAR(after.at(hkl).x_per_A, turned.real(), 1e-12);
    EXPECT_NEAR(after.at(hkl).y_per_A, turned.imag(), 1e-12);
  }
}

TEST(SpotGeometry, ShapeFactorsFallFromOne) {
  for (const auto model : {ShapeModel::gaussian, ShapeModel::lorentzian, ShapeModel::linear, ShapeModel::slab}) {
    const ShapeFactor shape{model, 0.01, 150};
    EXPECT_DOUBLE_EQ(shape.value(0), 1);
    EXPECT_LT(shape.value(0.005), 1);
    EXPECT_DOUBLE_EQ(shape.value(0.004), shape.value(-0.004));
    EXPECT_EQ(parse_shape_model(shape_model_name(model)), model);
  }
  EXPECT_NEAR((ShapeFactor{ShapeModel::slab, 0.01, 150}.value(1.0 / 150)), 0, 1e-12);
  EXPECT_EQ((ShapeFactor{ShapeModel::linear, 0.01, 150}.value(0.01)), 0);
  EXPECT_NEAR((ShapeFactor{ShapeModel::gaussian, 0.01, 150}.value(0.01)), std::exp(-0.5), 1e-12);
}

TEST(SpotList, StrainMovesSpotsByTheInverseTranspose) {
  const auto crystal = cubic_crystal("fcc", "Al", 4.0495);
  const Matrix3 gradient{{{1.01, 0.004, 0}, {-0.002, 0.995, 0}, {0, 0, 1}}};
  Structure strained = crystal;
  for (auto& row : strained.cell) row = multiply(gradient, row);
  for (Atom& atom : strained.atoms) {
    const Vector3 to = multiply(gradient, Vector3{atom.position.x, atom.position.y, atom.position.z});
    atom.position = {to[0], to[1], to[2]};
  }
  const Matrix3 still{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  const auto before = by_indices(spot_list(structure_factors(crystal, {}), still, {}));
  const auto after = by_indices(spot_list(structure_factors(strained, {}), still, {}));
  const Matrix3 inverse_transpose = reciprocal(gradient);
  std::size_t shared = 0;
  for (const auto& [hkl, spot] : before) {
    if (!after.contains(hkl)) continue;
    const Vector3 wanted = multiply(inverse_transpose, Vector3{spot.x_per_A, spot.y_per_A, 0});
    EXPECT_NEAR(after.at(hkl).x_per_A, wanted[0], 1e-12);
    EXPECT_NEAR(after.at(hkl).y_per_A, wanted[1], 1e-12);
    ++shared;
  }
  EXPECT_GT(shared, 20u);
}

TEST(SpotList, IndicesCarryOverbars) {
  EXPECT_EQ(indices_text({1, -1, 0}), "11\u03050");
  EXPECT_EQ(indices_text({-10, 2, 4}), "1\u03050\u0305 2 4");
}

TEST(SpotList, BadInputIsRefused) {
  const auto crystal = cubic_crystal("fcc", "Al", 4.0495);
  const auto reflections = structure_factors(crystal, {});
  CrystalOrientation orientation;
  orientation.zone_axis = {0, 0, 0};
  EXPECT_THAT(message_of([&] { orientation_matrix(crystal, orientation); }), testing::HasSubstr("no direction"));
  orientation = {{0, 0, 1}, std::nan(""), 0, 0};
  EXPECT_THAT(message_of([&] { orientation_matrix(crystal, orientation); }), testing::HasSubstr("no number"));
  EXPECT_THAT(message_of([&] { orientation_matrix(Structure{}, {}); }), testing::HasSubstr("cell"));
  const auto refusal = [&](const SpotOptions& options) {
    return message_of([&] { spot_list(reflections, orientation_matrix(crystal, {}), options); });
  };
  SpotOptions options;
  options.energy_keV = -200;
  EXPECT_THAT(refusal(options), testing::HasSubstr("energy of -200 keV"));
  options = {};
  options.shape.width_per_A = 0;
  EXPECT_THAT(refusal(options), testing::HasSubstr("width"));
  options = {};
  options.shape.thickness_A = -1;
  EXPECT_THAT(refusal(options), testing::HasSubstr("thick"));
  options = {};
  options.largest_excitation_per_A = 0;
  EXPECT_THAT(refusal(options), testing::HasSubstr("excitation"));
  EXPECT_THAT(message_of([] { parse_shape_model("round"); }), testing::HasSubstr("gaussian, lorentzian"));
}

}  // namespace

}  // namespace colonnade
