// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/diffract.h"

#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/units.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/formats/signal_file.h"
#include "colonnade/report/figure.h"
#include "colonnade/simulate/diffraction/atom_sum.h"
#include "colonnade/simulate/diffraction/two_beam.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/structures/known_crystals.h"
#include "colonnade/structures/structure_file.h"
#include "colonnade/workflows/run_record.h"

namespace colonnade {

namespace {

CrystalOrientation orientation_of(const DiffractOptions& options) {
  CrystalOrientation orientation = options.tilt;
  orientation.zone_axis = parse_zone_axis(options.zone);
  return orientation;
}

/// The largest |g| that can fall on the camera.
double longest_on_camera(const DiffractOptions& options) {
  const PatternCamera& camera = options.raster.camera;
  const double corner = std::hypot(camera.width_px / 2.0 + std::abs(camera.centre_x_px),
                                   camera.height_px / 2.0 + std::abs(camera.centre_y_px));
  return std::min(corner * camera.per_A_per_px(options.energy_keV), 0.5 / electron_wavelength_A(options.energy_keV));
}

StructureFactorOptions factor_options(const Structure& crystal, const DiffractOptions& options) {
  StructureFactorOptions factors;
  factors.parametrization = parse_parametrization(options.parametrization);
  factors.longest_per_A = options.longest_per_A > 0 ? options.longest_per_A : longest_on_camera(options);
  factors.b_factors_A2 = debye_waller_factors(crystal, options.b_factors, options.temperature_K);
  return factors;
}

SpotOptions spot_options(const DiffractOptions& options) {
  SpotOptions spots;
  spots.energy_keV = options.energy_keV;
  spots.shape = {parse_shape_model(options.shape), options.shape_width_per_A, options.thickness_nm * angstrom_per_nm};
  spots.largest_excitation_per_A = options.largest_excitation_per_A;
  return spots;
}

std::vector<DiffractionSpot> bloch_spots(const Structure& crystal, const Matrix3& orientation,
                                         const DiffractOptions& options) {
  const StructureFactorOptions factors = factor_options(crystal, options);
  BlochOptions bloch;
  bloch.energy_keV = options.energy_keV;
  bloch.longest_per_A = factors.longest_per_A;
  bloch.largest_excitation_per_A = options.beams_excitation_per_A;
  bloch.parametrization = factors.parametrization;
  bloch.b_factors_A2 = factors.b_factors_A2;
  return precessed_bloch_spots(crystal, orientation, bloch, options.thickness_nm * angstrom_per_nm, options.precession);
}

/// By the method, precessed, the strongest first.
std::vector<DiffractionSpot> spots_of(const Structure& crystal, const DiffractOptions& options) {
  const Matrix3 orientation = orientation_matrix(crystal, orientation_of(options));
  if (options.method == "bloch") return bloch_spots(crystal, orientation, options);
  const auto reflections = structure_factors(crystal, factor_options(crystal, options));
  const SpotOptions spots = spot_options(options);
  return precess(crystal, orientation, options.precession, options.energy_keV, [&](const Matrix3& turned) {
    return options.method == "two-beam" ? two_beam_spots(crystal, reflections, turned, spots)
                                        : spot_list(reflections, turned, spots);
  });
}

Diffraction crystal_diffraction(const std::string& name, const DiffractOptions& options) {
  Diffraction result;
  result.spots = spots_of(crystal_from(name), options);
  std::erase_if(result.spots,
                [](const DiffractionSpot& spot) { return spot.hkl != Miller{} && spot.intensity < 1e-12; });
  if (result.spots.size() < 2)
    fail(
        "no reflection of {} is within {} 1/A of the Ewald sphere; give another zone axis or tilt, or a larger "
        "--largest-excitation",
        name, options.largest_excitation_per_A);
  Random random(options.seed);
  result.pattern = PatternRaster(options.raster, options.energy_keV).draw(result.spots, random);
  return result;
}

/// A block of the crystal, or the file's atoms.
Structure specimen_of(const std::string& name, const DiffractOptions& options) {
  if (options.width_nm == 0) {
    Structure atoms = read_structure(name);
    if (atoms.has_cell()) rotate(atoms, orientation_matrix(atoms, orientation_of(options)));
    return atoms;
  }
  Structure crystal = crystal_from(name);
  rotate(crystal, orientation_matrix(crystal, orientation_of(options)));
  const double width = options.width_nm * angstrom_per_nm;
  return cut_block(crystal, {width, width, options.thickness_nm * angstrom_per_nm});
}

Diffraction atom_diffraction(const std::string& name, const DiffractOptions& options) {
  const Structure specimen = specimen_of(name, options);
  const PatternCamera& camera = options.raster.camera;
  if (camera.height_px != camera.width_px)
    fail("the method atoms makes square patterns, not {} x {} pixels; give equal --height and --width",
         camera.height_px, camera.width_px);
  AtomSumOptions sum;
  sum.energy_keV = options.energy_keV;
  sum.pixels = camera.width_px;
  sum.per_A_per_px = camera.per_A_per_px(options.energy_keV);
  sum.parametrization = parse_parametrization(options.parametrization);
  sum.b_factors_A2 = debye_waller_factors(specimen, options.b_factors, options.temperature_K);
  Diffraction result;
  result.pattern = atom_pattern(specimen, sum);
  Random random(options.seed);
  PatternRaster(options.raster, options.energy_keV).record(random, result.pattern);
  return result;
}

double strongest_diffracted(const std::vector<DiffractionSpot>& spots) {
  double most = 0;
  for (const auto& spot : spots)
    if (spot.hkl != Miller{}) most = std::max(most, spot.intensity);
  return most;
}

std::string spot_table(const std::vector<DiffractionSpot>& spots) {
  const double most = strongest_diffracted(spots);
  std::string text = "h,k,l,g_per_A,x_per_A,y_per_A,excitation_error_per_A,intensity,relative_to_strongest\n";
  for (const auto& spot : spots)
    text += fmt::format("{},{},{},{:.6f},{:.6f},{:.6f},{:.6f},{:.8g},{:.6g}\n", spot.hkl[0], spot.hkl[1], spot.hkl[2],
                        spot.g_per_A, spot.x_per_A, spot.y_per_A, spot.excitation_per_A, spot.intensity,
                        spot.intensity / most);
  return text;
}

std::string title_of(const std::string& crystal, const DiffractOptions& options) {
  std::string title = std::filesystem::path(crystal).filename().string();
  if (options.method != "atoms" || options.width_nm > 0)
    title += fmt::format(", [{}]", indices_text(parse_zone_axis(options.zone)));
  title += fmt::format(", {:g} keV, {}", options.energy_keV, options.method);
  if (options.method != "kinematical" || options.shape == "slab")
    title += fmt::format(", {:g} nm", options.thickness_nm);
  if (options.precession.angle_deg > 0) title += fmt::format(", precessed by {:g}°", options.precession.angle_deg);
  return title;
}

SpotFigure spot_figure(const std::string& crystal, const DiffractOptions& options, const Diffraction& result) {
  SpotFigure figure;
  figure.title = title_of(crystal, options);
  const PatternCamera& camera = options.raster.camera;
  figure.half_width = camera.per_A_per_px(options.energy_keV) * camera.width_px / 2;
  const double most = strongest_diffracted(result.spots);
  for (const auto& spot : result.spots) {
    const bool beam = spot.hkl == Miller{};
    const bool labelled = beam || spot.intensity >= options.labels * most;
    figure.spots.push_back(
        {spot.x_per_A, spot.y_per_A, spot.intensity, labelled ? indices_text(spot.hkl) : "",
         fmt::format("{}: {:.4g} 1/A, s = {:.4f} 1/A, {:.3g} of the strongest", indices_text(spot.hkl), spot.g_per_A,
                     spot.excitation_per_A, spot.intensity / most),
         beam});
  }
  figure.footnote = "A spot's area goes with the square root of its intensity; the ring is the direct beam.";
  return figure;
}

ImageFigure pattern_figure(const std::string& crystal, const DiffractOptions& options, const Diffraction& result) {
  ImageFigure figure;
  figure.image = logarithmic_view(result.pattern);
  figure.title = title_of(crystal, options);
  figure.low = 0;
  figure.high = 1;
  figure.per_A_per_px = options.raster.camera.per_A_per_px(options.energy_keV);
  figure.footnote = "Logarithm of the intensity over four decades.";
  return figure;
}

/// With axes in 1/Angstrom from the beam, as HyperSpy and py4DSTEM read them.
void write_signal(const std::filesystem::path& path, const DiffractOptions& options, const Image& pattern) {
  const PatternCamera& camera = options.raster.camera;
  const double scale = camera.per_A_per_px(options.energy_keV);
  const double x = -scale * (0.5 * (camera.width_px - 1) + camera.centre_x_px);
  const double y = -scale * (0.5 * (camera.height_px - 1) + camera.centre_y_px);
  SignalDescription description;
  description.title = "diffraction";
  description.quantity = pattern.intensity;
  description.axes = {{"ky", "A^-1", pattern.height, scale, y, false}, {"kx", "A^-1", pattern.width, scale, x, false}};
  description.beam_energy_keV = options.energy_keV;
  SignalFile file(path);
  file.add(description, pattern.data);
  file.close();
}

nlohmann::json record_of(const std::string& crystal, DiffractOptions options, const Diffraction& result) {
  const bool file = std::filesystem::is_regular_file(crystal);
  auto record = run_record("diffract", options.table(), options.seed,
                           file ? std::vector<std::filesystem::path>{crystal} : std::vector<std::filesystem::path>{});
  record["crystal"] = crystal;
  record["wavelength_A"] = electron_wavelength_A(options.energy_keV);
  record["per_A_per_px"] = options.raster.camera.per_A_per_px(options.energy_keV);
  record["spots"] = result.spots.size();
  return record;
}

}  // namespace

OptionTable DiffractOptions::table() {
  OptionTable table;
  table.add("method", &method, "",
            "kinematical; two-beam: each reflection dynamical on its own; bloch: all dynamical together; atoms: the "
            "kinematical sum over every atom of a block or file");
  table.add("zone", &zone, "", "zone axis along the beam, e.g. 110, 1-10 or [1 -1 0]");
  table.add("energy", &energy_keV, "keV", "of the electrons");
  table.add("thickness", &thickness_nm, "nm", "of the crystal");
  table.add("width", &width_nm, "nm", "atoms: of the block cut from the crystal; 0: the file's atoms as they stand");
  table.add("tilt_x", &tilt.tilt_x_deg, "degrees", "of the crystal about x (to the right) off the zone axis");
  table.add("tilt_y", &tilt.tilt_y_deg, "degrees", "about y (down) off the zone axis");
  table.add("in_plane", &tilt.in_plane_deg, "degrees", "about the beam, from x towards y");
  table.add("temperature", &temperature_K, "K", "of the Debye-Waller factors; 0: atoms at rest");
  table.add("b_factors", &b_factors, "A^2", "at 300 K, e.g. Pt:0.38,Ni:0.36; empty: of the elements' crystals");
  table.add("parametrization", &parametrization, "", "scattering factors: lobato, kirkland or peng");
  table.add("longest", &longest_per_A, "1/A", "largest |g|; 0: up to the camera's corner");
  table.add("shape", &shape, "",
            "of a reflection along the beam: slab (of the thickness), gaussian, lorentzian, linear");
  table.add("shape_width", &shape_width_per_A, "1/A", "of the shapes other than slab");
  table.add("largest_excitation", &largest_excitation_per_A, "1/A", "spots farther from the Ewald sphere are left out");
  table.add("beams_excitation", &beams_excitation_per_A, "1/A", "bloch: beams up to this excitation error");
  table.add("precession", &precession.angle_deg, "degrees", "angle of a precessed beam; 0: none");
  table.add("precession_steps", &precession.azimuths, "", "azimuths that precession averages over");
  table.add("camera_length", &raster.camera.camera_length_mm, "mm", "from the specimen to the camera");
  table.add("half_width", &raster.camera.half_width_mm, "mm", "of the camera, from its middle to its side");
  table.add("pixels_x", &raster.camera.width_px, "px", "of the camera, along x");
  table.add("pixels_y", &raster.camera.height_px, "px", "of the camera, along y");
  table.add("point_spread", &raster.spread.sigma_px, "px", "standard deviation of a spot");
  table.add("lorentzian_share", &raster.spread.lorentzian_share, "", "of a spot, in a pseudo-Voigt shape");
  table.add("lorentzian_width", &raster.spread.lorentzian_px, "px", "half width of the Lorentzian");
  table.add("electrons", &raster.electrons, "", "of all spots together; 0: no noise");
  table.add("background", &raster.background_share, "", "electrons between the spots over those of the spots");
  table.add("background_decay", &raster.background_decay_per_A, "1/A", "it falls as exp(-g / decay); 0: even");
  table.add("beam_stop", &raster.stop.disc_radius_mm, "mm", "radius of a disc that stops the direct beam; 0: none");
  table.add("beam_stop_bar", &raster.stop.bar_width_mm, "mm", "width of the bar that holds it");
  table.add("beam_stop_azimuth", &raster.stop.bar_azimuth_deg, "degrees", "of the bar, from x towards y");
  table.add("saturation", &raster.saturation, "electrons", "largest value of a pixel; 0: none");
  table.add("levels", &raster.levels, "", "steps of the camera's range; 0: no steps");
  table.add("labels", &labels, "", "weaker spots, over the strongest diffracted one, get no label");
  table.add("seed", &seed, "", "of the noise");
  return table;
}

void DiffractOptions::check() const {
  if (method != "kinematical" && method != "two-beam" && method != "bloch" && method != "atoms")
    fail("method '{}' is unknown; use kinematical, two-beam, bloch or atoms", method);
  if (method == "atoms" && precession.angle_deg > 0)
    fail("the method atoms knows no precession; leave --precession out");
  precession.check();
  parse_zone_axis(zone);
  parse_parametrization(parametrization);
  spot_options(*this).check();
  raster.check();
  if (!(std::isfinite(longest_per_A) && longest_per_A >= 0))
    fail("the longest reflection is {} 1/A; give a positive number, or 0 for the camera's corner", longest_per_A);
  if (!(width_nm >= 0 && width_nm <= 1000)) fail("a block {} nm wide; give 0 to 1000", width_nm);
}

Diffraction diffract(const std::string& crystal, const DiffractOptions& options) {
  options.check();
  return options.method == "atoms" ? atom_diffraction(crystal, options) : crystal_diffraction(crystal, options);
}

Diffraction diffract(const std::string& crystal, const DiffractOptions& options, const std::filesystem::path& out,
                     bool overwrite) {
  options.check();
  PendingFolder folder(out, overwrite);
  Diffraction result = diffract(crystal, options);
  if (!result.spots.empty()) {
    write_file(folder / "spots.csv", spot_table(result.spots));
    const std::string svg = to_svg(spot_figure(crystal, options, result));
    write_file(folder / "spots.svg", svg);
    write_png(folder / "spots.png", svg);
  }
  write_image(folder / "pattern.tif", result.pattern);
  write_signal(folder / "pattern.hdf5", options, result.pattern);
  write_png(folder / "pattern.png", to_svg(pattern_figure(crystal, options, result), 536), 1);
  write_file(folder / "run.json", record_of(crystal, options, result).dump(2) + "\n");
  folder.commit();
  return result;
}

std::string to_text(const Diffraction& diffraction) {
  if (diffraction.spots.empty()) return "";
  constexpr std::size_t shown = 12;
  const double most = strongest_diffracted(diffraction.spots);
  std::string text = fmt::format("{} spots; the strongest:\n{:>14}{:>10}{:>12}{:>12}\n", diffraction.spots.size(),
                                 "h k l", "g, 1/A", "s, 1/A", "intensity");
  for (std::size_t n = 0; n < std::min(shown, diffraction.spots.size()); ++n) {
    const auto& spot = diffraction.spots[n];
    text += fmt::format("{:>14}{:>10.4f}{:>12.5f}{:>12.4g}\n",
                        fmt::format("{} {} {}", spot.hkl[0], spot.hkl[1], spot.hkl[2]), spot.g_per_A,
                        spot.excitation_per_A, spot.intensity / most);
  }
  return text;
}

}  // namespace colonnade
