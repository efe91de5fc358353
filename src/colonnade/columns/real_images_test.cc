// SPDX-License-Identifier: GPL-3.0-or-later
// Columns of real and published micrographs, where these lie beside the project.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <gtest/gtest.h>
#include <sstream>

#include "colonnade/columns/counts.h"
#include "colonnade/columns/cross_section.h"
#include "colonnade/columns/find_columns.h"
#include "colonnade/columns/test_images.h"
#include "colonnade/core/file.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/hdf5_file.h"

namespace colonnade {
namespace {

std::filesystem::path shared(const std::string& name) { return std::filesystem::path(COLONNADE_SHARED_DATA) / name; }

#define NEED(name) \
  if (!std::filesystem::exists(shared(name))) GTEST_SKIP() << "no " << shared(name)

struct Share {
  double found = 0, real = 0;  ///< of the reference, of what was found
};

Share share(const std::vector<Point>& reference, const std::vector<Point>& found, double distance) {
  const std::vector<int> partner = match_points(reference, found, distance);
  const auto matched = double(partner.size() - std::count(partner.begin(), partner.end(), -1));
  return {matched / double(reference.size()), matched / double(found.size())};
}

double squared_correlation(const std::vector<double>& a, const std::vector<double>& b) {
  double mean_a = 0, mean_b = 0, aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    mean_a += a[i] / double(a.size());
    mean_b += b[i] / double(b.size());
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    aa += std::pow(a[i] - mean_a, 2);
    bb += std::pow(b[i] - mean_b, 2);
    ab += (a[i] - mean_a) * (b[i] - mean_b);
  }
  return ab * ab / (aa * bb);
}

TEST(RealImages, PtIrParticleAgreesWithAnotherProgram) {
  NEED("micrographs/ptir_nanoparticle.tif");
  const Image image = read_image(shared("micrographs/ptir_nanoparticle.tif"));
  ASSERT_NEAR(image.pixel_size_nm, 0.01211, 1e-5);
  const double pixel_A = image.pixel_size_nm * 10;
  std::istringstream table(read_file(shared("micrographs/ptir_nanoparticle_columns.csv")));
  std::string line;
  std::getline(table, line);
  std::vector<Point> reference;
  std::vector<double> sections;
  while (std::getline(table, line)) {
    double x = 0, y = 0, height = 0, sigma = 0;
    ASSERT_EQ(std::sscanf(line.c_str(), "%lf,%lf,%lf,%lf", &x, &y, &height, &sigma), 4);
    reference.push_back({x / pixel_A, y / pixel_A});
    sections.push_back(2 * M_PI * sigma * sigma * height / 100);
  }
  ASSERT_EQ(reference.size(), 140U);
  auto columns = find_columns(image);
  const Share at_first = share(reference, places(columns), 0.5 / pixel_A);
  EXPECT_GE(at_first.found, 0.95);
  EXPECT_GE(at_first.real, 0.95);
  fit_gaussians(image, columns);
  const Share fitted = share(reference, places(columns), 0.5 / pixel_A);
  EXPECT_GE(fitted.found, 0.95);
  EXPECT_GE(fitted.real, 0.95);
  const std::vector<int> partner = match_points(reference, places(columns), 0.5 / pixel_A);
  const std::vector<double> cells = voronoi_cross_sections(image, columns);
  std::vector<double> theirs, ours, by_cells;
  for (std::size_t i = 0; i < partner.size(); ++i)
    if (partner[i] >= 0) {
      theirs.push_back(sections[i]);
      ours.push_back(columns[partner[i]].cross_section_nm2);
      by_cells.push_back(cells[partner[i]]);
    }
  EXPECT_GE(squared_correlation(theirs, ours), 0.98);
  EXPECT_GE(squared_correlation(theirs, by_cells), 0.95);
  EXPECT_NEAR(columns[0].sigma_px * pixel_A, 0.65771, 0.01);
  std::cout << "before the fit: recall " << at_first.found << ", precision " << at_first.real << "; after: found "
            << columns.size() << ", recall " << fitted.found << ", precision " << fitted.real << ", R2 "
            << squared_correlation(theirs, ours) << ", Voronoi R2 " << squared_correlation(theirs, by_cells) << "\n";
}

/// The planes of a little-endian float32 array of three dimensions in NumPy's format.
std::vector<Image> read_planes(const std::filesystem::path& path, int count, int size) {
  const std::string bytes = read_file(path);
  const std::size_t plane = std::size_t(size) * size;
  std::vector<Image> planes(count, Image(size, size, 0.02));
  const std::size_t header = bytes.size() - count * plane * sizeof(float);
  for (int i = 0; i < count; ++i)
    std::memcpy(planes[i].data.data(), bytes.data() + header + i * plane * sizeof(float), plane * sizeof(float));
  return planes;
}

/// Columns of count maps: maxima of their sum above a half, away from the edge by `margin`.
std::vector<Point> labelled(const std::vector<Image>& planes, int margin) {
  Image sum = planes[1];
  for (std::size_t i = 2; i < planes.size(); ++i)
    for (std::size_t k = 0; k < sum.data.size(); ++k) sum.data[k] += planes[i].data[k];
  std::vector<Point> peaks;
  for (int y = margin; y < sum.height - margin; ++y)
    for (int x = margin; x < sum.width - margin; ++x) {
      bool highest = sum.at(y, x) > 0.5F;
      for (int j = -1; j <= 1; ++j)
        for (int i = -1; i <= 1; ++i) highest = highest && ((!i && !j) || sum.at(y, x) > sum.at(y + j, x + i));
      if (highest) peaks.push_back({double(x), double(y)});
    }
  return peaks;
}

TEST(RealImages, SimulatedParticlesAgreeWithTheirLabels) {
  NEED("hea-labelled/test_1.npy");
  for (const char* name : {"test_1", "test_2", "train_1", "train_12", "train_2"}) {
    const auto planes = read_planes(shared(std::string("hea-labelled/") + name + ".npy"), 6, 256);
    auto columns = find_columns(planes[0]);
    constexpr int margin = 3;
    std::erase_if(columns, [](const Column& column) {
      return std::min({column.x_px, column.y_px, 255 - column.x_px, 255 - column.y_px}) < margin;
    });
    const std::vector<Point> truth = labelled(planes, margin);
    const Share all = share(truth, places(columns), 3);
    EXPECT_GE(all.found, 0.97) << name;
    EXPECT_GE(all.real, 0.97) << name;
    std::cout << name << ": " << truth.size() << " columns, recall " << all.found << ", precision " << all.real << "\n";
  }
}

TEST(RealImages, LabelsReadBackAsWholeNumbers) {
  NEED("hea-labelled/test_1.npy");
  const auto planes = read_planes(shared("hea-labelled/test_1.npy"), 6, 256);
  std::vector<Column> columns;
  for (const Point& peak : labelled(planes, 8)) {
    columns.emplace_back();
    columns.back().x_px = peak.x;
    columns.back().y_px = peak.y;
  }
  const auto counts = read_counts({planes.begin() + 1, planes.end()}, columns);
  int whole = 0, all = 0;
  for (const auto& row : counts)
    for (double count : row) {
      whole += std::abs(count - std::round(count)) < 0.15;
      ++all;
    }
  EXPECT_GT(whole, 0.9 * all);
}

TEST(RealImages, GoldParticleOnAStrongSupport) {
  NEED("micrographs/temul_Au_NP_Atom_Lattice.hdf5");
  const Hdf5File file(shared("micrographs/temul_Au_NP_Atom_Lattice.hdf5"), Hdf5File::Mode::read);
  Image image(479, 504, 0.009);  // the file has no scale; this makes the spacing that of gold
  image.data = file.read_floats("image_data0");
  const std::vector<double> positions = file.read_doubles("_sublattice/atom_positions");
  std::vector<Point> reference;
  for (std::size_t i = 0; i + 1 < positions.size(); i += 2) reference.push_back({positions[i], positions[i + 1]});
  const Share all = share(reference, places(find_columns(image)), 12);
  // The reference follows a regular lattice into places where nothing is seen.
  EXPECT_GE(all.found, 0.75);
  EXPECT_GE(all.real, 0.75);
  std::cout << "recall " << all.found << ", precision " << all.real << "\n";
}

struct Lattice {
  const char* name;
  double spacing_nm;  ///< between nearest columns
  double area_nm2;    ///< of the image per column
};

TEST(RealImages, CrystalsAreFilledWithColumns) {
  // SrTiO3 (a = 0.3905 nm): along [110] Sr and Ti-O columns in turn, a/2 and a/sqrt(2) apart; along [001] Sr and Ti-O.
  for (const Lattice& lattice : {Lattice{"micrographs/atomap_ADF_cropped.hdf5", 0.195, 0.195 * 0.276},
                                 Lattice{"micrographs/Acquisition_18.emd", 0.276, 0.3905 * 0.3905 / 2},
                                 Lattice{"micrographs/temul_PTO_SRO.hspy", 0.276, 0.39 * 0.39 / 2}}) {
    if (!std::filesystem::exists(shared(lattice.name))) continue;
    Image image = read_image(shared(lattice.name));
    ASSERT_GT(image.pixel_size_nm, 0) << lattice.name;
    const auto columns = find_columns(image);
    const double area = image.height * image.width * image.pixel_size_nm * image.pixel_size_nm;
    EXPECT_NEAR(double(columns.size()) * lattice.area_nm2 / area, 1, 0.15) << lattice.name;
    EXPECT_NEAR(typical_spacing(places(columns)) * image.pixel_size_nm / lattice.spacing_nm, 1, 0.12) << lattice.name;
    std::cout << lattice.name << ": " << columns.size() << " columns, "
              << typical_spacing(places(columns)) * image.pixel_size_nm << " nm apart\n";
  }
}

}  // namespace
}  // namespace colonnade
