// SPDX-License-Identifier: GPL-3.0-or-later
// Small files as Velox writes them, piece by piece, for tests and for the seeds of the fuzzers.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "colonnade/image/hdf5_file.h"

namespace colonnade::test_files {

struct VeloxWriter {
  void open(const std::filesystem::path& path) {
    file.emplace(path, Hdf5File::Mode::create);
    file->write_text_dataset("Version", R"({"version": "11", "format": "Velox"})");
  }
  /// Pixels of 0.02 nm in a scan of the middle half of a field of 0.64 nm.
  static nlohmann::json record(const std::string& detector, int index) {
    return {{"BinaryResult",
             {{"Detector", detector},
              {"DetectorIndex", std::to_string(index)},
              {"PixelSize", {{"width", "2e-11"}, {"height", "2e-11"}}},
              {"PixelUnitX", "m"},
              {"PixelUnitY", "m"},
              {"Offset", {{"x", "-1e-10"}, {"y", "0"}}}}},
            {"Optics",
             {{"AccelerationVoltage", "200000"},
              {"BeamConvergence", "0.0214"},
              {"FullScanFieldOfView", {{"x", "6.4e-10"}, {"y", "4.8e-10"}}}}},
            {"Scan",
             {{"ScanSize", {{"width", "32"}, {"height", "24"}}},
              {"ScanArea", {{"left", "0.25"}, {"top", "0.25"}, {"right", "0.75"}, {"bottom", "0.75"}}},
              {"DwellTime", "8e-6"},
              {"FrameTime", "0.5"}}},
            {"Detectors",
             {{"Detector-0",
               {{"DetectorName", "HAADF"},
                {"DetectorType", "ScanningDetector"},
                {"CollectionAngleRange", {{"begin", "0.06"}, {"end", "0.2"}}}}},
              {"Detector-1",
               {{"DetectorName", "SuperXG21"},
                {"DetectorType", "AnalyticalDetector"},
                {"Dispersion", "5"},
                {"OffsetEnergy", "-250"}}}}}};
  }
  void put_record(const std::string& group, const nlohmann::json& json) {
    std::vector<std::int64_t> bytes;
    for (const char letter : json.dump()) bytes.push_back(static_cast<unsigned char>(letter));
    bytes.resize(bytes.size() + 7, 0);
    file->write_integers(group + "/Metadata", bytes, {std::int64_t(bytes.size()), 1});
  }
  /// Frame f of 12 x 16 pixels holds 1000 f + 16 y + x.
  void put_image(const std::string& name, const nlohmann::json& json, int frames = 1) {
    std::vector<float> values;
    for (int pixel = 0; pixel < 12 * 16; ++pixel) {
      for (int frame = 0; frame < frames; ++frame) values.push_back(float(1000 * frame + pixel));
    }
    file->write_floats("Data/Image/" + name + "/Data", values, {12, 16, frames});
    put_record("Data/Image/" + name, json);
  }
  void put_label(const std::string& name, const std::string& title) {
    file->write_text_dataset("SharedProperties/ImageSeriesDataReference/r" + name,
                             nlohmann::json({{"dataPath", "/Data/Image/" + name}}).dump());
    file->write_text_dataset(
        "Displays/ImageDisplay/d" + name,
        nlohmann::json({{"data", "/SharedProperties/ImageSeriesDataReference/r" + name}, {"title", title}}).dump());
  }
  /// Frames of 12 x 16 points: point p has p % 5 X-rays in channel 40.
  void put_stream(const std::string& name, int frames) {
    std::vector<std::int64_t> stream;
    for (int frame = 0; frame < frames; ++frame) {
      for (int pixel = 0; pixel < 12 * 16; ++pixel) {
        stream.insert(stream.end(), std::size_t(pixel % 5), 40);
        stream.push_back(65535);
      }
    }
    const std::string group = "Data/SpectrumStream/" + name;
    file->write_integers(group + "/Data", stream, {std::int64_t(stream.size()), 1});
    put_record(group, record("SuperXG21", 1));
    file->write_text_dataset(group + "/AcquisitionSettings", R"({"bincount": "100"})");
  }

  std::optional<Hdf5File> file;
};

}  // namespace colonnade::test_files
