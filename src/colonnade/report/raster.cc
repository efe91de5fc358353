// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/raster.h"

#include <cmath>
#include <librsvg/rsvg.h>
#include <memory>

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

}  // namespace

void write_png(const std::filesystem::path& path, const std::string& svg, double scale) {
  const Handle handle = read_svg(svg, path);
  double width = 0, height = 0;
  if (rsvg_handle_get_intrinsic_size_in_pixels(handle.get(), &width, &height) == 0) {
    fail("cannot draw '{}': its SVG has no width and height in px", path.string());
  }
  const double wide = std::round(width * scale), high = std::round(height * scale);
  if (!(wide >= 1 && high >= 1 && wide <= 32767 && high <= 32767)) {
    fail("cannot draw '{}' at {} x {} px; choose a scale that keeps both sides between 1 and 32767", path.string(),
         wide, high);
  }
  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, int(wide), int(high)));
  const Context context(cairo_create(surface.get()));
  const RsvgRectangle area{0, 0, wide, high};
  GError* error = nullptr;
  if (rsvg_handle_render_document(handle.get(), context.get(), &area, &error) == 0) {
    fail("cannot draw '{}': {}", path.string(), take_message(error));
  }
  write_surface(surface.get(), path);
}

}  // namespace colonnade
