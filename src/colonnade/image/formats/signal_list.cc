// SPDX-License-Identifier: GPL-3.0-or-later
// The list of signals of image_file.h.
#include <algorithm>
#include <array>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/formats/signal_form.h"

namespace colonnade {

namespace {

std::string shape_of(const StoredSignal& signal) {
  std::vector<std::string> sizes;
  for (const SignalAxis& axis : signal.axes) sizes.push_back(std::to_string(axis.size));
  return fmt::format("{}", fmt::join(sizes, " x "));
}

std::string pixel_of(const StoredSignal& signal, const std::string& where) {
  const SignalForm form = form_of(signal);
  const bool has_pixels = form == SignalForm::image || form == SignalForm::frames;
  if (has_pixels) {
    try {
      const PixelSize size = pixel_size(signal, where);
      if (size.nm > 0) return fmt::format("{:.6g} nm{}", size.nm, size.guessed ? " (a guess)" : "");
      return "unknown";
    } catch (const Error&) {  // a list shows what is there; reading the image says what is wrong with it
      return "not square";
    }
  }
  const SignalAxis& axis = signal.axes.back();
  return fmt::format("{:.6g} {}", axis.scale, kind_of_unit(axis.unit) == UnitKind::none ? "px" : axis.unit);
}

}  // namespace

std::vector<SignalSummary> signal_list(const std::filesystem::path& path) {
  std::vector<SignalSummary> list;
  for (const StoredSignal& signal : read_signals(path)) {
    SignalSummary line{int(list.size()) + 1, signal.title,           describe_form(signal),
                       shape_of(signal),     type_name(signal.type), pixel_of(signal, path.string())};
    if (!signal.refusal.empty()) line.form += ", refused: " + signal.refusal;
    list.push_back(std::move(line));
  }
  return list;
}

std::string to_text(const std::vector<SignalSummary>& list) {
  std::vector<std::array<std::string, 6>> rows = {{"", "signal", "is", "shape", "type", "pixel"}};
  for (const SignalSummary& line : list) {
    rows.push_back({std::to_string(line.number), line.title, line.form, line.shape, line.type, line.pixel_size});
  }
  std::array<std::size_t, 6> widths{};
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format("{:<{}}  ", row[i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    text += (text.empty() ? "" : "\n") + line;
  }
  return text;
}

nlohmann::json to_json(const std::vector<SignalSummary>& list) {
  nlohmann::json lines = nlohmann::json::array();
  for (const SignalSummary& line : list) {
    lines.push_back({{"number", line.number},
                     {"signal", line.title},
                     {"is", line.form},
                     {"shape", line.shape},
                     {"type", line.type},
                     {"pixel_size", line.pixel_size}});
  }
  return lines;
}

}  // namespace colonnade
