// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/mib.h"

#include <charconv>
#include <map>
#include <optional>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/log.h"
#include "colonnade/image/formats/byte_source.h"
#include "colonnade/image/formats/raw_records.h"

namespace colonnade {

namespace {

constexpr std::uint64_t head_size = 384;  // of one chip; the fields that are needed come first

struct Header {
  std::uint64_t size = 0;
  std::int64_t width = 0, height = 0;
  SampleType type = SampleType::uint16;
  std::string layout, time, shutter;
};

std::vector<std::string> fields_of(const std::string& text) {
  std::vector<std::string> fields;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    std::string field = text.substr(at, end - at);
    field.erase(0, field.find_first_not_of(' '));
    fields.push_back(field);
    at = end + 1;
  }
  return fields;
}

std::optional<std::int64_t> whole_number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

SampleType sample_type(const std::string& code, const std::string& where) {
  static const std::map<std::string, SampleType> types = {
      {"U01", SampleType::uint8},  {"U1", SampleType::uint8},   {"U08", SampleType::uint8}, {"U8", SampleType::uint8},
      {"U16", SampleType::uint16}, {"U32", SampleType::uint32}, {"U64", SampleType::uint64}};
  const auto found = types.find(code);
  if (code.starts_with("R")) fail("{}: raw Merlin frames ({}) are not read; save processed frames (U16)", where, code);
  if (found == types.end()) fail("{}: the MIB header is damaged: numbers of type '{}'", where, code);
  return found->second;
}

std::string printable(const std::string& text) {
  std::string result;
  for (const char letter : text) {
    if (letter >= ' ' && letter <= '~') result += letter;
  }
  return result;
}

Header read_header(ByteSource& source) {
  const std::string where = source.path().string();
  const auto fields = fields_of(source.read_at_most(0, head_size));
  if (fields.size() < 7) fail("{}: truncated: the MIB header has {} fields; copy it again", where, fields.size());
  const auto size = whole_number(fields[2]), width = whole_number(fields[4]), height = whole_number(fields[5]);
  const std::int64_t largest_header = 1 << 20, largest_side = 1 << 16;
  const bool sound = size && width && height && *size >= 7 && *size <= largest_header && *width > 0 && *height > 0 &&
                     *width <= largest_side && *height <= largest_side;
  if (!sound) {
    fail("{}: the MIB header is damaged: header of '{}' bytes, frames of '{}' x '{}'", where, printable(fields[2]),
         printable(fields[5]), printable(fields[4]));
  }
  Header header{std::uint64_t(*size), *width, *height, sample_type(printable(fields[6]), where)};
  const auto field = [&](std::size_t i) { return i < fields.size() ? printable(fields[i]) : std::string(); };
  header.layout = field(7);
  header.time = field(9);
  header.shutter = field(10);
  return header;
}

/// Lines "key:<tab>value" of the .hdr file beside a .mib file.
nlohmann::json read_sidecar(const std::filesystem::path& path) {
  nlohmann::json values = nlohmann::json::object();
  auto beside = path;
  beside.replace_extension(".hdr");
  std::error_code error;
  const auto size = std::filesystem::file_size(beside, error);
  const std::uintmax_t longest = 1 << 20;
  if (error || size > longest || beside == path) return values;
  const std::string text = read_file(beside);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    const std::size_t tab = line.find('\t');
    if (tab != std::string::npos && tab > 0) {
      std::string key = printable(line.substr(0, tab));
      if (key.ends_with(':')) key.pop_back();
      values[key] = printable(line.substr(tab + 1));
    }
    at = end + 1;
  }
  return values;
}

/// Points of a line of the scan by the .hdr file; 0: not said, or no scan.
std::int64_t frames_per_line(const nlohmann::json& sidecar, std::int64_t frames) {
  const auto stated = whole_number(sidecar.value("Frames per Trigger (Number)", ""));
  return stated && *stated > 1 && *stated < frames ? *stated : 0;
}

}  // namespace

bool is_mib(std::string_view head) { return head.starts_with("MQ1,") || head.starts_with("MQ1A,"); }

std::vector<StoredSignal> signals_of_mib(const std::filesystem::path& path) {
  ByteSource source(path);
  const Header header = read_header(source);
  RawRecords records{path, header.size, header.type, true};
  records.run_values = header.width * header.height;
  records.stride = header.size + std::uint64_t(records.run_values) * byte_size(header.type);
  const auto frames = std::int64_t(source.size() / records.stride);
  const nlohmann::json sidecar = read_sidecar(path);
  const std::int64_t line = frames_per_line(sidecar, frames);
  if (source.size() % records.stride != 0 && frames > 0) {
    warn("{}: {} bytes behind frame {} are left out: the last frame is cut short", path.string(),
         source.size() % records.stride, frames);
  }
  StoredSignal signal;
  signal.type = header.type;
  if (line > 0) {
    records.entries = frames / line;
    records.runs = line;
    signal.axes = {{"y", "", records.entries, 1, 0, true}, {"x", "", line, 1, 0, true}};
  } else {
    records.entries = std::max<std::int64_t>(frames, 1);
    if (frames > 1) signal.axes = {{"frame", "", frames, 1, 0, true}};
  }
  const bool single = signal.axes.empty();
  signal.axes.push_back({"ky", "px", header.height, 1, 0, false});
  signal.axes.push_back({"kx", "px", header.width, 1, 0, false});
  if (single) {
    require_whole(records);
    records.entries = header.height;
    records.run_values = header.width;
    records.stride = 0;
  }
  signal.read = reader_of(records);
  signal.metadata = {{"format", "MIB"},
                     {"Signal", {{"signal_type", "electron_diffraction"}}},
                     {"Acquisition_instrument", {{"TEM", {{"Detector", {{"detector_type", "Merlin"}}}}}}}};
  signal.original = {{"layout", header.layout}, {"time", header.time}, {"shutter_time", header.shutter}};
  if (!sidecar.empty()) signal.original["hdr"] = sidecar;
  return {signal};
}

}  // namespace colonnade
