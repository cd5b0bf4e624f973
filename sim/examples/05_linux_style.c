/* SPDX-License-Identifier: MIT */
/*
 * A driver fragment in the style of Linux, on registers that are dereferenced: it programs the root table, a context entry, a
 * PASID entry with a second-stage table of one page, and the invalidation queue; then a device writes through them.
 */
#include <inttypes.h>

#include "mapped/linux.h"

#define DMAR_GCMD_REG   0x18
#define DMAR_GSTS_REG   0x1c
#define DMAR_RTADDR_REG 0x20
#define DMAR_IQT_REG    0x88
#define DMAR_IQA_REG    0x90
#define DMA_GCMD_TE     BIT(31)
#define DMA_GCMD_SRTP   BIT(30)
#define DMA_GCMD_QIE    BIT(26)
#define DMA_IQA_DW      BIT_ULL(11)
#define DMA_RTADDR_SMT  BIT_ULL(10)
#define QI_CC_GLOBAL    (0x1 | 1 << 4)
#define QI_IOTLB_GLOBAL (0x2 | 1 << 4)
#define QI_PC_GLOBAL    (0x7 | 3 << 4)
#define QI_IWD_STATUS   (0x5 | BIT_ULL(5))

struct iommu {
    void __iomem *reg;
    u64 *queue; /* descriptors of 256 bits */
    u32 tail;
    u32 gcmd; /* commands that stay on: every write of GCMD repeats them */
    u32 *status;
};

static void iommu_command(struct iommu *iommu, u32 command, bool stays)
{
    writel(iommu->gcmd | command, iommu->reg + DMAR_GCMD_REG);
    while (!(readl(iommu->reg + DMAR_GSTS_REG) & command))
        cpu_relax();
    if (stays)
        iommu->gcmd |= command;
}

static void qi_put(struct iommu *iommu, u64 first, u64 second)
{
    u64 *descriptor = iommu->queue + iommu->tail * 4;
    descriptor[0] = first;
    descriptor[1] = second; /* the other two stay 0 */
    iommu->tail = (iommu->tail + 1) % 128;
}

/* Everything, and wait until it is done. */
static void qi_flush_all(struct iommu *iommu)
{
    WRITE_ONCE(*iommu->status, 0);
    qi_put(iommu, QI_CC_GLOBAL, 0);
    qi_put(iommu, QI_PC_GLOBAL, 0);
    qi_put(iommu, QI_IOTLB_GLOBAL, 0);
    qi_put(iommu, QI_IWD_STATUS | BIT_ULL(32), virt_to_phys(iommu->status));
    writeq(iommu->tail << 5, iommu->reg + DMAR_IQT_REG);
    while (READ_ONCE(*iommu->status) != 1)
        cpu_relax();
}

/* Tables for device 00:02.0: IOVA 0x5000 is host page target. */
static u64 *build_tables(u64 target)
{
    u64 *root = get_zeroed_page(GFP_KERNEL), *context = get_zeroed_page(GFP_KERNEL);
    u64 *directory = get_zeroed_page(GFP_KERNEL), *table = get_zeroed_page(GFP_KERNEL);
    u64 *level[4];
    for (int i = 0; i < 4; i++)
        level[i] = get_zeroed_page(GFP_KERNEL);
    for (int i = 0; i < 3; i++)
        level[i][0] = virt_to_phys(level[i + 1]) | 3;        /* read, write */
    level[3][5] = target | 3;                                /* IOVA 0x5000 */
    table[0] = virt_to_phys(level[0]) | 2 << 6 | 2 << 2 | 1; /* second stage, 4 levels, present */
    table[1] = 1;                                            /* domain 1 */
    directory[0] = virt_to_phys(table) | 1;
    context[0x10 * 4] = virt_to_phys(directory) | 1; /* devfn 02.0, RID_PASID 0 */
    root[0] = virt_to_phys(context) | 1;
    return root;
}

static void write_by_device(struct vtd_machine *machine, u64 iova)
{
    const struct vtd_request request = {.addr = iova, .sid = 0x10, .access = VTD_WRITE, .len = 8};
    struct vtd_response response;
    vtd_translate(machine->unit, &request, &response);
    if (response.result == VTD_RESULT_OK)
        printf("0x%" PRIx64 " -> 0x%" PRIx64 "\n", iova, response.hpa);
    else
        printf("0x%" PRIx64 ": %s\n", iova, vtd_fault_description(response.fault));
}

int main(void)
{
    struct vtd_config config;
    struct vtd_machine machine;
    char why[VTD_WHY_SIZE];
    vtd_config_preset(&config, "default");
    if (vtd_machine_init(&machine, &config, 1 << 30, 1 << 20, 1 << 29, why) != 0) {
        pr_err("%s\n", why);
        return 1;
    }
    struct iommu iommu = {.reg = ioremap(&machine)};
    if (!iommu.reg)
        return 1;
    iommu.queue = get_zeroed_page(GFP_KERNEL);
    iommu.status = get_zeroed_page(GFP_KERNEL);
    writeq(virt_to_phys(iommu.queue) | DMA_IQA_DW, iommu.reg + DMAR_IQA_REG); /* 128 descriptors */
    iommu_command(&iommu, DMA_GCMD_QIE, true);
    writeq(virt_to_phys(build_tables(0x30000000)) | DMA_RTADDR_SMT, iommu.reg + DMAR_RTADDR_REG);
    iommu_command(&iommu, DMA_GCMD_SRTP, false);
    qi_flush_all(&iommu);
    iommu_command(&iommu, DMA_GCMD_TE, true);
    write_by_device(&machine, 0x5678);
    write_by_device(&machine, 0x6000);
    iounmap(iommu.reg);
    vtd_machine_fini(&machine);
    return 0;
}
