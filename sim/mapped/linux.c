/* SPDX-License-Identifier: MIT */
#include "linux.h"

static _Thread_local struct vtd_machine *current;

void vtd_linux_use(struct vtd_machine *machine)
{
    current = machine;
}

void __iomem *ioremap(struct vtd_machine *machine)
{
    char why[VTD_WHY_SIZE];
    void __iomem *reg = vtd_map_registers(&machine->bus, vtd_mmio_size(machine->unit), why);
    if (!reg)
        pr_err("ioremap: %s\n", why);
    vtd_linux_use(machine);
    return reg;
}

void iounmap(void __iomem *reg)
{
    vtd_unmap_registers(reg);
}

void *__get_free_pages(gfp_t flags, unsigned order)
{
    u64 dma;
    void *cpu = current->bus.dma_alloc(current->bus.opaque, order, &dma);
    if (cpu && (flags & __GFP_ZERO))
        memset(cpu, 0, PAGE_SIZE << order);
    return cpu;
}

void free_pages(void *cpu, unsigned order)
{
    if (cpu)
        current->bus.dma_free(current->bus.opaque, virt_to_phys(cpu), order);
}

phys_addr_t virt_to_phys(const void *cpu)
{
    const u64 offset = (u64)((uintptr_t)cpu - (uintptr_t)current->memory.base);
    return offset < current->memory.size ? offset : ~(phys_addr_t)0;
}

void *phys_to_virt(phys_addr_t address)
{
    return vtd_memory_has(&current->memory, address, 1) ? current->memory.base + address : NULL;
}

void clflush_cache_range(const void *cpu, size_t size)
{
    if (current->bus.flush)
        current->bus.flush(current->bus.opaque, cpu, size);
}

void cpu_relax(void)
{
    if (current->bus.relax)
        current->bus.relax(current->bus.opaque);
}
