// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/screen_image.h"

#include <memory>
#include <utility>

#include "colonnade/core/log.h"
#include "colonnade/image/formats/raw_records.h"

namespace colonnade {

StoredSignal screen_image(const std::filesystem::path& path, const std::string& format, const ImageShape& shape,
                          SampleType type, std::vector<float> values) {
  if (format == "JPEG") {
    warn("{}: JPEG changes intensities, atoms counted from it mean little; take the microscope's own file",
         path.string());
  } else if (type == SampleType::uint8) {
    warn(
        "{}: {} of 8 bits: contrast may have been stretched or clipped, so that its numbers need not be proportional "
        "to the intensity; take the microscope's own file where there is one",
        path.string(), format);
  }
  StoredSignal signal;
  signal.type = type;
  signal.intensity = "arbitrary";
  signal.axes = {{"y", "px", shape.height, 1, 0, false}, {"x", "px", shape.width, 1, 0, false}};
  signal.metadata = {{"format", format}, {"scale_source", "none in the file"}};
  signal.read = [path, shape, kept = std::make_shared<const std::vector<float>>(std::move(values))](
                    std::int64_t first, std::int64_t count) {
    require_entries(path, first, count, shape.height);
    const auto row = kept->begin() + first * shape.width;
    return std::vector<float>(row, row + count * shape.width);
  };
  return signal;
}

}  // namespace colonnade
