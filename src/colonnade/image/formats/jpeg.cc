// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/jpeg.h"

#include <csetjmp>
#include <cstdio>  // before jpeglib.h, which needs it
#include <jpeglib.h>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/image/formats/screen_image.h"

namespace colonnade {

namespace {

// libjpeg leaves by longjmp on an error. The functions in which it may do so hold no object with a destructor; all
// state lies in the struct below, which their caller owns.
struct Input {
  jpeg_decompress_struct jpeg = {};
  jpeg_error_mgr errors = {};
  jmp_buf leave;
  char message[JMSG_LENGTH_MAX] = {};
  bool damaged = false;  ///< the library went on with made-up pixels

  ~Input() { jpeg_destroy_decompress(&jpeg); }
};

void on_error(j_common_ptr jpeg) {
  auto* input = static_cast<Input*>(jpeg->client_data);
  jpeg->err->format_message(jpeg, input->message);
  std::longjmp(input->leave, 1);
}

void on_message(j_common_ptr jpeg, int level) {
  auto* input = static_cast<Input*>(jpeg->client_data);
  if (level >= 0 || input->damaged) return;
  input->damaged = true;
  jpeg->err->format_message(jpeg, input->message);
}

void print_nothing(j_common_ptr) {}

bool read_header(Input& input, const std::string& file) {
  if (setjmp(input.leave)) return false;
  jpeg_create_decompress(&input.jpeg);
  input.jpeg.client_data = &input;
  jpeg_mem_src(&input.jpeg, reinterpret_cast<const unsigned char*>(file.data()), file.size());
  jpeg_read_header(&input.jpeg, TRUE);
  input.jpeg.out_color_space = input.jpeg.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
  return true;
}

bool read_rows(Input& input, unsigned char* pixels, std::size_t row_size) {
  if (setjmp(input.leave)) return false;
  jpeg_start_decompress(&input.jpeg);
  while (input.jpeg.output_scanline < input.jpeg.output_height && !input.damaged) {
    unsigned char* row = pixels + row_size * input.jpeg.output_scanline;
    jpeg_read_scanlines(&input.jpeg, &row, 1);
  }
  if (!input.damaged) jpeg_finish_decompress(&input.jpeg);
  return !input.damaged;
}

std::vector<float> grey(const std::string& pixels, std::size_t channels, const std::string& where) {
  std::vector<float> values(pixels.size() / channels);
  // Channels that agreed before compression differ by rounding between colour spaces.
  const int rounding = 2;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto* pixel = reinterpret_cast<const unsigned char*>(pixels.data()) + i * channels;
    for (std::size_t c = 1; c < channels; ++c) {
      if (std::abs(pixel[c] - pixel[0]) > rounding) fail("{}: colour image: export as greyscale", where);
    }
    values[i] = float(pixel[channels > 1 ? 1 : 0]);
  }
  return values;
}

}  // namespace

bool is_jpeg(std::string_view head) { return head.starts_with("\xFF\xD8\xFF"); }

std::vector<StoredSignal> signals_of_jpeg(const std::filesystem::path& path) {
  const std::string where = path.string(), file = read_file(path);
  Input input;
  input.jpeg.err = jpeg_std_error(&input.errors);
  input.errors.error_exit = on_error;
  input.errors.emit_message = on_message;
  input.errors.output_message = print_nothing;
  input.jpeg.client_data = &input;
  if (!read_header(input, file)) fail("{}: not a readable JPEG: {}", where, input.message);
  const ImageShape shape = image_shape(where, {input.jpeg.image_height, input.jpeg.image_width});
  const std::size_t channels = input.jpeg.num_components == 1 ? 1 : 3;
  const double pixels_per_byte = 400;  // a block of 8 x 8 pixels takes at least a bit or two
  if (double(shape.pixels()) > pixels_per_byte * double(file.size())) {
    fail("{}: claims {} x {} pixels, more than its {} bytes can hold", where, shape.height, shape.width, file.size());
  }
  std::string pixels(shape.pixels() * channels, '\0');
  auto* const target = reinterpret_cast<unsigned char*>(pixels.data());
  if (!read_rows(input, target, std::size_t(shape.width) * channels)) {
    fail("{}: truncated or damaged JPEG: {}", where, input.message);
  }
  return {screen_image(path, "JPEG", shape, SampleType::uint8, grey(pixels, channels, where))};
}

}  // namespace colonnade
