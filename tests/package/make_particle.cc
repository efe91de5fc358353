// SPDX-License-Identifier: GPL-3.0-or-later
// A nanoparticle by the installed package; prints its number of atoms.
#include <cstdio>

#include "colonnade/core/random.h"
#include "colonnade/core/version.h"
#include "colonnade/structures/nanoparticle.h"

int main() {
  colonnade::NanoparticleOptions options;
  options.elements = {"Pt", "Ni"};
  options.diameter_nm = 2;
  colonnade::Random random(1);
  const colonnade::Structure particle = colonnade::make_nanoparticle(options, random);
  std::printf("Colonnade %s: %zu atoms, %s\n", colonnade::version, particle.atoms.size(),
              colonnade::composition_text(particle).c_str());
}
