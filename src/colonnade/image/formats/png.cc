// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/png.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <memory>
#include <png.h>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/image/formats/screen_image.h"

namespace colonnade {

namespace {

constexpr char scale_key[] = "pixel_size_nm";

// libpng leaves by longjmp on an error. The functions in which it may do so hold no object with a destructor; all state
// lies in the two structs below, which their callers own.

struct Input {
  const unsigned char* bytes = nullptr;
  std::size_t size = 0, position = 0;
  char message[200] = {};
  png_structp png = nullptr;
  png_infop info = nullptr;
  png_uint_32 width = 0, height = 0;
  int depth = 0, channels = 0;
  double pixel_size_nm = 0;

  ~Input() { png_destroy_read_struct(&png, &info, nullptr); }
};

struct Output {
  std::FILE* file = nullptr;
  char message[200] = {};
  png_structp png = nullptr;
  png_infop info = nullptr;

  ~Output() {
    png_destroy_write_struct(&png, &info);
    if (file) std::fclose(file);
  }
};

template <class State>
void on_error(png_structp png, png_const_charp text) {
  auto* state = static_cast<State*>(png_get_error_ptr(png));
  std::strncpy(state->message, text, sizeof state->message - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void give_bytes(png_structp png, png_bytep target, png_size_t count) {
  auto* input = static_cast<Input*>(png_get_io_ptr(png));
  if (count > input->size - input->position) png_error(png, "truncated");
  std::memcpy(target, input->bytes + input->position, count);
  input->position += count;
}

void take_scale(Input& input) {
  png_textp texts = nullptr;
  int count = 0;
  png_get_text(input.png, input.info, &texts, &count);
  for (int i = 0; i < count; ++i) {
    if (std::strcmp(texts[i].key, scale_key) != 0 || !texts[i].text) continue;
    const char* const last = texts[i].text + std::strlen(texts[i].text);
    double value = 0;
    if (std::from_chars(texts[i].text, last, value).ptr == last && std::isfinite(value) && value > 0) {
      input.pixel_size_nm = value;
    }
  }
}

/// Leaves where the header claims more than the file can hold, before the library makes room for a row.
void require_plausible(const Input& input) {
  const double claimed = double(png_get_image_width(input.png, input.info)) *
                         png_get_image_height(input.png, input.info) * png_get_bit_depth(input.png, input.info) / 8;
  const double compression_at_most = 1100;  // deflate cannot do better than 1032:1
  if (claimed > compression_at_most * double(input.size)) {
    png_error(input.png, "claims more pixels than its bytes can hold");
  }
}

bool read_header(Input& input) {
  if (setjmp(png_jmpbuf(input.png))) return false;
  png_set_read_fn(input.png, &input, give_bytes);
  png_set_user_limits(input.png, 0x7FFFFFFF, 0x7FFFFFFF);
  png_read_info(input.png, input.info);
  require_plausible(input);
  if (png_get_color_type(input.png, input.info) == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(input.png);
  if (png_get_bit_depth(input.png, input.info) < 8) png_set_expand_gray_1_2_4_to_8(input.png);
  png_set_interlace_handling(input.png);
  png_read_update_info(input.png, input.info);
  input.width = png_get_image_width(input.png, input.info);
  input.height = png_get_image_height(input.png, input.info);
  input.depth = png_get_bit_depth(input.png, input.info);
  input.channels = png_get_channels(input.png, input.info);
  take_scale(input);
  return true;
}

bool read_rows(Input& input, png_bytepp rows) {
  if (setjmp(png_jmpbuf(input.png))) return false;
  png_read_image(input.png, rows);
  png_read_end(input.png, nullptr);
  return true;
}

bool write_all(Output& output, const Image& image, png_bytepp rows, char* scale) {
  if (setjmp(png_jmpbuf(output.png))) return false;
  png_init_io(output.png, output.file);
  png_set_IHDR(output.png, output.info, png_uint_32(image.width), png_uint_32(image.height), 8, PNG_COLOR_TYPE_GRAY,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_text text = {};
  text.compression = PNG_TEXT_COMPRESSION_NONE;
  text.key = const_cast<char*>(scale_key);
  text.text = scale;
  if (image.pixel_size_nm > 0) png_set_text(output.png, output.info, &text, 1);
  png_write_info(output.png, output.info);
  png_write_image(output.png, rows);
  png_write_end(output.png, nullptr);
  return true;
}

/// Fails where a chunk leaves the file: the library makes room for the length that is claimed before it looks for the
/// bytes.
void require_whole_chunks(std::string_view file, const std::string& where) {
  const auto byte = [&](std::size_t at) { return std::uint32_t(static_cast<unsigned char>(file[at])); };
  const std::size_t around = 12;  // length, name and checksum
  for (std::size_t at = 8; at + around <= file.size();) {
    const std::uint64_t length = byte(at) << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3);
    if (length > file.size() - at - around) {
      fail("{}: truncated PNG: a piece of {} bytes from position {}, the file has {}; copy it again", where, length, at,
           file.size());
    }
    if (file.substr(at + 4, 4) == "IEND") return;
    at += length + around;
  }
  fail("{}: truncated PNG: its end is missing; copy it again", where);
}

/// The grey values: the first channel once the colours agree and no pixel is transparent.
std::vector<float> grey(const std::vector<float>& samples, int channels, float opaque, const std::string& where) {
  const int colours = channels >= 3 ? 3 : 1;
  std::vector<float> values(samples.size() / channels);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float* pixel = samples.data() + i * channels;
    for (int c = 1; c < colours; ++c) {
      if (pixel[c] != pixel[0]) fail("{}: colour image: export as greyscale", where);
    }
    if (channels > colours && pixel[colours] != opaque) fail("{}: transparent pixels: export without alpha", where);
    values[i] = pixel[0];
  }
  return values;
}

}  // namespace

bool is_png(std::string_view head) { return head.starts_with("\x89PNG\r\n\x1A\n"); }

std::vector<StoredSignal> signals_of_png(const std::filesystem::path& path) {
  const std::string where = path.string();
  const std::string file = read_file(path);
  require_whole_chunks(file, where);
  Input input;
  input.bytes = reinterpret_cast<const unsigned char*>(file.data());
  input.size = file.size();
  input.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &input, on_error<Input>, on_warning);
  input.info = input.png ? png_create_info_struct(input.png) : nullptr;
  if (!input.info) fail("{}: out of memory", where);
  if (!read_header(input)) fail("{}: not a readable PNG: {}", where, input.message);
  const ImageShape shape = image_shape(where, {input.height, input.width});
  const std::size_t row_size = std::size_t(input.width) * input.channels * input.depth / 8;
  std::string pixels(row_size * input.height, '\0');
  std::vector<png_bytep> rows(input.height);
  for (std::size_t y = 0; y < rows.size(); ++y) rows[y] = reinterpret_cast<png_bytep>(pixels.data()) + y * row_size;
  if (!read_rows(input, rows.data())) fail("{}: not a readable PNG: {}", where, input.message);
  const SampleType type = input.depth == 16 ? SampleType::uint16 : SampleType::uint8;
  auto values = grey(to_floats(pixels, type, true), input.channels, input.depth == 16 ? 65535.0F : 255.0F, where);
  StoredSignal signal = screen_image(path, "PNG", shape, type, std::move(values));
  if (input.pixel_size_nm > 0) {
    for (SignalAxis& axis : signal.axes) {
      axis.unit = "nm";
      axis.scale = input.pixel_size_nm;
    }
    signal.metadata["scale_source"] = "PNG text pixel_size_nm";
  }
  return {signal};
}

void write_png(const std::filesystem::path& path, const Image& image) {
  const auto [low, high] = extremes(image);
  const float factor = high > low ? 255.0F / (high - low) : 0.0F;
  std::vector<unsigned char> pixels(image.data.size());
  std::transform(image.data.begin(), image.data.end(), pixels.begin(),
                 [&, base = low](float value) { return static_cast<unsigned char>((value - base) * factor + 0.5F); });
  std::vector<png_bytep> rows(image.height);
  for (std::size_t y = 0; y < rows.size(); ++y) rows[y] = pixels.data() + y * image.width;
  std::string scale = fmt::format("{}", image.pixel_size_nm);
  Output output;
  output.file = std::fopen(path.c_str(), "wb");
  if (!output.file) fail("{}: cannot be written: {}", path.string(), std::strerror(errno));
  output.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &output, on_error<Output>, on_warning);
  output.info = output.png ? png_create_info_struct(output.png) : nullptr;
  if (!output.info) fail("{}: out of memory", path.string());
  const bool written = write_all(output, image, rows.data(), scale.data());
  const bool closed = std::fclose(std::exchange(output.file, nullptr)) == 0;
  if (!written || !closed) fail("{}: writing failed ({}); is the disk full?", path.string(), output.message);
}

}  // namespace colonnade
