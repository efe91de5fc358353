// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/tiff.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/image/formats/raw_samples.h"
#include "colonnade/image/formats/tiff_handle.h"
#include "colonnade/image/formats/tiff_scale.h"

namespace colonnade {

namespace {

constexpr char own_key[] = "colonnade";

struct Layout {
  ImageShape shape;
  std::uint16_t bits = 1, samples = 1, planar = PLANARCONFIG_CONTIG;
  std::uint16_t photometric = PHOTOMETRIC_MINISBLACK;
  SampleType type = SampleType::uint8;

  std::size_t pixel_size() const { return std::size_t(bits / 8) * (planar == PLANARCONFIG_CONTIG ? samples : 1); }
  std::uint16_t planes() const { return planar == PLANARCONFIG_CONTIG ? 1 : samples; }
};

/// Puts the handle on the first page that is no thumbnail and says how many such pages there are.
int select_page(TiffHandle& tiff) {
  int pages = 0;
  tdir_t first = 0, page = 0;
  do {
    if ((tiff.value<std::uint32_t>(TIFFTAG_SUBFILETYPE, 0) & FILETYPE_REDUCEDIMAGE) == 0 && pages++ == 0) first = page;
    ++page;
  } while (TIFFReadDirectory(tiff.get()));
  if (!TIFFSetDirectory(tiff.get(), first)) tiff.refuse("not a readable TIFF");
  return pages;
}

SampleType sample_type(std::uint16_t bits, std::uint16_t format, const std::string& where) {
  const bool is_signed = format == SAMPLEFORMAT_INT;
  if (format == SAMPLEFORMAT_IEEEFP) {
    if (bits == 16) return SampleType::float16;
    if (bits == 32) return SampleType::float32;
    if (bits == 64) return SampleType::float64;
  } else if (is_signed || format == SAMPLEFORMAT_UINT || format == SAMPLEFORMAT_VOID) {
    if (bits == 8) return is_signed ? SampleType::int8 : SampleType::uint8;
    if (bits == 16) return is_signed ? SampleType::int16 : SampleType::uint16;
    if (bits == 32) return is_signed ? SampleType::int32 : SampleType::uint32;
    if (bits == 64) return is_signed ? SampleType::int64 : SampleType::uint64;
  }
  fail("{}: TIFF samples of {} bits (format {}) are not read; export as 8-, 16- or 32-bit greyscale", where, bits,
       format);
}

Layout read_layout(const TiffHandle& tiff) {
  std::uint32_t width = 0, height = 0;
  TIFFGetField(tiff.get(), TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(tiff.get(), TIFFTAG_IMAGELENGTH, &height);
  Layout layout;
  layout.shape = image_shape(tiff.where(), {height, width});
  layout.bits = tiff.value<std::uint16_t>(TIFFTAG_BITSPERSAMPLE, 1);
  layout.samples = tiff.value<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL, 1);
  layout.planar = tiff.value<std::uint16_t>(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  layout.photometric = tiff.value<std::uint16_t>(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  layout.type =
      sample_type(layout.bits, tiff.value<std::uint16_t>(TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT), tiff.where());
  if (layout.samples == 0 || layout.samples > 4) {
    fail("{}: {} channels per pixel: export as greyscale", tiff.where(), layout.samples);
  }
  return layout;
}

/// Fails where strips or tiles claim more than the file can hold, before anything is allocated for them.
void require_plausible(const TiffHandle& tiff, const Layout& layout) {
  const double file_size = double(std::filesystem::file_size(tiff.where()));
  const double claimed = double(layout.shape.pixels()) * double(layout.pixel_size()) * layout.planes();
  const auto piece = double(TIFFIsTiled(tiff.get()) ? TIFFTileSize64(tiff.get()) : TIFFStripSize64(tiff.get()));
  const bool plain = tiff.value<std::uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE) == COMPRESSION_NONE;
  if (plain && claimed > file_size) {
    fail("{}: truncated: {:.0f} bytes of pixels are needed, the file has {:.0f}; copy it again", tiff.where(), claimed,
         file_size);
  }
  const double harmless = 64e6, compression_at_most = 5000;
  const double largest = std::max(claimed, piece);
  if (piece <= 0 || (largest > harmless && largest > compression_at_most * file_size)) {
    fail("{}: claims {:.0f} bytes of pixels, more than the file can hold", tiff.where(), largest);
  }
}

void read_strips(const TiffHandle& tiff, const Layout& layout, std::uint16_t plane, char* target) {
  const std::size_t row_size = layout.shape.width * layout.pixel_size();
  const auto rows_per_strip = std::int64_t(tiff.value<std::uint32_t>(TIFFTAG_ROWSPERSTRIP, 0xFFFFFFFFU));
  if (rows_per_strip == 0) fail("{}: not a readable TIFF: strips of no rows", tiff.where());
  for (std::int64_t y = 0; y < layout.shape.height; y += rows_per_strip) {
    const auto bytes = tmsize_t(std::min(rows_per_strip, layout.shape.height - y)) * tmsize_t(row_size);
    const std::uint32_t strip = TIFFComputeStrip(tiff.get(), std::uint32_t(y), plane);
    if (TIFFReadEncodedStrip(tiff.get(), strip, target + std::size_t(y) * row_size, bytes) != bytes) {
      tiff.refuse("truncated or damaged TIFF");
    }
  }
}

void read_tiles(const TiffHandle& tiff, const Layout& layout, std::uint16_t plane, char* target) {
  const std::size_t pixel = layout.pixel_size(), row_size = layout.shape.width * pixel;
  const auto tile_width = std::int64_t(tiff.value<std::uint32_t>(TIFFTAG_TILEWIDTH, 0));
  const auto tile_height = std::int64_t(tiff.value<std::uint32_t>(TIFFTAG_TILELENGTH, 0));
  std::vector<char> tile(TIFFTileSize64(tiff.get()));
  if (tile_width <= 0 || tile_height <= 0 || tile.size() < std::size_t(tile_width * tile_height) * pixel) {
    fail("{}: not a readable TIFF: tiles of {} x {} pixels", tiff.where(), tile_height, tile_width);
  }
  for (std::int64_t top = 0; top < layout.shape.height; top += tile_height) {
    for (std::int64_t left = 0; left < layout.shape.width; left += tile_width) {
      const std::uint32_t index = TIFFComputeTile(tiff.get(), std::uint32_t(left), std::uint32_t(top), 0, plane);
      const auto bytes = tmsize_t(tile.size());
      if (TIFFReadEncodedTile(tiff.get(), index, tile.data(), bytes) != bytes) tiff.refuse("truncated or damaged TIFF");
      const std::int64_t columns = std::min(tile_width, layout.shape.width - left);
      for (std::int64_t y = 0; y < std::min(tile_height, layout.shape.height - top); ++y) {
        std::copy_n(tile.data() + y * tile_width * std::int64_t(pixel), columns * std::int64_t(pixel),
                    target + (top + y) * std::int64_t(row_size) + left * std::int64_t(pixel));
      }
    }
  }
}

/// Values of every channel, channel after channel.
std::vector<std::vector<float>> read_channels(const TiffHandle& tiff, const Layout& layout) {
  std::vector<std::vector<float>> channels;
  for (std::uint16_t plane = 0; plane < layout.planes(); ++plane) {
    std::string bytes(layout.shape.pixels() * layout.pixel_size(), '\0');
    const auto read = TIFFIsTiled(tiff.get()) ? read_tiles : read_strips;
    read(tiff, layout, plane, bytes.data());
    channels.push_back(to_floats(bytes, layout.type, std::endian::native == std::endian::big));
  }
  if (layout.samples == 1 || layout.planes() > 1) return channels;
  const std::vector<float> mixed = std::move(channels.front());
  channels.assign(layout.samples, std::vector<float>(layout.shape.pixels()));
  for (std::size_t i = 0; i < mixed.size(); ++i) channels[i % layout.samples][i / layout.samples] = mixed[i];
  return channels;
}

/// Larger numbers for brighter pixels, as in every other file.
void invert(std::vector<float>& values, const Layout& layout) {
  const bool is_unsigned = layout.type == SampleType::uint8 || layout.type == SampleType::uint16 ||
                           layout.type == SampleType::uint32 || layout.type == SampleType::uint64;
  const auto top = is_unsigned ? float(std::exp2(layout.bits) - 1) : 0.0F;
  for (float& value : values) value = top - value;
}

/// Indices turned into the grey values of the colour map, scaled from 16 bits to the range of the indices.
void apply_palette(std::vector<float>& values, const TiffHandle& tiff, const Layout& layout) {
  std::uint16_t* maps[3] = {};
  if (layout.bits > 16 || !TIFFGetField(tiff.get(), TIFFTAG_COLORMAP, &maps[0], &maps[1], &maps[2])) {
    fail("{}: the colour map is missing: export as greyscale", tiff.where());
  }
  const double factor = (std::exp2(layout.bits) - 1) / 65535.0;
  for (float& value : values) {
    const auto index = std::size_t(value);
    if (maps[0][index] != maps[1][index] || maps[0][index] != maps[2][index]) {
      fail("{}: colour image: export as greyscale", tiff.where());
    }
    value = float(maps[0][index] * factor);
  }
}

bool is_constant(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [&](float value) { return value == values.front(); });
}

std::vector<float> read_grey(const TiffHandle& tiff, const Layout& layout) {
  const std::size_t colours = layout.samples >= 3 ? 3 : 1;
  const bool is_grey = layout.photometric == PHOTOMETRIC_MINISBLACK || layout.photometric == PHOTOMETRIC_MINISWHITE;
  const bool is_palette = layout.photometric == PHOTOMETRIC_PALETTE;
  if (!(colours == 1 ? is_grey || is_palette : is_grey || layout.photometric == PHOTOMETRIC_RGB)) {
    fail("{}: colour image: export as greyscale", tiff.where());
  }
  auto channels = read_channels(tiff, layout);
  if (colours == 3 && (channels[0] != channels[1] || channels[0] != channels[2])) {
    fail("{}: colour image: export as greyscale", tiff.where());
  }
  if (layout.samples > colours && !is_constant(channels[colours])) {
    fail("{}: transparent pixels: export without alpha", tiff.where());
  }
  std::vector<float> values = std::move(channels.front());
  if (layout.photometric == PHOTOMETRIC_MINISWHITE) invert(values, layout);
  if (is_palette) apply_palette(values, tiff, layout);
  return values;
}

TiffScaleClues read_clues(const TiffHandle& tiff) {
  TiffScaleClues clues;
  clues.description = tiff.text(TIFFTAG_IMAGEDESCRIPTION);
  float resolution = 0;
  if (TIFFGetField(tiff.get(), TIFFTAG_XRESOLUTION, &resolution)) clues.x_resolution = resolution;
  if (TIFFGetField(tiff.get(), TIFFTAG_YRESOLUTION, &resolution)) clues.y_resolution = resolution;
  clues.resolution_unit = tiff.value<std::uint16_t>(TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
  clues.dm_scale_x = tiff.private_number(65009);
  clues.dm_scale_y = tiff.private_number(65010);
  clues.dm_unit = tiff.private_text(65003);
  if (clues.dm_unit.empty()) clues.dm_unit = tiff.private_text(65012);
  return clues;
}

/// What write_tiff() kept beside the pixels. The pixel size is taken where it agrees with the tags, which are less
/// exact.
void restore_own(Image& image, const std::string& description) {
  const auto own = nlohmann::json::parse(description_value(description, own_key), nullptr, false);
  if (!own.is_object()) return;
  if (own.contains("metadata") && own["metadata"].is_object()) image.metadata = own["metadata"];
  if (own.contains("title") && own["title"].is_string()) image.title = own["title"];
  if (own.contains("intensity") && own["intensity"].is_string()) image.intensity = own["intensity"];
  if (!own.contains("pixel_size_nm") || !own["pixel_size_nm"].is_number()) return;
  const double exact = own["pixel_size_nm"];
  if (std::abs(exact - image.pixel_size_nm) < 1e-6 * image.pixel_size_nm) image.pixel_size_nm = exact;
}

std::string make_description(const Image& image) {
  const nlohmann::json own = {{"title", image.title},
                              {"intensity", image.intensity},
                              {"pixel_size_nm", image.pixel_size_nm},
                              {"metadata", image.metadata}};
  const auto [low, high] = extremes(image);
  // ImageJ reads the lines as Java properties: JSON in ASCII on one line is a value like any other to it.
  return fmt::format("ImageJ=1.53t\n{}min={}\nmax={}\n{}={}\n", image.pixel_size_nm > 0 ? "unit=nm\n" : "", low, high,
                     own_key, own.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
}

void set_tags(TIFF* tiff, const Image& image) {
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, std::uint32_t(image.width));
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, std::uint32_t(image.height));
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 32);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_IEEEFP);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, std::uint32_t(image.height));
  TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, make_description(image).c_str());
  TIFFSetField(tiff, TIFFTAG_SOFTWARE, "Colonnade");
  TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_NONE);
  const double resolution = image.pixel_size_nm > 0 ? 1.0 / image.pixel_size_nm : 1.0;
  TIFFSetField(tiff, TIFFTAG_XRESOLUTION, resolution);
  TIFFSetField(tiff, TIFFTAG_YRESOLUTION, resolution);
}

}  // namespace

