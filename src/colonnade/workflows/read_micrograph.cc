// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/read_micrograph.h"

#include <cctype>

#include "colonnade/core/error.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/xray_lines.h"

namespace colonnade {

namespace {

/// A signal as the image room takes it, and the element that it was asked by.
struct Asked {
  ReadOptions options;
  std::string element;

  Image named(Image image) const {
    if (element.empty()) return image;
    image.title = element;
    image.metadata["Sample"]["elements"] = nlohmann::json::array({element});
    return image;
  }
};

Asked by_energy(const ReadOptions& options) {
  const std::string mark = "EDS:";
  const bool by_element = options.signal.size() > mark.size() && options.signal.starts_with(mark) &&
                          std::isalpha(static_cast<unsigned char>(options.signal[mark.size()])) != 0;
  if (!by_element) return {options, ""};
  const std::string wanted = options.signal.substr(mark.size());
  const auto space = wanted.find(' ');
  const Element& mapped = element(wanted.substr(0, space));
  const std::string line = space == std::string::npos ? "" : wanted.substr(space + 1);
  const double energy = line.empty() ? xray_line_keV(mapped.number) : xray_line_keV(mapped.number, line);
  if (energy <= 0) fail("'{}' is no X-ray line that is known; give EDS:Pt, EDS:Pt L, EDS:Ni K or EDS:keV", wanted);
  Asked asked{options, std::string(mapped.symbol)};
  asked.options.signal = fmt::format("EDS:{:.5g}", energy);
  return asked;
}

}  // namespace

Image read_micrograph(const std::filesystem::path& path, const ReadOptions& options) {
  const Asked asked = by_energy(options);
  return asked.named(read_image(path, asked.options));
}

std::vector<Image> read_micrograph_frames(const std::filesystem::path& path, const ReadOptions& options) {
  const Asked asked = by_energy(options);
  std::vector<Image> frames = read_frames(path, asked.options);
  for (Image& frame : frames) frame = asked.named(std::move(frame));
  return frames;
}

Image read_named_micrograph(const std::string& text) {
  const auto mark = text.rfind('#');
  if (mark == std::string::npos || std::filesystem::exists(text)) return read_micrograph(text);
  return read_micrograph(text.substr(0, mark), {text.substr(mark + 1), 0});
}

}  // namespace colonnade
