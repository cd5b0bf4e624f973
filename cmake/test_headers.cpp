/* SPDX-License-Identifier: MIT */
/* Nothing: precompiles the headers that all tests include (VtdTest.cmake). */
