// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/tiff.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <gmock/gmock.h>
#include <limits>
#include <map>

#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/test_folder.h"

namespace colonnade {
namespace {

using namespace std::string_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

enum FieldType : std::uint16_t { ascii = 2, shorts = 3, longs = 4, rational = 5, doubles = 12 };

template <class T>
std::string bytes_of(T value, bool big_endian) {
  std::string text(reinterpret_cast<const char*>(&value), sizeof value);
  if (big_endian) std::reverse(text.begin(), text.end());
  return text;
}

/// A TIFF file byte by byte: pages of raw strips or tiles with any tags.
class Builder {
 public:
  struct Field {
    FieldType type;
    std::uint32_t count;
    std::string bytes;
  };
  using Page = std::map<std::uint16_t, Field>;

  explicit Builder(bool big_endian = false) : big_(big_endian), file_(big_endian ? "MM\0*"s : "II*\0"s) {
    file_ += bytes(std::uint32_t(0));
    link_ = 4;
  }
  template <class T>
  std::string bytes(T value) const {
    return bytes_of(value, big_);
  }
  Field number(std::uint32_t value) const { return {longs, 1, bytes(value)}; }
  Field numbers(const std::vector<std::uint32_t>& values) const {
    std::string text;
    for (const std::uint32_t value : values) text += bytes(value);
    return {longs, std::uint32_t(values.size()), text};
  }
  Field short_numbers(const std::vector<std::uint16_t>& values) const {
    std::string text;
    for (const std::uint16_t value : values) text += bytes(value);
    return {shorts, std::uint32_t(values.size()), text};
  }
  Field text(const std::string& value) const { return {ascii, std::uint32_t(value.size() + 1), value + '\0'}; }
  Field fraction(std::uint32_t up, std::uint32_t down) const { return {rational, 1, bytes(up) + bytes(down)}; }
  Field real(double value) const { return {doubles, 1, bytes(value)}; }

  std::uint32_t append(const std::string& data) {
    const auto offset = std::uint32_t(file_.size());
    file_ += data;
    if (file_.size() % 2) file_ += '\0';
    return offset;
  }
  /// Grey, uncompressed, one strip; `height` and `width` of the test's image unless stated.
  Page page(int bits, int format, const std::string& pixels, std::uint32_t height = 2, std::uint32_t width = 3) {
    const std::uint32_t offset = append(pixels);
    return {{256, number(width)},
            {257, number(height)},
            {258, short_numbers({std::uint16_t(bits)})},
            {259, short_numbers({1})},
            {262, short_numbers({1})},
            {273, number(offset)},
            {277, short_numbers({1})},
            {278, number(height)},
            {279, number(std::uint32_t(pixels.size()))},
            {339, short_numbers({std::uint16_t(format)})}};
  }
  Builder& add(const Page& page) {
    std::map<std::uint16_t, std::string> values;
    for (const auto& [tag, field] : page) {
      values[tag] = field.bytes.size() > 4 ? bytes(append(field.bytes)) : (field.bytes + "\0\0\0"s).substr(0, 4);
    }
    const std::uint32_t start = append("");
    file_.replace(link_, 4, bytes(start));
    file_ += bytes(std::uint16_t(page.size()));
    for (const auto& [tag, field] : page) {
      file_ += bytes(tag) + bytes(std::uint16_t(field.type)) + bytes(field.count) + values[tag];
    }
    link_ = file_.size();
    file_ += bytes(std::uint32_t(0));
    return *this;
  }
  const std::string& file() const { return file_; }

