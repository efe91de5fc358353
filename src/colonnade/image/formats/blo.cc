// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/blo.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "colonnade/core/error.h"
#include "colonnade/image/formats/byte_source.h"
#include "colonnade/image/formats/raw_records.h"

namespace colonnade {

namespace {

static_assert(std::endian::native == std::endian::little, "the fields below are taken as they lie in the file");

constexpr std::uint64_t header_size = 64, pattern_mark_size = 6;

struct Header {
  std::uint32_t image_offset = 0, pattern_offset = 0;
  std::uint16_t pattern_size = 0, columns = 0, rows = 0;
  double step_x_nm = 0, step_y_nm = 0;
  double beam_energy_V = 0, pixels_per_cm = 0, camera_length_mm = 0, rotation_degrees = 0;
};

template <class T>
T take(const std::string& bytes, std::size_t offset) {
  T value{};
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

double step_or_zero(double step) { return std::isfinite(step) && step > 0 ? step : 0; }

Header read_header(ByteSource& source) {
  const std::string bytes = source.read(0, header_size);
  Header header;
  header.image_offset = take<std::uint32_t>(bytes, 8);
  header.pattern_offset = take<std::uint32_t>(bytes, 12);
  header.pattern_size = take<std::uint16_t>(bytes, 20);
  header.columns = take<std::uint16_t>(bytes, 24);
  header.rows = take<std::uint16_t>(bytes, 26);
  header.rotation_degrees = take<std::uint16_t>(bytes, 28) / 100.0;
  header.step_x_nm = step_or_zero(take<double>(bytes, 30));
  header.step_y_nm = step_or_zero(take<double>(bytes, 38));
  header.beam_energy_V = take<std::uint32_t>(bytes, 46);
  header.pixels_per_cm = take<std::uint16_t>(bytes, 50) / 100.0;
  header.camera_length_mm = take<std::uint32_t>(bytes, 52) / 10.0;
  if (header.columns == 0 || header.rows == 0 || header.pattern_size == 0) {
    fail("{}: the BLO header is damaged: a scan of {} x {} points, patterns of {} px", source.path().string(),
         header.rows, header.columns, header.pattern_size);
  }
  return header;
}

SignalAxis scan_axis(const char* name, std::int64_t size, double step_nm, bool navigation) {
  return {name, step_nm > 0 ? "nm" : "", size, step_nm > 0 ? step_nm : 1, 0, navigation};
}

/// The file knows pixels per cm on the screen and the camera length: their ratio is an angle.
SignalAxis pattern_axis(const char* name, const Header& header) {
  const bool known = header.pixels_per_cm > 0 && header.camera_length_mm > 0;
  const double step_mrad = known ? 10 / header.pixels_per_cm / header.camera_length_mm * 1e3 : 1;
  return {name, known ? "mrad" : "px", header.pattern_size, step_mrad, 0, false};
}

nlohmann::json metadata_of(const Header& header) {
  nlohmann::json metadata = {{"format", "BLO"}};
  if (header.step_x_nm > 0) metadata["scale_source"] = "step of the scan in the BLO header";
  auto& microscope = metadata["Acquisition_instrument"]["TEM"];
  microscope["acquisition_mode"] = "STEM";
  if (header.beam_energy_V > 0) microscope["beam_energy"] = header.beam_energy_V / 1e3;
  if (header.camera_length_mm > 0) microscope["camera_length"] = header.camera_length_mm;
  return metadata;
}

StoredSignal bright_field(const std::filesystem::path& path, const Header& header) {
  StoredSignal signal;
  signal.title = "virtual bright field";
  signal.type = SampleType::uint8;
  signal.axes = {scan_axis("y", header.rows, header.step_y_nm, false),
                 scan_axis("x", header.columns, header.step_x_nm, false)};
  RawRecords records{path, header.image_offset, SampleType::uint8};
  records.entries = header.rows;
  records.run_values = header.columns;
  signal.read = reader_of(records);
  return signal;
}

StoredSignal patterns(const std::filesystem::path& path, const Header& header) {
  StoredSignal signal;
  signal.title = "patterns";
  signal.type = SampleType::uint8;
  signal.axes = {scan_axis("y", header.rows, header.step_y_nm, true),
                 scan_axis("x", header.columns, header.step_x_nm, true), pattern_axis("ky", header),
                 pattern_axis("kx", header)};
  RawRecords records{path, header.pattern_offset + pattern_mark_size, SampleType::uint8};
  records.entries = header.rows;
  records.runs = header.columns;
  records.run_values = std::int64_t(header.pattern_size) * header.pattern_size;
  records.stride = std::uint64_t(records.run_values) + pattern_mark_size;
  signal.read = reader_of(records);
  signal.metadata["Signal"]["signal_type"] = "electron_diffraction";
  return signal;
}

}  // namespace

bool is_blo(std::string_view head) { return head.starts_with("IMGBLO"); }

std::vector<StoredSignal> signals_of_blo(const std::filesystem::path& path) {
  ByteSource source(path);
  const Header header = read_header(source);
  std::vector<StoredSignal> signals;
  const std::uint64_t image_end = std::uint64_t(header.image_offset) + std::uint64_t(header.rows) * header.columns;
  const bool has_image = header.image_offset >= header_size && image_end <= header.pattern_offset;
  if (has_image) signals.push_back(bright_field(path, header));
  signals.push_back(patterns(path, header));
  for (StoredSignal& signal : signals) {
    signal.metadata.update(metadata_of(header));
    signal.original = {{"scan_rotation_degrees", header.rotation_degrees},
                       {"pixels_per_cm", header.pixels_per_cm},
                       {"camera_length_mm", header.camera_length_mm},
                       {"beam_energy_V", header.beam_energy_V}};
  }
  return signals;
}

}  // namespace colonnade
