// SPDX-License-Identifier: GPL-3.0-or-later
// Small valid files of the formats, byte by byte, for tests and for the seeds of the fuzzers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <utility>
#include <vector>
#include <zip.h>

namespace colonnade::test_files {

template <class T>
std::string bytes_of(T value, bool big_endian = false) {
  std::string text(reinterpret_cast<const char*>(&value), sizeof value);
  if (big_endian) std::reverse(text.begin(), text.end());
  return text;
}

template <class T>
void put_number(std::string& file, std::size_t offset, T value) {
  file.replace(offset, sizeof value, bytes_of(value));
}

/// NPY of version 1.
inline std::string npy(const std::string& descr, const std::string& shape, const std::string& data) {
  const std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}\n", descr, shape);
  return std::string("\x93NUMPY\1\0", 8) + char(text.size() & 255) + char(text.size() >> 8) + text + data;
}

/// Floats 0, 1, 2, ...
inline std::string ramp(std::size_t count) {
  std::string data;
  for (std::size_t i = 0; i < count; ++i) data += bytes_of(float(i));
  return data;
}

/// Writes a ZIP file of members, deflated or stored.
inline bool write_zip(const std::string& path, const std::vector<std::pair<std::string, std::string>>& members,
                      bool deflated) {
  int code = 0;
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
  if (!archive) return false;
  for (const auto& [name, contents] : members) {
    zip_source_t* source = zip_source_buffer(archive, contents.data(), contents.size(), 0);
    const zip_int64_t index = zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) return false;
    zip_set_file_compression(archive, zip_uint64_t(index), deflated ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
    zip_file_set_mtime(archive, zip_uint64_t(index), 0, 0);
  }
  return zip_close(archive) == 0;
}

/// A scan of 2 x 3 points of 0.5 nm, patterns of 4 x 4 px, 100 px per cm at 250 mm, 200 kV. Pattern p holds p at 0, 0.
inline std::string blo() {
  std::string file(256, '\0');
  file.replace(0, 6, "IMGBLO");
  put_number<std::uint16_t>(file, 6, 0x0102);
  put_number<std::uint32_t>(file, 8, 256);
  put_number<std::uint32_t>(file, 12, 256 + 6);
  put_number<std::uint16_t>(file, 20, 4);
  put_number<std::uint16_t>(file, 24, 3);
  put_number<std::uint16_t>(file, 26, 2);
  put_number<double>(file, 30, 0.5);
  put_number<double>(file, 38, 0.5);
  put_number<std::uint32_t>(file, 46, 200000);
  put_number<std::uint16_t>(file, 50, 10000);
  put_number<std::uint32_t>(file, 52, 2500);
  for (int i = 0; i < 6; ++i) file += char(10 + i);
  for (int i = 0; i < 6; ++i) {
    file += "\xAA\x55" + bytes_of(std::uint32_t(i)) + char(i);
    for (int k = 1; k < 16; ++k) file += char(100 + k);
  }
  return file;
}

/// Frames of 2 rows and 3 columns whose first number is the frame's, from 1.
inline std::string mib(int frames, const std::string& type = "U16", int bytes = 2) {
  std::string file;
  for (int frame = 1; frame <= frames; ++frame) {
    std::string head =
        fmt::format("MQ1,{:06},00384,01,0003,0002,{},   1x1,01,2024-01-01 12:00:00.0,0.001,0,0,0,", frame, type);
    head.resize(384, ' ');
    file += head;
    for (int i = 0; i < 6; ++i) {
      file += std::string(std::size_t(bytes) - 1, '\0') + char(frame + i);
    }
  }
  return file;
}

/// 3 x 2 px, rows of `bits` 8 (grey palette) or 24, from below; grey values 10, 20, 30 above 40, 50, 60.
inline std::string bmp(int bits, bool from_above = false) {
  const int palette = bits == 8 ? 1024 : 0, row = bits == 8 ? 4 : 12;
  std::string file(54, '\0');
  file.replace(0, 2, "BM");
  put_number<std::uint32_t>(file, 2, std::uint32_t(54 + palette + 2 * row));
  put_number<std::uint32_t>(file, 10, std::uint32_t(54 + palette));
  put_number<std::uint32_t>(file, 14, 40);
  put_number<std::int32_t>(file, 18, 3);
  put_number<std::int32_t>(file, 22, from_above ? -2 : 2);
  put_number<std::uint16_t>(file, 26, 1);
  put_number<std::uint16_t>(file, 28, std::uint16_t(bits));
  for (int i = 0; i < palette / 4; ++i) file += std::string(3, char(i)) + '\0';
  for (const int line : from_above ? std::vector{0, 1} : std::vector{1, 0}) {
    std::string bytes;
    for (int x = 1; x <= 3; ++x) bytes += std::string(std::size_t(bits) / 8, char(10 * (3 * line + x)));
    bytes.resize(std::size_t(row), '\0');
    file += bytes;
  }
  return file;
}

