// SPDX-License-Identifier: GPL-3.0-or-later
// How far atoms tremble: B = 8 pi^2 u^2 in A^2, u (here sigma, in A) the root mean square displacement along one
// direction. At other temperatures than the measured one by Debye's model of a crystal of one element with the
// zero-point motion (B. E. Warren, X-Ray Diffraction, Addison-Wesley 1969, chapter 11): with x = theta / T,
//   sigma^2 = 3 hbar^2 / (m k theta) (1/4 + phi(x) / x),   phi(x) = 1/x integral from 0 to x of t / (e^t - 1) dt.
// theta is the one that gives the measured B at its temperature, so that there is one table, not two that disagree.
#pragma once

namespace colonnade {

/// At 300 K: the value at 280 K of L.-M. Peng, G. Ren, S. L. Dudarev, M. J. Whelan, Acta Cryst. A52, 456 (1996), table
/// 1, times 300/280 (u^2 is proportional to T there), of the element's crystal at room temperature. Cobalt, not in the
/// table, from nickel's by the masses and Debye temperatures (445 and 450 K, Kittel, Introduction to Solid State
/// Physics). 0: none is known.
double default_b_factor(int atomic_number);

/// Debye's phi(x), x >= 0: 1 at 0.
double debye_phi(double x);
/// sigma along one axis in A of an atom of this mass in a crystal of this Debye temperature; 0 K is allowed.
double debye_sigma_A(double mass_u, double debye_K, double temperature_K);
/// The Debye temperature in K that gives this sigma at this temperature; fails where none between 5 and 5000 K does.
double debye_temperature_of(double mass_u, double sigma_A, double temperature_K);
/// Of an element: from default_b_factor() where that knows it, else C. Kittel, Introduction to Solid State Physics (8th
/// ed., chapter 5, table 1), from specific heats. 0: none is known.
double debye_temperature_K(int atomic_number);

}  // namespace colonnade
