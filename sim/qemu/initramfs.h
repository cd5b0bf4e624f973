/* SPDX-License-Identifier: MIT */
/*
 * The file system that the guest boots into: busybox, the test programs, kernel modules for VFIO, and an init that loads
 * the modules, runs tests as the kernel command line says, and switches off.
 */
#ifndef VTD_QEMU_INITRAMFS_H
#define VTD_QEMU_INITRAMFS_H

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_qemu_initramfs {
    const char *busybox; /* a static one */
    const char *tests;   /* the program with the guest's tests, static; NULL: none */
    const char *modules; /* lib/modules/VERSION of the kernel; NULL: all that is needed is built in */
    const char *sva;     /* the kernel module of the SVA test; NULL: none */
    const char *ids;     /* for vfio-pci: "VVVV:DDDD" */
};

/* Writes it to path. Returns 0, or -1 with why (256 bytes) filled. */
int vtd_qemu_initramfs_write(const struct vtd_qemu_initramfs *files, const char *path, char *why);

#ifdef __cplusplus
}
#endif
#endif
