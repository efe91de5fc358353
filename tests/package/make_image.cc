// SPDX-License-Identifier: GPL-3.0-or-later
// An image by the installed package; prints its mean.
#include <cstdio>

#include "colonnade/image/image.h"

int main() {
  colonnade::Image image(3, 5, 0.02);
  image.at(2, 4) = 30;
  std::printf("mean %g\n", colonnade::mean(image));
}
