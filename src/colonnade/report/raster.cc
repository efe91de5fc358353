// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/raster.h"

#include <cairo-pdf.h>
#include <cmath>
#include <librsvg/rsvg.h>
#include <memory>
#include <utility>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"

namespace colonnade {
namespace {

struct ReleaseObject {
  void operator()(void* object) const { g_object_unref(object); }
};
struct ReleaseSurface {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
struct ReleaseContext {
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};
using Handle = std::unique_ptr<RsvgHandle, ReleaseObject>;
using Surface = std::unique_ptr<cairo_surface_t, ReleaseSurface>;
using Context = std::unique_ptr<cairo_t, ReleaseContext>;

std::string take_message(GError* error) {
  std::string message = error != nullptr ? error->message : "unknown reason";
  g_clear_error(&error);
  return message;
}

Handle read_svg(const std::string& svg, const std::filesystem::path& path) {
  GError* error = nullptr;
  const std::unique_ptr<GInputStream, ReleaseObject> stream(
      g_memory_input_stream_new_from_data(svg.data(), gssize(svg.size()), nullptr));
  Handle handle(rsvg_handle_new_from_stream_sync(stream.get(), nullptr, RSVG_HANDLE_FLAG_UNLIMITED, nullptr, &error));
  if (!handle) fail("cannot draw '{}': its SVG is broken ({})", path.string(), take_message(error));
  rsvg_handle_set_dpi(handle.get(), 96);
  return handle;
}

void write_surface(cairo_surface_t* surface, const std::filesystem::path& path) {
  PendingFile file(path);
  const cairo_status_t status = cairo_surface_write_to_png(surface, file.temporary().c_str());
  if (status != CAIRO_STATUS_SUCCESS) {
    fail("cannot write '{}': {}; check the folder and the space left on the disk", path.string(),
         cairo_status_to_string(status));
  }
  file.commit();
}

std::pair<double, double> size_px(RsvgHandle* handle, const std::filesystem::path& path) {
  double width = 0, height = 0;
  if (rsvg_handle_get_intrinsic_size_in_pixels(handle, &width, &height) == 0) {
    fail("cannot draw '{}': its SVG has no width and height in px", path.string());
  }
  return {width, height};
}

void draw(RsvgHandle* handle, cairo_t* context, double width, double height, const std::filesystem::path& path) {
  const RsvgRectangle area{0, 0, width, height};
  GError* error = nullptr;
  if (rsvg_handle_render_document(handle, context, &area, &error) == 0) {
    fail("cannot draw '{}': {}", path.string(), take_message(error));
  }
}

}  // namespace

void write_png(const std::filesystem::path& path, const std::string& svg, double scale) {
  const Handle handle = read_svg(svg, path);
  const auto [width, height] = size_px(handle.get(), path);
  const double wide = std::round(width * scale), high = std::round(height * scale);
  if (!(wide >= 1 && high >= 1 && wide <= 32767 && high <= 32767)) {
    fail("cannot draw '{}' at {} x {} px; choose a scale that keeps both sides between 1 and 32767", path.string(),
         wide, high);
  }
  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, int(wide), int(high)));
  const Context context(cairo_create(surface.get()));
  draw(handle.get(), context.get(), wide, high, path);
  write_surface(surface.get(), path);
}

void write_pdf(const std::filesystem::path& path, const std::string& svg) {
  const Handle handle = read_svg(svg, path);
  const auto [width, height] = size_px(handle.get(), path);
  constexpr double pt_per_px = 72.0 / 96;
  const double wide = width * pt_per_px, high = height * pt_per_px;
  PendingFile file(path);
  const Surface surface(cairo_pdf_surface_create(file.temporary().c_str(), wide, high));
  cairo_pdf_surface_restrict_to_version(surface.get(), CAIRO_PDF_VERSION_1_4);  // read by everything
  // Without it the file would hold the time of writing.
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z");
  {
    const Context context(cairo_create(surface.get()));
    draw(handle.get(), context.get(), wide, high, path);
  }
  cairo_surface_finish(surface.get());
  const cairo_status_t status = cairo_surface_status(surface.get());
  if (status != CAIRO_STATUS_SUCCESS) {
    fail("cannot write '{}': {}; check the folder and the space left on the disk", path.string(),
         cairo_status_to_string(status));
  }
  file.commit();
}

}  // namespace colonnade
