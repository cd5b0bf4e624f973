/* SPDX-License-Identifier: MIT */
/* The guest's file system. See initramfs.h. */
#include "initramfs.h"

#include "cpio.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WHY_SIZE 256

/*
 * Parameters of the kernel command line: vtd.tests (names with commas, all, or shell), vtd.ir (0 or 1: interrupt
 * remapping). Output goes to the kernel's log: where interrupts of the serial port do not work, that is what still does.
 */
static const char init[] =
    "#!/bin/busybox sh\n"
    "/bin/busybox mkdir -p /proc /sys /dev /tmp /bin\n"
    "/bin/busybox --install -s /bin\n"
    "export PATH=/bin\n"
    "mount -t proc proc /proc\n"
    "mount -t sysfs sys /sys\n"
    "mount -t devtmpfs dev /dev\n"
    "mount -t tmpfs tmp /tmp\n"
    "option() { for w in $(cat /proc/cmdline); do case $w in vtd.$1=*) echo \"${w#*=}\";; esac; done; }\n"
    "unsafe=allow_unsafe_interrupts=1\n"
    "[ \"$(option ir)\" = 1 ] && unsafe=\n"
    "if [ -f /modules/load ]; then\n"
    "    while read -r module arguments; do\n"
    "        [ $module = vfio_iommu_type1 ] && arguments=$unsafe\n"
    "        insmod /modules/$module.ko $arguments || echo \"VTD-NOTE cannot load $module\" > /dev/kmsg\n"
    "    done < /modules/load\n"
    "fi\n"
    "echo VTD-START > /dev/kmsg\n"
    "tests=$(option tests)\n"
    "if [ \"$tests\" = shell ]; then\n"
    "    setsid cttyhack sh\n"
    "elif [ \"$tests\" != boot ] && [ -x /bin/vtd_guest ]; then\n"
    "    vtd_guest run $(echo $tests | tr , ' ') > /dev/kmsg 2>&1 < /dev/null\n"
    "    echo \"VTD-STATUS $?\" > /dev/kmsg\n"
    "fi\n"
    "echo VTD-END > /dev/kmsg\n"
    "poweroff -f\n";

/*
 * Kernel modules in the order in which they need each other; those that a kernel does not have it does not need. Those of
 * the disk are loaded by the test that uses it, from a list of their own.
 */
static const struct {
    const char *name, *path;
    bool ids;
    bool disk;
} module[] = {
    {"irqbypass", "kernel/virt/lib", false, false},
    {"iommufd", "kernel/drivers/iommu/iommufd", false, false},
    {"vfio", "kernel/drivers/vfio", false, false},
    {"vfio_virqfd", "kernel/drivers/vfio", false, false},
    {"vfio_iommu_type1", "kernel/drivers/vfio", false, false},
    {"vfio-pci-core", "kernel/drivers/vfio/pci", false, false},
    {"vfio-pci", "kernel/drivers/vfio/pci", true, false},
    {"virtio_ring", "kernel/drivers/virtio", false, true},
    {"virtio", "kernel/drivers/virtio", false, true},
    {"virtio_pci_modern_dev", "kernel/drivers/virtio", false, true},
    {"virtio_pci_legacy_dev", "kernel/drivers/virtio", false, true},
    {"virtio_pci", "kernel/drivers/virtio", false, true},
    {"virtio_blk", "kernel/drivers/block", false, true},
    {"crc32c_generic", "kernel/crypto", false, true},
    {"crc16", "kernel/lib", false, true},
    {"mbcache", "kernel/fs", false, true},
    {"jbd2", "kernel/fs/jbd2", false, true},
    {"ext4", "kernel/fs/ext4", false, true},
};

/* Modules of one list that there are, and the list of their names. */
static void put_list(struct vtd_cpio *c, const struct vtd_qemu_initramfs *files, const char *list, bool disk)
{
    char load[1024];
    size_t used = 0;
    for (size_t i = 0; i < sizeof(module) / sizeof(*module); i++) {
        char path[4096], name[64];
        snprintf(path, sizeof(path), "%s/%s/%s.ko", files->modules, module[i].path, module[i].name);
        if (module[i].disk != disk || access(path, R_OK) != 0)
            continue;
        snprintf(name, sizeof(name), "modules/%s.ko", module[i].name);
        vtd_cpio_file(c, name, 0644, path);
        const bool ids = module[i].ids && files->ids;
        used += (size_t)snprintf(load + used, sizeof(load) - used, "%s%s%.64s\n", module[i].name, ids ? " ids=" : "",
                                 ids ? files->ids : "");
    }
    vtd_cpio_bytes(c, list, 0644, load, used);
}

static void put_modules(struct vtd_cpio *c, const struct vtd_qemu_initramfs *files)
{
    vtd_cpio_directory(c, "modules");
    put_list(c, files, "modules/load", false);
    put_list(c, files, "modules/disk", true);
    if (files->sva)
        vtd_cpio_file(c, "modules/vtd_sva.ko", 0644, files->sva);
}

int vtd_qemu_initramfs_write(const struct vtd_qemu_initramfs *files, const char *path, char *why)
{
    struct vtd_cpio c = {.file = fopen(path, "wb")};
    if (!c.file) {
        snprintf(why, WHY_SIZE, "%.180s: %s", path, strerror(errno));
        return -1;
    }
    vtd_cpio_directory(&c, "dev");
    vtd_cpio_character_device(&c, "dev/console", 5, 1);
    vtd_cpio_directory(&c, "bin");
    vtd_cpio_bytes(&c, "init", 0755, init, strlen(init));
    const char *missing = vtd_cpio_file(&c, "bin/busybox", 0755, files->busybox) ? NULL : files->busybox;
    if (!missing && files->tests && !vtd_cpio_file(&c, "bin/vtd_guest", 0755, files->tests))
        missing = files->tests;
    if (files->modules)
        put_modules(&c, files);
    bool good = vtd_cpio_end(&c);
    if (fclose(c.file) != 0 && good) {
        good = false;
        c.error = errno;
    }
    if (!good)
        snprintf(why, WHY_SIZE, "%.180s: %s", missing ? missing : path, strerror(c.error));
    return good ? 0 : -1;
}
