/* SPDX-License-Identifier: MIT */
/* Makes the disk of a guest: an ext4 file system with files whose content is known (pattern.h). */
#ifndef VTD_QEMU_DISK_IMAGE_H
#define VTD_QEMU_DISK_IMAGE_H

#ifdef __cplusplus
extern "C" {
#endif

#define VTD_DISK_IMAGE_WHY 512 /* bytes of an explanation */

/*
 * Makes an image of 16 MiB at path, with mke2fs; a directory "path.d" is there meanwhile. Returns 0, -ENOENT when there is
 * no mke2fs on this machine, or another negative errno; why then says what went wrong.
 */
int vtd_disk_image_make(const char *path, char *why);

#ifdef __cplusplus
}
#endif
#endif
