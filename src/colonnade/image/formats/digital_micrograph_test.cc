// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/digital_micrograph.h"

#include <gmock/gmock.h>

#include "colonnade/image/formats/signal_form.h"
#include "colonnade/image/formats/test_damage.h"
#include "colonnade/image/formats/test_vendor_files.h"

namespace colonnade {
namespace {

using namespace test_files;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

class DigitalMicrograph : public TestFolder {
 protected:
  std::filesystem::path write(const std::vector<DmSample>& samples, bool wide = false) {
    return put("image.tif", dm_file(wide, samples));  // known by its content, whatever it is called
  }
};

TEST_F(DigitalMicrograph, BothVersions) {
  for (const bool wide : {false, true}) {
    const Image image = read_image(write({dm_sample({wide})}, wide));
    EXPECT_EQ(image.height, 3);
    EXPECT_EQ(image.width, 4);
    EXPECT_EQ(image.at(1, 2), 6);
    EXPECT_EQ(image.title, "HAADF");
    EXPECT_FLOAT_EQ(float(image.pixel_size_nm), 0.02F);
    EXPECT_EQ(image.intensity, "counts");
    const auto& tem = image.metadata["Acquisition_instrument"]["TEM"];
    EXPECT_EQ(tem["beam_energy"], 200);
    EXPECT_EQ(tem["dwell_time"], 8e-6);
    EXPECT_EQ(tem["convergence_angle"], 21.4);
    EXPECT_EQ(tem["Detector"]["EELS"]["collection_angle"], 30);
    EXPECT_EQ(tem["magnification"], 2e6);
    EXPECT_EQ(tem["acquisition_mode"], "STEM");
    EXPECT_EQ(tem["microscope"], "Titan \u00b5");
    EXPECT_EQ(image.metadata["original_metadata"]["ImageTags"]["Microscope Info"]["Voltage"], 200000);
  }
}

// The trap of a scale in micrometres, and of an origin that counts pixels.
TEST_F(DigitalMicrograph, MicrometresAndOriginsInPixels) {
  DmSample sample = dm_sample({});
  sample.units = {u"\u00b5m", u"\u00b5m"};
  sample.scales = {2e-5F, 2e-5F};
  sample.origins = {-200, 10};
  const auto path = write({sample});
  EXPECT_NEAR(read_image(path).pixel_size_nm, 0.02, 1e-8);
  const auto axes = read_signals(path)[0].axes;
  EXPECT_NEAR(axes[1].offset, 0.004, 1e-9);
  EXPECT_NEAR(axes[0].offset, -0.0002, 1e-9);
}

TEST_F(DigitalMicrograph, BlankAndReciprocalUnits) {
  DmSample sample = dm_sample({});
  sample.units = {u"", u""};
  sample.scales = {1, 1};
  EXPECT_EQ(read_image(write({sample})).pixel_size_nm, 0);
  sample.units = {u"1/nm", u"1/nm"};
  const Image pattern = read_image(write({sample}));
  EXPECT_EQ(pattern.pixel_size_nm, 0);
  EXPECT_THAT(pattern.metadata["scale_source"].get<std::string>(), HasSubstr("'1/nm' is no length"));
}

template <class T>
std::string numbers(const std::vector<T>& values) {
  std::string bytes;
  for (const T value : values) bytes += bytes_of(value);
  return bytes;
}

TEST_F(DigitalMicrograph, EveryRealType) {
  struct Case {
    int data_type, code;
    std::string data;
    SampleType type;
  };
  const Case cases[] = {{1, 2, numbers<std::int16_t>({-3, 5}), SampleType::int16},
                        {2, 6, numbers<float>({-3, 5}), SampleType::float32},
                        {7, 3, numbers<std::int32_t>({-3, 5}), SampleType::int32},
                        {9, 9, numbers<std::int8_t>({-3, 5}), SampleType::int8},
                        {12, 7, numbers<double>({-3, 5}), SampleType::float64},
                        {39, 11, numbers<std::int64_t>({-3, 5}), SampleType::int64},
                        {6, 8, numbers<std::uint8_t>({253, 5}), SampleType::uint8},
                        {10, 4, numbers<std::uint16_t>({253, 5}), SampleType::uint16},
                        {11, 5, numbers<std::uint32_t>({253, 5}), SampleType::uint32},
                        {40, 12, numbers<std::uint64_t>({253, 5}), SampleType::uint64},
                        {14, 8, numbers<std::uint8_t>({1, 0}), SampleType::boolean}};
  for (const Case& one : cases) {
    DmSample sample;
    sample.sizes = {2, 1};
    sample.data_type = one.data_type;
    sample.array_code = one.code;
    sample.data = one.data;
    sample.count = 2;
    const auto path = write({sample});
    SCOPED_TRACE(type_name(one.type));
    EXPECT_EQ(read_signals(path)[0].type, one.type);
    const auto data = read_image(path).data;
    const bool is_signed = one.data_type != 14 && data[0] < 0;
    EXPECT_THAT(data, one.data_type == 14 ? ElementsAre(1, 0) : ElementsAre(is_signed ? -3 : 253, 5));
  }
}

TEST_F(DigitalMicrograph, ComplexAndColourAreRefusedByName) {
  for (const auto& [type, word] : {std::pair(3, "complex"), std::pair(13, "complex"), std::pair(5, "complex"),
                                   std::pair(23, "colour"), std::pair(99, "data type 99")}) {
    DmSample sample = dm_sample({});
    sample.data_type = type;
    const auto path = write({sample});
    EXPECT_THAT(message_of([&, file = path] { read_image(file); }), AllOf(HasSubstr("'HAADF'"), HasSubstr(word)));
    EXPECT_THAT(signal_list(path)[0].form, HasSubstr("refused"));
  }
}

TEST_F(DigitalMicrograph, ComplexImagesDoNotHideOthers) {
  DmSample transform = dm_sample({});
  transform.data_type = 13;
  transform.name = u"FFT of HAADF";
  EXPECT_EQ(read_image(write({dm_sample({}), transform})).title, "HAADF");
}

TEST_F(DigitalMicrograph, SeveralImagesAreAskedFor) {
  DmSample second = dm_sample({});
  second.name = u"BF";
  second.data = numbers<float>({9, 8, 7, 6, 5, 4, 3, 2, 1, 0, -1, -2});
  const auto path = write({dm_sample({}), second});
  EXPECT_THAT(message_of([&] { read_image(path); }),
              AllOf(HasSubstr("holds 2 images: 'HAADF', 'BF'"), HasSubstr("--signal")));
  EXPECT_EQ(read_image(path, {"BF", 0}).at(0, 0), 9);
  EXPECT_EQ(read_image(path, {"2", 0}).at(0, 1), 8);
  EXPECT_THAT(message_of([&] { read_image(path, {"3", 0}); }), HasSubstr("no signal '3'; it holds 'HAADF', 'BF'"));
}

DmSample spectra(std::vector<int> sizes, std::vector<std::u16string> units, const std::u16string& format) {
  DmSample sample;
  std::size_t count = 1;
  for (const int size : sizes) count *= std::size_t(size);
  sample.sizes = std::move(sizes);
  sample.units = std::move(units);
  sample.scales.assign(sample.sizes.size(), 0.5F);
  sample.origins.assign(sample.sizes.size(), 0);
  sample.data = ramp(count);
  sample.count = std::int64_t(count);
  const DmTagWriter tags;
  sample.image_tags = {tags.group("Meta Data", {tags.text("Format", format), tags.text("Signal", u"EELS")})};
  return sample;
}

TEST_F(DigitalMicrograph, ASpectrumIsRefusedByName) {
  const auto path = write({spectra({20, 1}, {u"eV", u""}, u"Spectrum")});
  EXPECT_THAT(message_of([&] { read_image(path); }), HasSubstr("holds a spectrum (EELS, 20 channels), not an image"));
  EXPECT_EQ(read_signals(path)[0].read(0, 20)[7], 7);
}

// Planes of one energy each in the file; spectra at each point here.
TEST_F(DigitalMicrograph, SpectrumImagesAreTurned) {
  const auto path = write({spectra({3, 2, 5}, {u"nm", u"nm", u"eV"}, u"Spectrum image")});
  const auto signals = read_signals(path);
  ASSERT_EQ(signals[0].axes.size(), 3U);
  EXPECT_EQ(form_of(signals[0]), SignalForm::spectrum_image);
  EXPECT_EQ(signals[0].axes[2].unit, "eV");
  EXPECT_EQ(signals[0].axes[0].size, 2);
  const auto all = signals[0].read(0, 2), lower = signals[0].read(1, 1);
  for (int y = 0; y < 2; ++y) {
    for (int x = 0; x < 3; ++x) {
      for (int energy = 0; energy < 5; ++energy) {
        const auto stored = float(energy * 6 + y * 3 + x);
        EXPECT_EQ(all[std::size_t((y * 3 + x) * 5 + energy)], stored);
        EXPECT_EQ(y == 1 ? lower[std::size_t(x * 5 + energy)] : stored, stored);
      }
    }
  }
  EXPECT_THAT(message_of([&] { read_image(path); }),
              HasSubstr("a spectrum image (EELS, 5 channels at 2 x 3 points), not an image"));
}

TEST_F(DigitalMicrograph, StacksAreFrames) {
  DmSample sample = spectra({4, 3, 2}, {u"nm", u"nm", u"s"}, u"Image");
  const auto path = write({sample});
  EXPECT_EQ(read_image(path).at(0, 1), 7);  // of 1 and 13
  EXPECT_EQ(read_image(path, {"", 2}).at(0, 1), 13);
  EXPECT_EQ(read_frames(path).size(), 2U);
  EXPECT_THAT(message_of([&] { read_image(path, {"", 3}); }), HasSubstr("no frame 3, only 1 to 2"));
}

TEST_F(DigitalMicrograph, DamageIsReadOrRefusedInOneLine) {
  for (const bool wide : {false, true}) {
    expect_sound_under_damage(at(""), dm_file(wide, {dm_sample({wide})}), 150, wide ? 2 : 1);
  }
}

TEST_F(DigitalMicrograph, AbsurdClaims) {
  DmSample sample = dm_sample({});
  sample.sizes = {1 << 30, 1 << 30};
  EXPECT_THAT(message_of([&] { read_image(write({sample})); }), HasSubstr("damaged"));
  sample = dm_sample({});
  sample.count = 1LL << 30;
  EXPECT_THAT(message_of([&] { read_image(write({sample})); }), HasSubstr("truncated"));
  sample.sizes = {4, 4};
  sample.count = 12;
  EXPECT_THAT(message_of([&] { read_image(write({sample})); }), HasSubstr("damaged: 48 bytes for an image of (4, 4)"));
  const DmTagWriter tags;
  std::string nested = tags.group("", {});
  for (int i = 0; i < 5000; ++i) nested = tags.head(20, "", 0) + tags.content({nested});
  EXPECT_THAT(message_of([&] { read_image(put("a", tags.file({nested}))); }), HasSubstr("nested too deep"));
  std::string many = tags.file({});
  many.replace(14, 4, "\x7F\xFF\xFF\xFF");
  EXPECT_THAT(message_of([&] { read_image(put("a", many)); }), HasSubstr("a group of 2147483647 tags"));
}

}  // namespace
}  // namespace colonnade
