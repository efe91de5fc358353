// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/filter.h"

#include <gmock/gmock.h>
#include <numbers>
#include <numeric>

#include "colonnade/core/random.h"
#include "colonnade/image/test_folder.h"

namespace colonnade {
namespace {

using testing::HasSubstr;

constexpr double two_pi = 2 * std::numbers::pi;

Image random_image(int height, int width) {
  Random random(7);
  Image image(height, width, 0.02);
  for (float& value : image.data) value = float(random.uniform(-1, 3));
  return image;
}

/// One mirror at a time, as a person would do it.
int mirrored(int i, int size) {
  while (i < 0 || i >= size) i = i < 0 ? -1 - i : 2 * size - 1 - i;
  return i;
}

/// The definition: a two-dimensional sum in double precision.
Image direct_filter(const Image& image, double sigma) {
  const int radius = int(4 * sigma + 0.5);
  double norm = 0;
  for (int k = -radius; k <= radius; ++k) norm += std::exp(-0.5 * k * k / (sigma * sigma));
  Image result = image;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      double sum = 0;
      for (int v = -radius; v <= radius; ++v) {
        const int row = mirrored(y + v, image.height);
        for (int u = -radius; u <= radius; ++u) {
          sum += std::exp(-0.5 * (u * u + v * v) / (sigma * sigma)) * image.at(row, mirrored(x + u, image.width));
        }
      }
      result.at(y, x) = float(sum / (norm * norm));
    }
  }
  return result;
}

/// The amplitude that the truncated, normalised kernel leaves of a cosine of frequency f (per pixel).
double transfer(double sigma, double f) {
  const int radius = int(4 * sigma + 0.5);
  double sum = 0, norm = 0;
  for (int k = -radius; k <= radius; ++k) {
    const double weight = std::exp(-0.5 * k * k / (sigma * sigma));
    sum += weight * std::cos(two_pi * f * k);
    norm += weight;
  }
  return sum / norm;
}

struct Case {
  int height, width;
  double sigma;
};

class GaussianFilter : public testing::TestWithParam<Case> {};

TEST_P(GaussianFilter, AgreesWithTheDirectSum) {
  const auto [height, width, sigma] = GetParam();
  const Image image = random_image(height, width);
  const Image expected = direct_filter(image, sigma), found = gaussian_filter(image, sigma);
  ASSERT_EQ(found.data.size(), expected.data.size());
  for (std::size_t i = 0; i < found.data.size(); ++i) ASSERT_NEAR(found.data[i], expected.data[i], 4e-6) << i;
}

// The last ones have kernels that cover the image several times.
INSTANTIATE_TEST_SUITE_P(Sizes, GaussianFilter,
                         testing::Values(Case{23, 37, 0.6}, Case{23, 37, 1}, Case{16, 32, 2.3}, Case{1, 9, 1.2},
                                         Case{9, 1, 1.2}, Case{1, 1, 3}, Case{2, 3, 5}, Case{13, 18, 12},
                                         Case{33, 5, 20}));

TEST(GaussianFilterFacts, KnownValuesOfALine) {
  // A unit step; the weights exp(-k^2/2) are 1, 0.606531, 0.135335, 0.011109, 0.000335 over their sum 2.506621.
  Image image(1, 9);
  for (int x = 4; x < 9; ++x) image.at(0, x) = 1;
  const Image filtered = gaussian_filter(image, 1);
  EXPECT_NEAR(filtered.at(0, 3), 0.300528, 2e-6);
  EXPECT_NEAR(filtered.at(0, 4), 0.699472, 2e-6);
  EXPECT_NEAR(filtered.at(0, 0), 0.000134, 2e-6);
}

TEST(GaussianFilterFacts, ZeroCopiesAndConstantsStay) {
  const Image image = random_image(9, 14);
  EXPECT_EQ(gaussian_filter(image, 0).data, image.data);
  Image constant(40, 30);
  std::fill(constant.data.begin(), constant.data.end(), 2.5F);
  for (const float value : gaussian_filter(constant, 50).data) EXPECT_NEAR(value, 2.5F, 2e-6);
}

TEST(GaussianFilterFacts, CosineKeepsItsShape) {
  // Half-sample symmetric cosines are what reflected edges leave as they are.
  const int size = 64;
  for (const double sigma : {2.0, 50.0}) {
    for (const int waves : {1, 3, 10}) {
      const double f = waves / (2.0 * size);
      Image image(48, size);
      for (int y = 0; y < 48; ++y) {
        for (int x = 0; x < size; ++x) image.at(y, x) = float(std::cos(two_pi * f * (x + 0.5)));
      }
      const Image filtered = gaussian_filter(image, sigma);
      for (int x = 0; x < size; ++x) {
        EXPECT_NEAR(filtered.at(17, x), transfer(sigma, f) * image.at(17, x), 3e-6);
      }
      if (sigma == 2) {
        EXPECT_NEAR(transfer(sigma, f), std::exp(-0.5 * std::pow(two_pi * f * sigma, 2)), 1e-4);
      }
    }
  }
}

TEST(GaussianFilterFacts, SumIsKept) {
  const Image image = random_image(61, 47);
  EXPECT_NEAR(mean(gaussian_filter(image, 6.5)), mean(image), 1e-6);
}

