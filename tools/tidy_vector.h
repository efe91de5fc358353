// SPDX-License-Identifier: GPL-3.0-or-later
// Included by force before sources that use libtorch or gemmi, for clang-tidy alone. Both have classes that hold a
// std::vector of a type that is not complete yet; clang 14 instantiates a constexpr vector at once and fails, GCC does
// not. Hence a vector without constexpr. __fill_a1 is declared constexpr before and must not be declared again without.
#pragma once

#include <string>

#pragma push_macro("_GLIBCXX20_CONSTEXPR")
#undef _GLIBCXX20_CONSTEXPR
#define _GLIBCXX20_CONSTEXPR
#define __fill_a1 __fill_a1_of_the_shim
#include <vector>
#undef __fill_a1
#pragma pop_macro("_GLIBCXX20_CONSTEXPR")
