// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/signal_formats.h"

#include <array>

#include "colonnade/core/error.h"
#include "colonnade/image/formats/blo.h"
#include "colonnade/image/formats/bmp.h"
#include "colonnade/image/formats/byte_source.h"
#include "colonnade/image/formats/digital_micrograph.h"
#include "colonnade/image/formats/emi.h"
#include "colonnade/image/formats/hdf5_signals.h"
#include "colonnade/image/formats/jpeg.h"
#include "colonnade/image/formats/mib.h"
#include "colonnade/image/formats/mrc.h"
#include "colonnade/image/formats/npy.h"
#include "colonnade/image/formats/png.h"
#include "colonnade/image/formats/ser.h"
#include "colonnade/image/formats/tiff.h"
#include "colonnade/image/formats/zip_file.h"
#include "colonnade/image/formats/zip_signals.h"

namespace colonnade {

namespace {

using namespace std::string_view_literals;
using Path = std::filesystem::path;

struct Format {
  bool (*recognises)(std::string_view head);
  std::vector<StoredSignal> (*signals)(const Path& path);
};

struct Unread {
  std::string_view magic, name, advice;
};

constexpr std::array unread_formats = {
    Unread{"MATLAB "sv, "MAT (MATLAB)", "save the image as TIFF or NPY"},
    Unread{"GIF8"sv, "GIF", "export as TIFF"},
    Unread{"%PDF"sv, "PDF", "export the image as TIFF"},
    Unread{"\x1F\x8B"sv, "gzip", "unpack it and give the file inside"},
};

bool is_dm(std::string_view head) { return digital_micrograph_version(head) > 0; }

constexpr std::array formats = {
    Format{is_tiff, signals_of_tiff},
    Format{is_npy, signals_of_npy},
    Format{is_png, signals_of_png},
    Format{is_jpeg, signals_of_jpeg},
    Format{is_hdf5, signals_of_hdf5},
    Format{is_blo, signals_of_blo},
    Format{is_mib, signals_of_mib},
    Format{is_zip, signals_of_zip},
    Format{is_mrc, signals_of_mrc},  // before DM3, whose first bytes an MRC file of 3 columns has too
    Format{is_dm, signals_of_digital_micrograph},
    Format{is_ser, signals_of_ser},
    Format{is_emi, signals_of_emi},
    Format{is_bmp, signals_of_bmp},
};

[[noreturn]] void refuse(const Path& path, std::string_view head) {
  for (const Unread& format : unread_formats) {
    if (head.starts_with(format.magic)) fail("{}: {} is not read; {}", path.string(), format.name, format.advice);
  }
  fail("{}: not an image file that is known here; docs/formats.md lists those that are", path.string());
}

}  // namespace

std::vector<StoredSignal> signals_of_known_format(const Path& path) {
  const std::string head = ByteSource(path).read_at_most(0, recognised_head);
  for (const Format& format : formats) {
    if (format.recognises(head)) return format.signals(path);
  }
  refuse(path, head);
}

}  // namespace colonnade