TEST(GaussianFilterFacts, ThreadsChangeNothing) {
  // Large enough for threads; a part far from every edge must equal the filtered part of a crop.
  const Image image = random_image(1400, 1100);
  const Image whole = gaussian_filter(image, 30);
  const Image part = gaussian_filter(crop(image, 300, 200, 500, 500), 30);
  for (int y = 150; y < 350; y += 13) {
    for (int x = 150; x < 350; x += 7) EXPECT_NEAR(whole.at(300 + y, 200 + x), part.at(y, x), 2e-6);
  }
}

TEST(GaussianFilterFacts, RefusesNonsense) {
  const Image image = random_image(4, 4);
  EXPECT_THAT(message_of([&] { gaussian_filter(image, -1); }), HasSubstr("sigma is -1"));
  EXPECT_THAT(message_of([&] { gaussian_filter(image, std::nan("")); }), HasSubstr("sigma"));
  EXPECT_THAT(message_of([&] { gaussian_filter(image, 1e9); }), HasSubstr("sigma"));
  EXPECT_THAT(message_of([&] { gaussian_filter(Image(), 1); }), HasSubstr("empty"));
}

/// A smooth pattern at positions in nm.
double pattern(double y_nm, double x_nm) {
  return 2 + std::cos(two_pi * x_nm / 0.5 + 0.3) + 0.5 * std::cos(two_pi * y_nm / 0.7 - 1);
}

Image sampled_pattern(int height, int width, double pixel_nm) {
  Image image(height, width, pixel_nm);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) image.at(y, x) = float(pattern(y * pixel_nm, x * pixel_nm));
  }
  return image;
}

TEST(Resample, SamePixelSizeIsIdentity) {
  Image image = random_image(13, 17);
  image.title = "Pt";
  const Image same = resample(image, image.pixel_size_nm);
  EXPECT_EQ(same.data, image.data);
  EXPECT_EQ(same.height, 13);
  EXPECT_EQ(same.title, "Pt");
}

TEST(Resample, FinerAgreesWithTheClosedForm) {
  const Image fine = resample(sampled_pattern(80, 100, 0.02), 0.0125);
  EXPECT_EQ(fine.pixel_size_nm, 0.0125);
  EXPECT_EQ(fine.height, int(79 * 0.02 / 0.0125) + 1);
  EXPECT_EQ(fine.width, int(99 * 0.02 / 0.0125) + 1);
  for (int y = 4; y < fine.height - 4; ++y) {
    for (int x = 4; x < fine.width - 4; ++x) {
      ASSERT_NEAR(fine.at(y, x), pattern(y * 0.0125, x * 0.0125), 2e-3) << y << ' ' << x;
    }
  }
}

TEST(Resample, ErrorFallsWithTheThirdPowerOfThePixel) {
  const auto worst = [](double pixel_nm) {
    const int size = int(2 / pixel_nm);
    const Image fine = resample(sampled_pattern(size, size, pixel_nm), 0.37 * pixel_nm);
    double error = 0;
    for (int y = 12; y < fine.height - 12; ++y) {
      for (int x = 12; x < fine.width - 12; ++x) {
        const double step = fine.pixel_size_nm;
        error = std::max(error, std::abs(fine.at(y, x) - pattern(y * step, x * step)));
      }
    }
    return error;
  };
  EXPECT_GT(worst(0.04) / worst(0.02), 7);
}

TEST(Resample, CoarserBlursByHalfAPixelAndKeepsTheOrigin) {
  const double old_nm = 0.01, new_nm = 0.025, sigma = 0.5 * std::sqrt(2.5 * 2.5 - 1);
  const Image coarse = resample(sampled_pattern(300, 300, old_nm), new_nm);
  const double kept_x = transfer(sigma, old_nm / 0.5), kept_y = transfer(sigma, old_nm / 0.7);
  for (int y = 5; y < coarse.height - 5; ++y) {
    for (int x = 5; x < coarse.width - 5; ++x) {
      const double expected = 2 + kept_x * std::cos(two_pi * x * new_nm / 0.5 + 0.3) +
                              0.5 * kept_y * std::cos(two_pi * y * new_nm / 0.7 - 1);
      ASSERT_NEAR(coarse.at(y, x), expected, 1e-3);
    }
  }
}

TEST(Resample, RefusesNonsense) {
  Image image = random_image(4, 4);
  EXPECT_THAT(message_of([&] { resample(image, 0); }), HasSubstr("above 0"));
  EXPECT_THAT(message_of([&] { resample(image, std::nan("")); }), HasSubstr("above 0"));
  EXPECT_THAT(message_of([&] { resample(image, 1e-9); }), HasSubstr("too many"));
  EXPECT_THAT(message_of([&] { resample(image, 0.081); }), HasSubstr("larger than the whole image"));
  EXPECT_EQ(resample(image, 0.08).data.size(), 1U);
  image.pixel_size_nm = 0;
  EXPECT_THAT(message_of([&] { resample(image, 0.1); }), HasSubstr("unknown"));
}

}  // namespace
}  // namespace colonnade
