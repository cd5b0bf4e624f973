/* SPDX-License-Identifier: MIT */
/* How long random tests go on. */
#ifndef VTD_TEST_ROUNDS_H
#define VTD_TEST_ROUNDS_H

/* Sanitizers make a round many times as long and find what they look for in few: a quarter of the rounds then. */
constexpr unsigned rounds(unsigned full)
{
#ifdef __SANITIZE_ADDRESS__
    return full < 8 ? 1 + full / 5 : full / 4;
#else
    return full;
#endif
}

#endif
