/* SPDX-License-Identifier: MIT */
/*
 * Logarithm and exponential of nothing but sums, products and quotients, which IEEE 754 defines to the last bit: unlike
 * those of a C library they give the same on every machine, and so do random streams made with them. Relative errors
 * are around 1e-15. Compile users of it with -ffp-contract=off.
 */
#ifndef VTD_WORKLOAD_STEADY_MATH_H
#define VTD_WORKLOAD_STEADY_MATH_H

#include <stdint.h>
#include <string.h>

#define VTD_LN2 0.693147180559945309

/* Natural logarithm of a normal number above 0. With m = (1 + f) / (1 - f): ln m = 2 (f + f^3 / 3 + f^5 / 5 + ...). */
static inline double vtd_steady_log(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int exponent = (int)(bits >> 52 & 0x7ff) - 1023;
    bits = (bits & 0xfffffffffffffull) | 0x3ff0000000000000ull;
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        exponent++;
    }
    const double f = (m - 1) / (m + 1), q = f * f;
    const double tail = 1.0 / 11 + q * (1.0 / 13 + q * (1.0 / 15 + q * (1.0 / 17 + q * (1.0 / 19 + q * (1.0 / 21)))));
    const double sum = 1 + q * (1.0 / 3 + q * (1.0 / 5 + q * (1.0 / 7 + q * (1.0 / 9 + q * tail))));
    return exponent * VTD_LN2 + 2 * f * sum;
}

/* e^x, 0 below the normal numbers; x up to 700. */
static inline double vtd_steady_exp(double x)
{
    if (x < -700)
        return 0;
    const int k = (int)(x / VTD_LN2 + (x < 0 ? -0.5 : 0.5));
    const double r = x - k * VTD_LN2;
    double sum = 1;
    for (int n = 15; n > 0; n--)
        sum = 1 + r / n * sum;
    const uint64_t bits = (uint64_t)(k + 1023) << 52;
    double scale;
    memcpy(&scale, &bits, sizeof scale);
    return sum * scale;
}

#endif
