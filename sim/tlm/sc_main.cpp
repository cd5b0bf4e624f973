// SPDX-License-Identifier: MIT
//
// The SystemC library has a main function that calls sc_main, and wants it even where a program has a main of its own.
extern "C" __attribute__((visibility("default"))) int sc_main(int, char **);
int sc_main(int, char **)
{
    return 0;
}