Image read_tiff(const std::filesystem::path& path) {
  TiffHandle tiff(path, "rmc");  // read() instead of a memory map, strips as they are
  const int pages = select_page(tiff);
  const Layout layout = read_layout(tiff);
  require_plausible(tiff, layout);
  Image image;
  image.height = layout.shape.height;
  image.width = layout.shape.width;
  image.data = read_grey(tiff, layout);
  const TiffScaleClues clues = read_clues(tiff);
  tiff.require_whole();
  const TiffScale scale = find_tiff_scale(clues, tiff.where());
  image.pixel_size_nm = scale.pixel_size_nm;
  restore_own(image, clues.description);
  image.metadata["format"] = "TIFF";
  image.metadata["scale_source"] = scale.source;
  const std::string slices = description_value(clues.description, "images");
  if (pages > 1) warn("{}: holds {} images; the first is read", tiff.where(), pages);
  if (pages <= 1 && !slices.empty() && slices != "1")
    warn("{}: a stack of {}; the first is read", tiff.where(), slices);
  if (tiff.value<std::uint16_t>(TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT) != ORIENTATION_TOPLEFT) {
    warn("{}: the orientation tag is not followed: rows are read in the order of the file", tiff.where());
  }
  if (scale.guessed) {
    warn("{}: pixel size {:.6g} nm is a {}; state it if that is wrong", tiff.where(), scale.pixel_size_nm,
         scale.source);
  }
  return image;
}

void write_tiff(const std::filesystem::path& path, const Image& image) {
  const bool large = image.data.size() > std::size_t(1'000'000'000);  // beyond 4 GB only BigTIFF goes
  TiffHandle tiff(path, large ? "w8" : "w");
  set_tags(tiff.get(), image);
  auto* pixels = const_cast<float*>(image.data.data());
  const auto bytes = tmsize_t(image.data.size() * sizeof(float));
  if (TIFFWriteEncodedStrip(tiff.get(), 0, pixels, bytes) != bytes) tiff.refuse("writing failed (is the disk full?)");
  tiff.close();
}

}  // namespace colonnade