/// An MRC file of 3 columns, 2 rows and `sections` sections, every byte of its numbers 1.
inline std::string mrc(int mode, int sections, const std::string& type = "", const std::string& extended = "") {
  std::string file(1024, '\0');
  const std::vector<std::pair<std::size_t, int>> words = {{0, 3},
                                                          {4, 2},
                                                          {8, sections},
                                                          {12, mode},
                                                          {28, 3},
                                                          {32, 2},
                                                          {36, 1},
                                                          {64, 1},
                                                          {68, 2},
                                                          {72, 3},
                                                          {92, int(extended.size())}};
  for (const auto& [offset, value] : words) put_number<std::int32_t>(file, offset, value);
  put_number<float>(file, 40, 0.6F);
  put_number<float>(file, 44, 0.4F);
  file.replace(104, type.size(), type);
  file.replace(208, 4, "MAP ");
  file.replace(212, 2, "\x44\x44");
  const std::size_t row = mode == 101 ? 2 : mode == 0 ? 3 : mode == 2 ? 12 : 6;
  return file + extended + std::string(2 * row * std::size_t(sections), '\1');
}

/// A record of FEI's extended header in MRC files (768 or 888 bytes): HAADF, 0.02 nm, 200 kV, 21.4 mrad, 5 us.
inline std::string fei_record(std::size_t size) {
  std::string record(size, '\0');
  put_number<std::int32_t>(record, 0, std::int32_t(size));
  put_number<double>(record, 84, 200e3);
  put_number<double>(record, 156, 2e-11);
  put_number<double>(record, 164, 2e-11);
  put_number<double>(record, 329, 0.0214);
  record.replace(519, 5, "HAADF");
  put_number<double>(record, 571, 5e-6);
  return record;
}

/// TIFF, little-endian: `pages` pages of 3 x 2 bytes; the first has these texts by tag (270 is the description).
inline std::string tiff(int pages, const std::vector<std::pair<std::uint16_t, std::string>>& texts) {
  std::string file = std::string("II*\0", 4) + bytes_of(std::uint32_t(8));
  for (int page = 0; page < pages; ++page) {
    const std::size_t texts_here = page == 0 ? texts.size() : 0, count = 8 + texts_here;
    const std::size_t behind = file.size() + 2 + 12 * count + 4;  // where pixels and texts go
    std::string entries, data(6, char(page + 1));
    const auto entry = [&](std::uint16_t tag, std::uint16_t type, std::size_t number, std::uint32_t value) {
      entries += bytes_of(tag) + bytes_of(type) + bytes_of(std::uint32_t(number)) + bytes_of(value);
    };
    for (const auto& [tag, value] : {std::pair{256, 3U}, {257, 2U}, {258, 8U}, {259, 1U}, {262, 1U}}) {
      entry(std::uint16_t(tag), 4, 1, value);
    }
    const auto text_entries = [&](bool before_strips) {
      for (std::size_t i = 0; i < texts_here; ++i) {
        const auto& [tag, text] = texts[i];
        if ((tag < 273) != before_strips) continue;
        entry(tag, 2, text.size() + 1, std::uint32_t(behind + data.size()));
        data += text + std::string(2 - (text.size() + 1) % 2, '\0');
      }
    };
    text_entries(true);
    entry(273, 4, 1, std::uint32_t(behind));
    entry(278, 4, 1, 2);
    entry(279, 4, 1, 6);
    text_entries(false);
    const std::uint32_t next = page + 1 < pages ? std::uint32_t(behind + data.size()) : 0;
    file.append(bytes_of(std::uint16_t(count))).append(entries).append(bytes_of(next)).append(data);
  }
  return file;
}

/// What Nion Swift writes beside an array of 2 axes.
inline std::string nion_properties() {
  return R"({"title": "HAADF", "created": "2024-05-06T07:08:09", "is_sequence": false, "collection_dimension_count": 0,
    "datum_dimension_count": 2, "dimensional_calibrations": [{"offset": 0.0, "scale": 0.02, "units": "nm"},
    {"offset": 0.0, "scale": 0.02, "units": "nm"}], "intensity_calibration": {"offset": 0.0, "scale": 1.0, "units": ""},
    "metadata": {"instrument": {"high_tension": 100000.0}, "scan": {"scan_device_parameters": {"pixel_time_us": 8.0}}}})";
}

}  // namespace colonnade::test_files
