// SPDX-License-Identifier: GPL-3.0-or-later
// A small valid store of HyperSpy's ZSPY, file by file, for tests and for the seeds of the fuzzers.
#pragma once

#include <blosc.h>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>
#include <zlib.h>
#include <zstd.h>

#include "colonnade/image/formats/test_files.h"

namespace colonnade::test_files {

inline std::string packed(const std::string& plain, const std::string& packing) {
  std::string result(plain.size() + 1000, '\0');
  std::size_t size = plain.size();
  if (packing == "blosc") {
    size =
        std::size_t(blosc_compress_ctx(5, 1, 4, plain.size(), plain.data(), result.data(), result.size(), "lz4", 0, 1));
  } else if (packing == "zlib") {
    uLongf length = result.size();
    compress(reinterpret_cast<Bytef*>(result.data()), &length, reinterpret_cast<const Bytef*>(plain.data()),
             uLong(plain.size()));
    size = length;
  } else if (packing == "zstd") {
    size = ZSTD_compress(result.data(), result.size(), plain.data(), plain.size(), 1);
  } else {
    return plain;
  }
  result.resize(size);
  return result;
}

struct ZarrSample {
  std::string packing = "blosc", type = "<f4", order = "C", separator = ".";
  int columns = 7;
};

/// 5 rows and 7 columns in chunks of 2 x 3: the value at (y, x) is 10 y + x. The chunk of the lower right corner is
/// missing.
inline std::vector<std::pair<std::string, std::string>> zspy(const ZarrSample& sample = {}) {
  const std::string group = "Experiments/HAADF";
  const nlohmann::json compressor =
      sample.packing.empty() ? nlohmann::json() : nlohmann::json({{"id", sample.packing}});
  nlohmann::json array = {{"shape", {5, sample.columns}}, {"chunks", {2, 3}},         {"dtype", sample.type},
                          {"order", sample.order},        {"compressor", compressor}, {"filters", nullptr},
                          {"fill_value", -1.0},           {"zarr_format", 2}};
  array["dimension_separator"] = sample.separator;
  const auto axis = [](const char* name) {
    return nlohmann::json({{"name", name}, {"units", "nm"}, {"scale", 0.02}, {"offset", 1.0}, {"navigate", false}})
        .dump();
  };
  std::vector<std::pair<std::string, std::string>> files = {
      {".zgroup", R"({"zarr_format": 2})"},
      {".zattrs", R"({"file_format": "ZSPY"})"},
      {group + "/.zgroup", "{}"},
      {group + "/axis-0/.zgroup", "{}"},
      {group + "/axis-0/.zattrs", axis("y")},
      {group + "/axis-1/.zgroup", "{}"},
      {group + "/axis-1/.zattrs", axis("x")},
      {group + "/metadata/.zgroup", "{}"},
      {group + "/metadata/General/.zgroup", "{}"},
      {group + "/metadata/General/.zattrs", R"({"title": "Pt particle"})"},
      {group + "/data/.zarray", array.dump()}};
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 3; ++column) {
      if (row == 2 && column == 2) continue;
      std::string chunk;
      for (int i = 0; i < 6; ++i) {
        const int y = sample.order == "F" ? i % 2 : i / 3, x = sample.order == "F" ? i / 2 : i % 3;
        const float value = float(10 * (2 * row + y) + 3 * column + x);
        chunk += sample.type == ">i2" ? bytes_of(std::int16_t(value), true) : bytes_of(value);
      }
      files.emplace_back(fmt::format("{}/data/{}{}{}", group, row, sample.separator, column),
                         packed(chunk, sample.packing));
    }
  }
  return files;
}

}  // namespace colonnade::test_files