 private:
  bool big_;
  std::string file_;
  std::size_t link_;
};

template <class T>
std::string pixels_of(const std::vector<double>& values, bool big_endian = false) {
  std::string bytes;
  for (const double value : values) bytes += bytes_of(T(value), big_endian);
  return bytes;
}

const std::vector<double> six = {1, 2, 3, 4, 5, 100};

class Tiff : public TestFolder {
 protected:
  Image read(const Builder& builder) const { return read_image(put("a.tif", builder.file())); }
  std::string error(const std::string& bytes) const {
    return message_of([&] { read_image(put("a.tif", bytes)); });
  }
  std::string error(const Builder& builder) const { return error(builder.file()); }
  /// What reading prints.
  std::string warning(const Builder& builder) const {
    testing::internal::CaptureStderr();
    read(builder);
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(Tiff, EveryTypeInBothByteOrders) {
  for (const bool big : {false, true}) {
    const auto check = [&](int bits, int format, const std::string& pixels) {
      Builder builder(big);
      const Image image = read(builder.add(builder.page(bits, format, pixels)));
      EXPECT_THAT(image.data, ElementsAre(1, 2, 3, 4, 5, 100)) << bits << ' ' << format << ' ' << big;
      EXPECT_EQ(image.height, 2);
    };
    check(8, 1, pixels_of<std::uint8_t>(six, big));
    check(8, 2, pixels_of<std::int8_t>(six, big));
    check(16, 1, pixels_of<std::uint16_t>(six, big));
    check(16, 2, pixels_of<std::int16_t>(six, big));
    check(16, 3, pixels_of<std::uint16_t>({0x3C00, 0x4000, 0x4200, 0x4400, 0x4500, 0x5640}, big));
    check(32, 1, pixels_of<std::uint32_t>(six, big));
    check(32, 2, pixels_of<std::int32_t>(six, big));
    check(32, 3, pixels_of<float>(six, big));
    check(64, 1, pixels_of<std::uint64_t>(six, big));
    check(64, 2, pixels_of<std::int64_t>(six, big));
    check(64, 3, pixels_of<double>(six, big));
  }
}

TEST_F(Tiff, SignsAndRanges) {
  Builder builder;
  EXPECT_THAT(read(builder.add(builder.page(16, 2, pixels_of<std::int16_t>({-1, -32768, 0, 1, 2, 32767})))).data,
              ElementsAre(-1, -32768, 0, 1, 2, 32767));
  Builder other;
  EXPECT_THAT(read(other.add(other.page(32, 1, pixels_of<std::uint32_t>({4294967040.0, 0, 0, 1, 2, 3})))).data,
              ElementsAre(4294967040.0F, 0, 0, 1, 2, 3));
}

TEST_F(Tiff, ManyStripsAndTiles) {
  for (const bool big : {false, true}) {
    Builder strips(big);
    auto page = strips.page(16, 1, pixels_of<std::uint16_t>({1, 2, 3}, big));
    const std::uint32_t second = strips.append(pixels_of<std::uint16_t>({4, 5, 100}, big));
    page[278] = strips.number(1);
    page[273] = strips.numbers({8, second});
    page[279] = strips.numbers({6, 6});
    EXPECT_THAT(read(strips.add(page)).data, ElementsAre(1, 2, 3, 4, 5, 100));

    // 18 x 20 pixels in tiles of 16 x 16, each pixel 100 y + x.
    Builder tiles(big);
    auto tiled = tiles.page(16, 1, "", 18, 20);
    std::vector<std::uint32_t> offsets;
    for (int top : {0, 16}) {
      for (int left : {0, 16}) {
        std::vector<double> values;
        for (int i = 0; i < 256; ++i) values.push_back(100 * (top + i / 16) + left + i % 16);
        offsets.push_back(tiles.append(pixels_of<std::uint16_t>(values, big)));
      }
    }
    for (const std::uint16_t tag : {273, 278, 279}) tiled.erase(tag);
    tiled[322] = tiles.number(16);
    tiled[323] = tiles.number(16);
    tiled[324] = tiles.numbers(offsets);
    tiled[325] = tiles.numbers({512, 512, 512, 512});
    const Image image = read(tiles.add(tiled));
    ASSERT_EQ(image.width, 20);
    for (int y = 0; y < 18; ++y) {
      for (int x = 0; x < 20; ++x) ASSERT_EQ(image.at(y, x), 100 * y + x);
    }
  }
}

TEST_F(Tiff, PackBits) {
  Builder builder;
  auto page = builder.page(8, 1, "\2\1\2\3\2\4\5\x64"s);
  page[259] = builder.short_numbers({32773});
  EXPECT_THAT(read(builder.add(page)).data, ElementsAre(1, 2, 3, 4, 5, 100));
}

TEST_F(Tiff, WhiteIsZero) {
  Builder builder;
  auto page = builder.page(8, 1, pixels_of<std::uint8_t>(six));
  page[262] = builder.short_numbers({0});
  EXPECT_THAT(read(builder.add(page)).data, ElementsAre(254, 253, 252, 251, 250, 155));
  Builder floats;
  page = floats.page(32, 3, pixels_of<float>(six));
  page[262] = floats.short_numbers({0});
  EXPECT_THAT(read(floats.add(page)).data, ElementsAre(-1, -2, -3, -4, -5, -100));
}

TEST_F(Tiff, ColoursOnlyWhereTheyAreGrey) {
  const auto make = [](std::uint16_t planar, std::uint16_t samples, const std::string& pixels) {
    Builder builder;
    auto page = builder.page(8, 1, pixels);
    page[258] = builder.short_numbers(std::vector<std::uint16_t>(samples, 8));
    page[262] = builder.short_numbers({2});
    page[277] = builder.short_numbers({samples});
    page[284] = builder.short_numbers({planar});
    page[339] = builder.short_numbers(std::vector<std::uint16_t>(samples, 1));
    if (samples == 4) page[338] = builder.short_numbers({2});
    if (planar == 2) page[273] = builder.numbers({8, 14, 20});
    if (planar == 2) page[279] = builder.numbers({6, 6, 6});
    return builder.add(page);
  };
  EXPECT_THAT(read(make(1, 3, "\1\1\1\2\2\2\3\3\3\4\4\4\5\5\5\6\6\6")).data, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(error(make(1, 3, "\1\1\1\2\2\2\3\3\3\4\4\4\5\5\5\6\6\7")),
              HasSubstr("a.tif: colour image: export as greyscale"));
  EXPECT_THAT(read(make(2, 3, "\1\2\3\4\5\6\1\2\3\4\5\6\1\2\3\4\5\6")).data, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(error(make(2, 3, "\1\2\3\4\5\6\1\2\3\4\5\6\1\2\3\4\5\7")), HasSubstr("colour"));
  EXPECT_THAT(read(make(1, 4, "\1\1\1\7\2\2\2\7\3\3\3\7\4\4\4\7\5\5\5\7\6\6\6\7")).data, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(error(make(1, 4, "\1\1\1\7\2\2\2\7\3\3\3\7\4\4\4\7\5\5\5\7\6\6\6\1")), HasSubstr("transparent"));
}

TEST_F(Tiff, PalettesOnlyWhereTheyAreGrey) {
  std::vector<std::uint16_t> map(768);
  for (std::size_t i = 0; i < 768; ++i) map[i] = std::uint16_t(257 * (255 - i % 256));
  const auto make = [&] {
    Builder builder;
    auto page = builder.page(8, 1, pixels_of<std::uint8_t>(six));
    page[262] = builder.short_numbers({3});
    page[320] = builder.short_numbers(map);
    return builder.add(page);
  };
  EXPECT_THAT(read(make()).data, ElementsAre(254, 253, 252, 251, 250, 155));
  map[256 + 4] = 0;
  EXPECT_THAT(error(make()), HasSubstr("colour"));
}

TEST_F(Tiff, ScaleOfImageJAndDigitalMicrograph) {
  Builder builder;
  auto page = builder.page(8, 1, pixels_of<std::uint8_t>(six));
  page[270] = builder.text("ImageJ=1.51a\nunit=\\u00B5m\n");
  page[282] = page[283] = builder.fraction(80000, 1);
  page[296] = builder.short_numbers({1});
  EXPECT_NEAR(read(builder.add(page)).pixel_size_nm, 0.0125, 1e-9);

  for (const bool big : {false, true}) {
    Builder dm(big);
    page = dm.page(8, 1, pixels_of<std::uint8_t>(six));
    page[282] = page[283] = dm.fraction(72, 1);
    page[65003] = page[65004] = dm.text("nm");
    page[65009] = page[65010] = dm.real(0.0293);
    const Image image = read(dm.add(page));
    EXPECT_EQ(image.pixel_size_nm, 0.0293);
    EXPECT_THAT(std::string(image.metadata["scale_source"]), StartsWith("DigitalMicrograph"));
  }
  Builder odd;  // the same tags with types that they never have
  page = odd.page(8, 1, pixels_of<std::uint8_t>(six));
  page[65003] = odd.number(7);
  page[65009] = odd.text("0.1");
  EXPECT_EQ(read(odd.add(page)).pixel_size_nm, 0);
}

TEST_F(Tiff, AGuessedScaleIsSaid) {
  Builder builder;
  auto page = builder.page(8, 1, pixels_of<std::uint8_t>(six));
  page[282] = page[283] = builder.fraction(21484377, 629425);
  page[296] = builder.short_numbers({2});
  builder.add(page);
  EXPECT_NEAR(read(builder).pixel_size_nm, 0.029296875, 1e-7);
  EXPECT_THAT(std::string(read(builder).metadata["scale_source"]), StartsWith("guess"));
  EXPECT_THAT(warning(builder), AllOf(HasSubstr("0.0292969"), HasSubstr("guess")));
}

TEST_F(Tiff, PagesOfOneSizeAreFrames) {
  Builder builder;
  builder.add(builder.page(8, 1, pixels_of<std::uint8_t>(six)));
  builder.add(builder.page(8, 1, pixels_of<std::uint8_t>({9, 10, 11, 12, 13, 14})));
  EXPECT_THAT(read(builder).data, ElementsAre(5, 6, 7, 8, 9, 57));
  const auto path = put("a.tif", builder.file());
  EXPECT_THAT(read_image(path, {"", 2}).data, ElementsAre(9, 10, 11, 12, 13, 14));
  EXPECT_THAT(read_signals(path)[0].read(1, 1), ElementsAre(9, 10, 11, 12, 13, 14));
}

TEST_F(Tiff, PagesOfOtherSizesAreSignals) {
  Builder builder;
  builder.add(builder.page(8, 1, pixels_of<std::uint8_t>(six)));
  auto page = builder.page(8, 1, pixels_of<std::uint8_t>({7, 8}), 1, 2);
  page[285] = builder.text("HAADF");
  builder.add(page);
  EXPECT_THAT(error(builder), AllOf(HasSubstr("'page 1', 'HAADF'"), HasSubstr("--signal")));
  EXPECT_THAT(read_image(put("a.tif", builder.file()), {"HAADF", 0}).data, ElementsAre(7, 8));
}

/// Pages of one pixel each, whose value is the page's number; the first has the description.
Builder numbered_pages(int count, const std::string& description) {
  Builder builder;
  for (int i = 0; i < count; ++i) {
    auto page = builder.page(8, 1, pixels_of<std::uint8_t>({double(i)}), 1, 1);
    if (i == 0) page[270] = builder.text(description);
    builder.add(page);
  }
  return builder;
}

TEST_F(Tiff, ChannelsOfImageJ) {
  const Builder builder = numbered_pages(
      12, "ImageJ=1.53t\nimages=12\nchannels=2\nslices=3\nframes=2\nhyperstack=true\nunit=nm\nspacing=0.5\n");
  const auto signals = read_signals(put("a.tif", builder.file()));
  ASSERT_EQ(signals.size(), 2U);
  EXPECT_EQ(signals[1].title, "channel 2");
  ASSERT_EQ(signals[1].axes.size(), 4U);
  EXPECT_EQ(signals[1].axes[0].name, "frame");
  EXPECT_EQ(signals[1].axes[1].scale, 0.5);
  EXPECT_THAT(signals[1].read(0, 2), ElementsAre(1, 3, 5, 7, 9, 11));  // channels run fastest, then sections
  EXPECT_THAT(signals[0].read(1, 1), ElementsAre(6, 8, 10));
}

TEST_F(Tiff, LargeStacksOfImageJHaveOnePage) {
  for (const bool big : {false, true}) {
    Builder builder(big);
    auto page = builder.page(16, 1, pixels_of<std::uint16_t>({1, 2, 3, 4, 5, 6}, big), 1, 2);
    page[270] = builder.text("ImageJ=1.53t\nimages=3\nslices=3\n");
    page[279] = builder.number(4);
    const auto path = put("a.tif", builder.add(page).file());
    EXPECT_THAT(read_image(path, {"", 3}).data, ElementsAre(5, 6));
    EXPECT_THAT(read_image(path).data, ElementsAre(3, 4));
  }
  Builder cut;
  auto page = cut.page(16, 1, pixels_of<std::uint16_t>({1, 2, 3, 4, 5, 6}), 1, 2);
  page[270] = cut.text("ImageJ=1.53t\nimages=3000\nslices=3000\n");
  testing::internal::CaptureStderr();
  EXPECT_THAT(read(cut.add(page)).data, ElementsAre(1, 2));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("3000 images are described, the file has 1 pages"));
}

std::string ome(const std::string& pixels, const std::string& channels = "") {
  return "<?xml version=\"1.0\"?><OME xmlns=\"x\"><Image ID=\"Image:0\" Name=\"scan\"><Pixels " + pixels + ">" +
         channels + "</Pixels></Image></OME>";
}

TEST_F(Tiff, OmeStatesScaleAndOrder) {
  const std::string pixels =
      R"(DimensionOrder="XYZCT" SizeC="2" SizeZ="3" SizeT="1" PhysicalSizeX="0.2" PhysicalSizeXUnit="Å"
    PhysicalSizeY="0.2" PhysicalSizeYUnit="Å")";
  const std::string channels = R"(<Channel ID="0" Name="HAADF"/><Channel ID="1" Name="BF"/>)";
  const auto path = put("a.tif", numbered_pages(6, ome(pixels, channels)).file());
  const auto signals = read_signals(path);
  ASSERT_EQ(signals.size(), 2U);
  EXPECT_EQ(signals[1].title, "BF");
  EXPECT_THAT(signals[1].read(0, 3), ElementsAre(3, 4, 5));
  const Image image = read_image(path, {"HAADF", 2});
  EXPECT_NEAR(image.pixel_size_nm, 0.02, 1e-12);
  EXPECT_THAT(std::string(image.metadata["scale_source"]), HasSubstr("OME"));
  // Without a unit the model means micrometres.
  const auto plain = numbered_pages(1, ome(R"(SizeC="1" SizeZ="1" SizeT="1" PhysicalSizeX="0.00002")"));
  EXPECT_NEAR(read_image(put("b.tif", plain.file())).pixel_size_nm, 0.02, 1e-12);
}

TEST_F(Tiff, MetadataOfScanningMicroscopes) {
  Builder fei;
  auto page = fei.page(8, 1, pixels_of<std::uint8_t>(six));
  page[34682] = fei.text(
      "[Beam]\r\nHV=5000\r\n[Scan]\r\nPixelWidth=2.5e-09\r\nPixelHeight=2.5e-09\r\nDwelltime=3e-06\r\n"
      "[System]\r\nSystemType=Helios\r\n");
  const Image image = read(fei.add(page));
  EXPECT_NEAR(image.pixel_size_nm, 2.5, 1e-9);
  EXPECT_EQ(image.metadata["Acquisition_instrument"]["SEM"]["beam_energy"], 5.0);
  EXPECT_EQ(image.metadata["Acquisition_instrument"]["SEM"]["microscope"], "Helios");
  Builder xml;
  page = xml.page(8, 1, pixels_of<std::uint8_t>(six));
  page[34680] = xml.text(R"(<?xml version="1.0"?><FeiImage><pixelWidth unit="nm">4.5</pixelWidth>
    <pixelHeight unit="nm">4.5</pixelHeight></FeiImage>)");
  EXPECT_NEAR(read(xml.add(page)).pixel_size_nm, 4.5, 1e-9);
  Builder zeiss;
  page = zeiss.page(8, 1, pixels_of<std::uint8_t>(std::vector<double>(512, 1)), 1, 512);
  page[34118] = zeiss.text(
      "0\r\n0\r\n0\r\n1.307e-009\r\nAP_IMAGE_PIXEL_SIZE\r\nImage Pixel Size = 2.614 nm\r\nAP_ACTUALKV\r\n"
      "EHT = 5.00 kV\r\nAP_WD\r\nWD = 4.0 mm\r\nDP_DETECTOR_TYPE\r\nSignal A = InLens\r\n");
  const Image sem = read(zeiss.add(page));
  EXPECT_NEAR(sem.pixel_size_nm, 2.614, 1e-9);
  EXPECT_EQ(sem.metadata["Acquisition_instrument"]["SEM"]["beam_energy"], 5.0);
  EXPECT_EQ(sem.metadata["Acquisition_instrument"]["SEM"]["Detector"]["detector_type"], "InLens");
  EXPECT_NEAR(double(sem.metadata["Acquisition_instrument"]["SEM"]["working_distance"]), 4.0, 1e-9);
}

TEST_F(Tiff, StacksAreWritten) {
  std::vector<Image> frames(3, sample_image(4, 6, 0.02));
  for (std::size_t i = 0; i < 3; ++i) frames[i].at(0, 0) = float(i);
  write_tiff_stack(at("a.tif"), frames);
  const auto back = read_frames(at("a.tif"));
  ASSERT_EQ(back.size(), 3U);
  EXPECT_EQ(back[2].data, frames[2].data);
  EXPECT_EQ(back[2].pixel_size_nm, 0.02);
}

TEST_F(Tiff, ThumbnailsAreNoPages) {
  Builder builder;
  auto thumbnail = builder.page(8, 1, pixels_of<std::uint8_t>({7}), 1, 1);
  thumbnail[254] = builder.number(1);
  builder.add(thumbnail);
  builder.add(builder.page(8, 1, pixels_of<std::uint8_t>(six)));
  EXPECT_EQ(warning(builder), "");
  EXPECT_THAT(read(builder).data, ElementsAre(1, 2, 3, 4, 5, 100));
}

TEST_F(Tiff, RefusesWhatItCannotRead) {
  for (const auto& [bits, format] : {std::pair{1, 1}, {4, 1}, {12, 1}, {24, 3}, {8, 3}, {64, 6}, {32, 5}}) {
    Builder builder;
    EXPECT_THAT(error(builder.add(builder.page(bits, format, std::string(64, '\1')))),
                HasSubstr(fmt::format("samples of {} bits", bits)));
  }
  Builder five;
  auto page = five.page(8, 1, std::string(64, '\1'));
  page[277] = five.short_numbers({5});
  EXPECT_THAT(error(five.add(page)), HasSubstr("5 channels"));
}

TEST_F(Tiff, ClaimsAreCheckedBeforeAnythingIsAllocated) {
  Builder builder;
  EXPECT_THAT(error(builder.add(builder.page(32, 3, pixels_of<float>(six), 40000, 50000))), HasSubstr("truncated"));
  Builder beyond;
  EXPECT_THAT(error(beyond.add(beyond.page(32, 3, pixels_of<float>(six), 60000, 60000))), HasSubstr("2^31"));
  Builder nothing;
  EXPECT_THAT(error(nothing.add(nothing.page(32, 3, pixels_of<float>(six), 0, 3))), HasSubstr("a.tif"));
  Builder packed;
  auto page = packed.page(8, 1, "\2\1\2\3\2\4\5\x64"s, 40000, 50000);
  page[259] = packed.short_numbers({32773});
  EXPECT_THAT(error(packed.add(page)), HasSubstr("more than the file can hold"));
  Builder tile;
  page = tile.page(8, 1, pixels_of<std::uint8_t>(six));
  for (const std::uint16_t tag : {273, 278, 279}) page.erase(tag);
  page[322] = page[323] = tile.number(0x7FFFFFF0);
  page[324] = tile.number(8);
  page[325] = tile.number(6);
  EXPECT_THAT(error(tile.add(page)), HasSubstr("a.tif"));
}

TEST_F(Tiff, TruncatedFilesFailInOneLineAndSilently) {
  Builder builder;
  auto page = builder.page(32, 3, pixels_of<float>(six));
  page[270] = builder.text("ImageJ=1.51a\nunit=nm\n");
  const std::string whole = builder.add(page).file();
  testing::internal::CaptureStderr();
  for (std::size_t length = 1; length + 4 < whole.size(); length += 3) {
    EXPECT_THAT(error(whole.substr(0, length)), HasSubstr("a.tif")) << length;
  }
  Builder far;
  page = far.page(32, 3, pixels_of<float>(six));
  page[273] = far.number(5000000);
  EXPECT_THAT(error(far.add(page)), HasSubstr("truncated or damaged"));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(Tiff, WrittenFilesComeBack) {
  Image image = sample_image(37, 53, 0.012345678901);
  image.title = "HAADF \u00c5 \"quoted\"";
  image.intensity = "fraction of beam";
  image.metadata = {{"path", "C:\\users\\u"}, {"lines", "a\nb = c"}, {"doses", {1, 2.5}}};
  write_tiff(at("a.tif"), image);
  const Image back = read_image(at("a.tif"));
  EXPECT_EQ(back.data, image.data);
  EXPECT_EQ(back.pixel_size_nm, image.pixel_size_nm);
  EXPECT_EQ(back.title, image.title);
  EXPECT_EQ(back.intensity, image.intensity);
  EXPECT_EQ(back.metadata["path"], "C:\\users\\u");
  EXPECT_EQ(back.metadata["lines"], "a\nb = c");
  EXPECT_EQ(back.metadata["doses"][1], 2.5);
  image.pixel_size_nm = 0;
  image.metadata["broken"] = "\xFF\xFE";
  write_tiff(at("a.tif"), image);
  EXPECT_EQ(read_image(at("a.tif")).pixel_size_nm, 0);
}

TEST_F(Tiff, AScaleChangedByOthersIsFollowed) {
  write_tiff(at("a.tif"), sample_image(4, 4, 0.02));
  std::string bytes = read_file(at("a.tif"));
  const auto unit = bytes.find("unit=nm");
  ASSERT_NE(unit, std::string::npos);
  bytes.replace(unit, 7, "unit=um");
  EXPECT_NEAR(read_image(put("a.tif", bytes)).pixel_size_nm, 20, 1e-5);
}

TEST_F(Tiff, NumbersOthersRead) {
  // The tags as the specification and ImageJ want them, read byte by byte.
  write_tiff(at("a.tif"), sample_image(4, 6, 0.02));
  const std::string bytes = read_file(at("a.tif"));
  const auto number = [&](std::size_t offset, int size) {
    std::uint32_t value = 0;
    for (int i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[offset + i]);
    return value;
  };
  ASSERT_EQ(bytes.substr(0, 4), "II*\0"s);
  const std::size_t directory = number(4, 4);
  std::map<std::uint32_t, std::uint32_t> values;
  for (std::uint32_t i = 0; i < number(directory, 2); ++i) {
    const std::size_t entry = directory + 2 + 12 * i;
    values[number(entry, 2)] = number(entry + 2, 2) == 3 ? number(entry + 8, 2) : number(entry + 8, 4);
  }
  EXPECT_EQ(values[256], 6U);
  EXPECT_EQ(values[257], 4U);
  EXPECT_EQ(values[258], 32U);
  EXPECT_EQ(values[339], 3U);
  EXPECT_EQ(values[296], 1U);
  EXPECT_NEAR(double(number(values[282], 4)) / number(values[282] + 4, 4), 50, 1e-5);
  EXPECT_EQ(bytes.compare(values[270], 20, "ImageJ=1.53t\nunit=nm"), 0);
  float first = 0;
  std::memcpy(&first, bytes.data() + values[273], 4);
  EXPECT_EQ(first, sample_image(4, 6).at(0, 0));
}

TEST_F(Tiff, AFullDiskIsAnError) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  EXPECT_THAT(message_of([] { write_tiff("/dev/full", sample_image(300, 300)); }), HasSubstr("/dev/full"));
  EXPECT_THAT(message_of([&] { write_tiff(at("no/such.tif"), sample_image()); }), HasSubstr("no/such.tif"));
}

}  // namespace
}  // namespace colonnade
