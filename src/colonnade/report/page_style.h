// SPDX-License-Identifier: GPL-3.0-or-later
// The look of a page.
#pragma once

#include <string_view>

namespace colonnade {

extern const std::string_view page_style;

}  // namespace colonnade
