// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Kernel module for a test of shared virtual addressing: whoever opens /dev/vtd_sva lets the DMA engine that is bound to
 * this driver use the address space of the process; a read gives the PASID, as 4 bytes. Closing ends it.
 *
 * The module is for Linux 6.1. iommu_sva_bind_device() refuses on x86 there since a stable release; the operations of the
 * driver of the unit, which are what is to be tested, are called directly.
 */
#include <linux/fs.h>
#include <linux/iommu.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/uaccess.h>

#define VENDOR 0x1b36
#define DEVICE 0x0dad

static struct device *engine; /* the one that is bound */
static DEFINE_MUTEX(engine_lock);

static int sva_open(struct inode *inode, struct file *file)
{
    struct iommu_sva *handle;

    mutex_lock(&engine_lock);
    handle = engine ? dev_iommu_ops(engine)->sva_bind(engine, current->mm, NULL) : ERR_PTR(-ENODEV);
    mutex_unlock(&engine_lock);
    if (IS_ERR_OR_NULL(handle))
        return handle ? PTR_ERR(handle) : -ENODEV;
    file->private_data = handle;
    return 0;
}

static int sva_release(struct inode *inode, struct file *file)
{
    struct iommu_sva *handle = file->private_data;

    dev_iommu_ops(handle->dev)->sva_unbind(handle);
    return 0;
}

static ssize_t sva_read(struct file *file, char __user *to, size_t size, loff_t *at)
{
    struct iommu_sva *handle = file->private_data;
    u32 pasid = dev_iommu_ops(handle->dev)->sva_get_pasid(handle);

    if (size < sizeof(pasid))
        return -EINVAL;
    return copy_to_user(to, &pasid, sizeof(pasid)) ? -EFAULT : (ssize_t)sizeof(pasid);
}

static const struct file_operations operations = {
    .owner = THIS_MODULE,
    .open = sva_open,
    .release = sva_release,
    .read = sva_read,
};

static struct miscdevice file_of_device = {
    .minor = MISC_DYNAMIC_MINOR,
    .name = "vtd_sva",
    .fops = &operations,
};

static int sva_probe(struct pci_dev *pci, const struct pci_device_id *id)
{
    int error = pcim_enable_device(pci);

    if (error)
        return error;
    pci_set_master(pci);
    error = iommu_dev_enable_feature(&pci->dev, IOMMU_DEV_FEAT_IOPF);
    if (error) {
        pci_err(pci, "page faults cannot be enabled: %d\n", error);
        return error;
    }
    error = iommu_dev_enable_feature(&pci->dev, IOMMU_DEV_FEAT_SVA);
    if (error) {
        pci_err(pci, "SVA cannot be enabled: %d\n", error);
        iommu_dev_disable_feature(&pci->dev, IOMMU_DEV_FEAT_IOPF);
        return error;
    }
    mutex_lock(&engine_lock);
    engine = &pci->dev;
    mutex_unlock(&engine_lock);
    return 0;
}

static void sva_remove(struct pci_dev *pci)
{
    mutex_lock(&engine_lock);
    engine = NULL;
    mutex_unlock(&engine_lock);
    iommu_dev_disable_feature(&pci->dev, IOMMU_DEV_FEAT_SVA);
    iommu_dev_disable_feature(&pci->dev, IOMMU_DEV_FEAT_IOPF);
}

/* Devices are bound by driver_override only: VFIO has them otherwise. */
static const struct pci_device_id ids[] = {
    {PCI_DEVICE_DRIVER_OVERRIDE(VENDOR, DEVICE, 1)},
    {},
};

static struct pci_driver driver = {
    .name = "vtd_sva",
    .id_table = ids,
    .probe = sva_probe,
    .remove = sva_remove,
};

static int __init sva_init(void)
{
    int error = misc_register(&file_of_device);

    if (error)
        return error;
    error = pci_register_driver(&driver);
    if (error)
        misc_deregister(&file_of_device);
    return error;
}

static void __exit sva_exit(void)
{
    pci_unregister_driver(&driver);
    misc_deregister(&file_of_device);
}

module_init(sva_init);
module_exit(sva_exit);
MODULE_DESCRIPTION("test of shared virtual addressing with a DMA engine");
MODULE_LICENSE("Dual MIT/GPL");
