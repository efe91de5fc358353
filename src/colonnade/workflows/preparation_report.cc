// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/preparation_report.h"

#include <algorithm>
#include <fmt/format.h>

#include "colonnade/image/filter.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/report/image_figure.h"

namespace colonnade {
namespace {

// Larger images are shown coarser: the page is one file.
constexpr int largest_shown_px = 512;

ImageFigure figure_of(Image image, const std::string& title) {
  const int side = std::max(image.height, image.width);
  if (side > largest_shown_px) {
    const bool known = image.pixel_size_nm > 0;
    if (!known) image.pixel_size_nm = 1;
    image = resample(image, image.pixel_size_nm * side / largest_shown_px);
    if (!known) image.pixel_size_nm = 0;
  }
  ImageFigure figure;
  figure.image = std::move(image);
  figure.title = title;
  return figure;
}

}  // namespace

std::vector<std::string> step_figures(const PreparationStep& step, double width_px) {
  if (step.before.data.empty() || step.after.data.empty()) return {};
  return {to_svg(figure_of(step.before, "Before: " + step.name), width_px),
          to_svg(figure_of(step.after, "After: " + step.name), width_px)};
}

void add_preparation(Page& page, const std::vector<PreparationStep>& steps) {
  if (steps.empty()) return;
  page.heading("Preparation of the image");
  for (const PreparationStep& step : steps) {
    page.paragraph(step.sentence);
    const auto svgs = step_figures(step);
    if (svgs.empty()) continue;
    page.open_fold("Before and after");
    page.figures(svgs, "The images are in the folder preparation, too.");
    page.close_fold();
  }
}

void write_preparation(const std::filesystem::path& folder, const Prepared& prepared) {
  int number = 0;
  for (const PreparationStep& step : prepared.steps) {
    if (step.before.data.empty()) continue;
    std::string name = step.name;
    std::replace(name.begin(), name.end(), ' ', '_');
    std::filesystem::create_directories(folder / "preparation");
    write_image(folder / "preparation" / fmt::format("{}_{}_before.tif", ++number, name), step.before);
  }
  if (number == 0) return;
  write_image(folder / "preparation" / "prepared.tif", prepared.image);
  if (!prepared.standard_error.data.empty()) {
    write_image(folder / "preparation" / "standard_error.tif", prepared.standard_error);
  }
}

}  // namespace colonnade
