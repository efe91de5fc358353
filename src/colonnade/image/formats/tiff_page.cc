// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/tiff_page.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <filesystem>
#include <optional>

#include "colonnade/core/error.h"

namespace colonnade {

namespace {

std::optional<SampleType> sample_type(std::uint16_t bits, std::uint16_t format) {
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
  return std::nullopt;
}

void read_strips(const TiffHandle& tiff, const TiffPage& page, std::uint16_t plane, char* target) {
  const std::size_t row_size = page.shape.width * page.pixel_size();
  const auto rows_per_strip = std::int64_t(tiff.value<std::uint32_t>(TIFFTAG_ROWSPERSTRIP, 0xFFFFFFFFU));
  if (rows_per_strip == 0) fail("{}: not a readable TIFF: strips of no rows", tiff.where());
  for (std::int64_t y = 0; y < page.shape.height; y += rows_per_strip) {
    const auto bytes = tmsize_t(std::min(rows_per_strip, page.shape.height - y)) * tmsize_t(row_size);
    const std::uint32_t strip = TIFFComputeStrip(tiff.get(), std::uint32_t(y), plane);
    if (TIFFReadEncodedStrip(tiff.get(), strip, target + std::size_t(y) * row_size, bytes) != bytes) {
      tiff.refuse("truncated or damaged TIFF");
    }
  }
}

void read_tiles(const TiffHandle& tiff, const TiffPage& page, std::uint16_t plane, char* target) {
  const std::size_t pixel = page.pixel_size(), row_size = page.shape.width * pixel;
  const auto tile_width = std::int64_t(tiff.value<std::uint32_t>(TIFFTAG_TILEWIDTH, 0));
  const auto tile_height = std::int64_t(tiff.value<std::uint32_t>(TIFFTAG_TILELENGTH, 0));
  std::vector<char> tile(TIFFTileSize64(tiff.get()));
  if (tile_width <= 0 || tile_height <= 0 || tile.size() < std::size_t(tile_width * tile_height) * pixel) {
    fail("{}: not a readable TIFF: tiles of {} x {} pixels", tiff.where(), tile_height, tile_width);
  }
  for (std::int64_t top = 0; top < page.shape.height; top += tile_height) {
    for (std::int64_t left = 0; left < page.shape.width; left += tile_width) {
      const std::uint32_t index = TIFFComputeTile(tiff.get(), std::uint32_t(left), std::uint32_t(top), 0, plane);
      const auto bytes = tmsize_t(tile.size());
      if (TIFFReadEncodedTile(tiff.get(), index, tile.data(), bytes) != bytes) tiff.refuse("truncated or damaged TIFF");
      const std::int64_t columns = std::min(tile_width, page.shape.width - left);
      for (std::int64_t y = 0; y < std::min(tile_height, page.shape.height - top); ++y) {
        std::copy_n(tile.data() + y * tile_width * std::int64_t(pixel), columns * std::int64_t(pixel),
                    target + (top + y) * std::int64_t(row_size) + left * std::int64_t(pixel));
      }
    }
  }
}

/// Values of every channel, channel after channel.
std::vector<std::vector<float>> read_channels(const TiffHandle& tiff, const TiffPage& page) {
  std::vector<std::vector<float>> channels;
  for (std::uint16_t plane = 0; plane < page.planes(); ++plane) {
    std::string bytes(page.shape.pixels() * page.pixel_size(), '\0');
    const auto read = TIFFIsTiled(tiff.get()) ? read_tiles : read_strips;
    read(tiff, page, plane, bytes.data());
    channels.push_back(to_floats(bytes, page.type, std::endian::native == std::endian::big));
  }
  if (page.samples == 1 || page.planes() > 1) return channels;
  const std::vector<float> mixed = std::move(channels.front());
  channels.assign(page.samples, std::vector<float>(page.shape.pixels()));
  for (std::size_t i = 0; i < mixed.size(); ++i) channels[i % page.samples][i / page.samples] = mixed[i];
  return channels;
}

/// Larger numbers for brighter pixels, as in every other file.
void invert(std::vector<float>& values, const TiffPage& page) {
  const bool is_unsigned = page.type == SampleType::uint8 || page.type == SampleType::uint16 ||
                           page.type == SampleType::uint32 || page.type == SampleType::uint64;
  const auto top = is_unsigned ? float(std::exp2(page.bits) - 1) : 0.0F;
  for (float& value : values) value = top - value;
}

/// Indices turned into the grey values of the colour map, scaled from 16 bits to the range of the indices.
void apply_palette(std::vector<float>& values, const TiffHandle& tiff, const TiffPage& page) {
  std::uint16_t* maps[3] = {};
  if (page.bits > 16 || !TIFFGetField(tiff.get(), TIFFTAG_COLORMAP, &maps[0], &maps[1], &maps[2])) {
    fail("{}: the colour map is missing: export as greyscale", tiff.where());
  }
  const double factor = (std::exp2(page.bits) - 1) / 65535.0;
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

std::vector<float> read_grey(const TiffHandle& tiff, const TiffPage& page) {
  const std::size_t colours = page.samples >= 3 ? 3 : 1;
  const bool is_grey = page.photometric == PHOTOMETRIC_MINISBLACK || page.photometric == PHOTOMETRIC_MINISWHITE;
  const bool is_palette = page.photometric == PHOTOMETRIC_PALETTE;
  if (!(colours == 1 ? is_grey || is_palette : is_grey || page.photometric == PHOTOMETRIC_RGB)) {
    fail("{}: colour image: export as greyscale", tiff.where());
  }
  auto channels = read_channels(tiff, page);
  if (colours == 3 && (channels[0] != channels[1] || channels[0] != channels[2])) {
    fail("{}: colour image: export as greyscale", tiff.where());
  }
  if (page.samples > colours && !is_constant(channels[colours])) {
    fail("{}: transparent pixels: export without alpha", tiff.where());
  }
  std::vector<float> values = std::move(channels.front());
  if (page.photometric == PHOTOMETRIC_MINISWHITE) invert(values, page);
  if (is_palette) apply_palette(values, tiff, page);
  return values;
}

}  // namespace

bool TiffPage::same_kind(const TiffPage& other) const {
  return shape.height == other.shape.height && shape.width == other.shape.width && type == other.type &&
         samples == other.samples && refusal == other.refusal;
}

TiffPage describe_page(const TiffHandle& tiff) {
  std::uint32_t width = 0, height = 0;
  TIFFGetField(tiff.get(), TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(tiff.get(), TIFFTAG_IMAGELENGTH, &height);
  TiffPage page;
  page.directory = TIFFCurrentDirOffset(tiff.get());
  page.shape = image_shape(tiff.where(), {height, width});
  page.thumbnail = (tiff.value<std::uint32_t>(TIFFTAG_SUBFILETYPE, 0) & FILETYPE_REDUCEDIMAGE) != 0;
  page.bits = tiff.value<std::uint16_t>(TIFFTAG_BITSPERSAMPLE, 1);
  page.samples = tiff.value<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL, 1);
  page.planar = tiff.value<std::uint16_t>(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  page.photometric = tiff.value<std::uint16_t>(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  const auto format = tiff.value<std::uint16_t>(TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
  const auto type = sample_type(page.bits, format);
  if (type) page.type = *type;
  if (!type) {
    page.refusal = fmt::format(
        "TIFF samples of {} bits (format {}) are not read; export as 8-, 16- or 32-bit greyscale", page.bits, format);
  } else if (page.samples == 0 || page.samples > 4) {
    page.refusal = fmt::format("{} channels per pixel: export as greyscale", page.samples);
  }
  return page;
}

void require_plausible(const TiffHandle& tiff, const TiffPage& page) {
  const double file_size = double(std::filesystem::file_size(tiff.where()));
  const double claimed = double(page.shape.pixels()) * double(page.pixel_size()) * page.planes();
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

std::vector<float> read_page(const TiffHandle& tiff, const TiffPage& page) {
  if (!page.refusal.empty()) fail("{}: {}", tiff.where(), page.refusal);
  if (!TIFFSetSubDirectory(tiff.get(), page.directory)) tiff.refuse("not a readable TIFF");
  require_plausible(tiff, page);
  std::vector<float> values = read_grey(tiff, page);
  tiff.require_whole();
  return values;
}

}  // namespace colonnade
