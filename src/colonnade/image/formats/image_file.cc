// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/image_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/image/formats/byte_source.h"
#include "colonnade/image/formats/hdf5_image.h"
#include "colonnade/image/formats/mrc.h"
#include "colonnade/image/formats/npy.h"
#include "colonnade/image/formats/png.h"
#include "colonnade/image/formats/tiff.h"

namespace colonnade {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t head_size = 8200;  // the signature of HDF5 may stand at 0, 512, 1024, 2048, 4096, 8192

struct Unread {
  std::string_view magic, name, advice;
};

constexpr std::array unread_formats = {
    Unread{"II\x97\x01"sv, "SER (TIA)", "export as TIFF"},
    Unread{"MM\x01\x97"sv, "SER (TIA)", "export as TIFF"},
    Unread{"JK\x00\x02"sv, "EMI (TIA)", "export the image as TIFF"},
    Unread{"MQ1,"sv, "MIB (Merlin)", "export as TIFF"},
    Unread{"IMGBLO"sv, "BLO (blockfile)", "export as TIFF"},
    Unread{"MATLAB "sv, "MAT (MATLAB)", "save the image as TIFF or NPY"},
    Unread{"\xFF\xD8\xFF"sv, "JPEG", "its compression changes intensities: export the original as TIFF"},
    Unread{"BM"sv, "BMP", "export as TIFF"},
    Unread{"GIF8"sv, "GIF", "export as TIFF"},
    Unread{"%PDF"sv, "PDF", "export the image as TIFF"},
    Unread{"PK\x03\x04"sv, "ZIP (or NPZ)", "unpack it and give the file inside"},
    Unread{"\x1F\x8B"sv, "gzip", "unpack it and give the file inside"},
};

bool is_tiff(std::string_view head) {
  const std::string_view start = head.substr(0, 4);
  return start == "II*\0"sv || start == "MM\0*"sv || start == "II+\0"sv || start == "MM\0+"sv;
}

bool is_hdf5(std::string_view head) {
  for (std::size_t at = 0; at < head.size(); at = at == 0 ? 512 : 2 * at) {
    if (head.substr(at).starts_with("\x89HDF\r\n\x1A\n"sv)) return true;
  }
  return false;
}

/// 3 or 4: DigitalMicrograph's file of that version; 0: neither. Behind version and length stands the byte order, 0
/// or 1.
int digital_micrograph_version(std::string_view head) {
  if (head.size() < 16) return 0;
  const std::string_view version = head.substr(0, 4);
  const bool is_three = version == "\0\0\0\x03"sv, is_four = version == "\0\0\0\x04"sv;
  const std::string_view order = head.substr(is_three ? 8 : 12, 4);
  if (order != "\0\0\0\x01"sv && order != "\0\0\0\0"sv) return 0;
  return is_three ? 3 : is_four ? 4 : 0;
}

[[noreturn]] void refuse(const std::filesystem::path& path, std::string_view head) {
  if (const int version = digital_micrograph_version(head); version > 0) {
    fail("{}: DM{} (DigitalMicrograph) is not read yet; export as TIFF", path.string(), version);
  }
  for (const Unread& format : unread_formats) {
    if (head.starts_with(format.magic)) fail("{}: {} is not read; {}", path.string(), format.name, format.advice);
  }
  fail("{}: not an image file that is known here (TIFF, NPY, PNG, MRC, HDF5)", path.string());
}

std::string extension(const std::filesystem::path& path) {
  std::string text = path.extension().string();
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) { return std::tolower(letter); });
  return text;
}

Image read_known(const std::filesystem::path& path) {
  const std::string head = ByteSource(path).read_at_most(0, head_size);
  if (is_tiff(head)) return read_tiff(path);
  if (head.starts_with("\x93NUMPY")) return read_npy(path);
  if (head.starts_with("\x89PNG\r\n\x1A\n")) return read_png(path);
  if (head.starts_with("MATLAB ")) refuse(path, head);  // version 7.3 is HDF5 inside, with its axes swapped
  if (is_hdf5(head)) return read_hdf5_image(path);
  if (digital_micrograph_version(head) == 0 && is_mrc(head)) return read_mrc(path);
  refuse(path, head);
}

}  // namespace

Image read_image(const std::filesystem::path& path) {
  require_file(path, "image");
  Image image = read_known(path);
  require_finite(image, path.string());
  if (image.title.empty()) image.title = path.stem().string();
  image.metadata["file"] = path.filename().string();
  return image;
}

void write_image(const std::filesystem::path& path, const Image& image) {
  require_finite(image, path.string());
  const std::string kind = extension(path);
  void (*write)(const std::filesystem::path&, const Image&) = nullptr;
  if (kind == ".tif" || kind == ".tiff") write = write_tiff;
  if (kind == ".npy") write = write_npy;
  if (kind == ".png") write = write_png;
  if (!write) fail("{}: images are written as .tif, .tiff, .npy or .png, not '{}'", path.string(), kind);
  PendingFile pending(path);
  write(pending.temporary(), image);
  pending.commit();
}

}  // namespace colonnade
