/* SPDX-License-Identifier: MIT */
/* Mapped registers of real units: the driver through them, several units, threads, and the program's own signals. */
#include <gtest/gtest.h>

#include <cerrno>
#include <csetjmp>
#include <csignal>
#include <memory>
#include <thread>
#include <vector>

#include "driver/vtd_driver.h"
#include "mapped/vtd_mapped.h"
#include "mapped_page.h"
#include "platform/model_bus.h"

namespace
{

/* A machine, its registers mapped, and a bus for the driver that dereferences them. */
class MappedMachine
{
  public:
    MappedMachine()
    {
        vtd_config config;
        char why[VTD_WHY_SIZE];
        vtd_config_preset(&config, "default");
        EXPECT_EQ(vtd_machine_init(&machine, &config, 1 << 30, 1 << 20, 1 << 29, why), 0) << why;
        registers = vtd_map_registers(&machine.bus, vtd_mmio_size(machine.unit), why);
        EXPECT_NE(registers, nullptr) << why;
        bus = machine.bus;
        bus.opaque = this;
        bus.relax = nullptr;
        bus.read32 = [](void *o, uint64_t at) { return *at_register<uint32_t>(o, at); };
        bus.read64 = [](void *o, uint64_t at) { return *at_register<uint64_t>(o, at); };
        bus.write32 = [](void *o, uint64_t at, uint32_t v) { *at_register<uint32_t>(o, at) = v; };
        bus.write64 = [](void *o, uint64_t at, uint64_t v) { *at_register<uint64_t>(o, at) = v; };
        bus.dma_alloc = [](void *o, unsigned order, uint64_t *dma) {
            const vtd_bus &inner = static_cast<MappedMachine *>(o)->machine.bus;
            return inner.dma_alloc(inner.opaque, order, dma);
        };
        bus.dma_free = [](void *o, uint64_t dma, unsigned order) {
            const vtd_bus &inner = static_cast<MappedMachine *>(o)->machine.bus;
            inner.dma_free(inner.opaque, dma, order);
        };
        bus.dma_to_cpu = [](void *o, uint64_t dma) {
            const vtd_bus &inner = static_cast<MappedMachine *>(o)->machine.bus;
            return inner.dma_to_cpu(inner.opaque, dma);
        };
        bus.store128 = nullptr;
        bus.flush = nullptr;
    }
    ~MappedMachine()
    {
        vtd_unmap_registers(registers);
        vtd_machine_fini(&machine);
    }
    MappedMachine(const MappedMachine &) = delete;
    MappedMachine &operator=(const MappedMachine &) = delete;

    template <typename T> static volatile T *at_register(void *o, uint64_t at)
    {
        return reinterpret_cast<volatile T *>(static_cast<volatile char *>(static_cast<MappedMachine *>(o)->registers) +
                                              at);
    }

    /* Driver up, page mapped, DMA, unmapped, blocked, fault read: all through the pointer. */
    void drive(uint64_t hpa)
    {
        vtd_drv *drv = nullptr;
        vtd_drv_domain *domain = nullptr;
        vtd_drv_domain_spec spec = {};
        spec.kind = VTD_DRV_SECOND_STAGE;
        spec.addr_width = 48;
        ASSERT_EQ(vtd_drv_create(&bus, nullptr, &drv), 0);
        ASSERT_EQ(vtd_drv_start(drv), 0);
        ASSERT_EQ(vtd_drv_domain_create(drv, &spec, &domain), 0);
        ASSERT_EQ(vtd_drv_attach(drv, 0x10, VTD_DRV_RID_PASID, domain), 0);
        ASSERT_EQ(vtd_drv_map(domain, 0x5000, hpa, 0x1000, VTD_DRV_READ | VTD_DRV_WRITE), 0);
        vtd_request request = {};
        request.addr = 0x5678;
        request.sid = 0x10;
        request.access = VTD_WRITE;
        request.len = 8;
        vtd_response response;
        vtd_translate(machine.unit, &request, &response);
        EXPECT_EQ(response.result, VTD_RESULT_OK);
        EXPECT_EQ(response.hpa, hpa + 0x678);
        ASSERT_EQ(vtd_drv_unmap(domain, 0x5000, 0x1000), 0x1000);
        vtd_translate(machine.unit, &request, &response);
        EXPECT_NE(response.result, VTD_RESULT_OK);
        EXPECT_EQ(vtd_drv_handle_faults(drv, nullptr, nullptr, nullptr), 1);
        vtd_drv_destroy(drv);
    }

    vtd_machine machine = {};
    vtd_bus bus;
    volatile void *registers;
};

TEST(MappedRegisters, TheDriverRunsOnThem)
{
    MappedMachine m;
    EXPECT_EQ(*MappedMachine::at_register<uint64_t>(&m, 8),
              vtd_config_get(m.machine.unit)->cap); /* ref 1: CAP at 08h */
    m.drive(0x20000000);
}

TEST(MappedRegisters, UnitsInThreadsDoNotDisturbEachOther)
{
    std::vector<std::thread> threads;
    for (uint64_t i = 1; i <= 4; i++)
        threads.emplace_back([i] {
            MappedMachine m;
            m.drive(0x20000000 + i * 0x10000);
        });
    for (std::thread &t : threads)
        t.join();
}

TEST(MappedRegisters, ThreadsTakeTurnsOnOneUnit)
{
    MappedPage page;
    auto *reg = static_cast<volatile uint32_t *>(page.registers());
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++)
        threads.emplace_back([reg] {
            for (int n = 0; n < 2000; n++)
                __asm__ volatile("lock incl (%0)" ::"r"(reg) : "memory", "cc");
        });
    for (std::thread &t : threads)
        t.join();
    EXPECT_EQ(*reg, 8000u);
}

TEST(MappedRegisters, TheLockKeepsOthersOut)
{
    MappedPage page;
    auto *reg = static_cast<volatile uint32_t *>(page.registers());
    vtd_mapped_lock(page.registers());
    std::thread other([reg] { *reg = 5; });
    page.memory()[0] = 1; /* under the lock: the other can only come later */
    vtd_mapped_unlock(page.registers());
    other.join();
    EXPECT_EQ(page.memory()[0], 5);
}

/* ---------------------------------------------------------------- signals */

sigjmp_buf jump;
volatile sig_atomic_t caught;

void catch_and_jump(int, siginfo_t *, void *)
{
    caught = caught + 1;
    siglongjmp(jump, 1);
}

void handle_first(int signal, siginfo_t *info, void *context)
{
    if (vtd_mapped_handle(signal, info, context))
        return;
    catch_and_jump(signal, info, context);
}

class MappedSignals : public testing::Test
{
  protected:
    void SetUp() override
    {
        sigaction(SIGSEGV, nullptr, &kept_);
        caught = 0;
    }
    void TearDown() override
    {
        sigaction(SIGSEGV, &kept_, nullptr);
    }
    static void install(void (*handler)(int, siginfo_t *, void *))
    {
        struct sigaction action = {};
        action.sa_sigaction = handler;
        action.sa_flags = SA_SIGINFO;
        sigaction(SIGSEGV, &action, nullptr);
    }
    /* A fault that is the program's own. */
    static void fault()
    {
        void *page = mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (sigsetjmp(jump, 1) == 0)
            *static_cast<volatile char *>(page) = 1;
        munmap(page, 4096);
    }

  private:
    struct sigaction kept_;
};

TEST_F(MappedSignals, AHandlerThatWasThereGetsTheProgramsOwnFaults)
{
    install(catch_and_jump);
    MappedPage page;
    auto *reg = static_cast<volatile uint32_t *>(page.registers());
    *reg = 7;
    EXPECT_EQ(caught, 0);
    fault();
    EXPECT_EQ(caught, 1);
    EXPECT_EQ(*reg, 7u);
}

TEST_F(MappedSignals, AHandlerThatComesLaterCanPassAccessesOn)
{
    MappedPage page;
    install(handle_first);
    auto *reg = static_cast<volatile uint32_t *>(page.registers());
    *reg = 9;
    EXPECT_EQ(*reg, 9u);
    fault();
    EXPECT_EQ(caught, 1);
}

TEST_F(MappedSignals, TheLastMappingPutsTheHandlerBack)
{
    install(catch_and_jump);
    struct sigaction now;
    {
        MappedPage one, two;
        sigaction(SIGSEGV, nullptr, &now);
        EXPECT_NE(now.sa_sigaction, catch_and_jump);
    }
    sigaction(SIGSEGV, nullptr, &now);
    EXPECT_EQ(now.sa_sigaction, catch_and_jump);
}

TEST_F(MappedSignals, ASignalThatIsSentIsNoAccess)
{
    install(catch_and_jump);
    MappedPage page;
    if (sigsetjmp(jump, 1) == 0)
        raise(SIGSEGV);
    EXPECT_EQ(caught, 1);
}

TEST_F(MappedSignals, ErrnoSurvivesAnAccess)
{
    MappedPage page;
    errno = EAGAIN;
    *static_cast<volatile uint32_t *>(page.registers()) = 1;
    EXPECT_EQ(errno, EAGAIN);
}

/* ---------------------------------------------------------------- errors */

TEST(MappedRegisters, BadArgumentsAreNamed)
{
    char why[256];
    vtd_bus empty = {};
    EXPECT_EQ(vtd_map_registers(&empty, 4096, why), nullptr);
    EXPECT_EQ(errno, EINVAL);
    EXPECT_STREQ(why, "the bus lacks one of read32, read64, write32 and write64");
    MappedMachine m;
    for (size_t size : {size_t{0}, size_t{100}, size_t{4097}}) {
        EXPECT_EQ(vtd_map_registers(&m.machine.bus, size, why), nullptr);
        EXPECT_EQ(errno, EINVAL);
    }
    vtd_unmap_registers(nullptr);
}

TEST(MappedRegisters, ASlotTooManyIsRefusedAndOnesGivenBackCanBeUsed)
{
    std::vector<std::unique_ptr<MappedPage>> pages;
    for (int i = 0; i < VTD_MAPPED_MAX; i++)
        pages.push_back(std::make_unique<MappedPage>());
    char why[256];
    vtd_bus bus = {};
    bus.read32 = [](void *, uint64_t) { return 0u; };
    bus.read64 = [](void *, uint64_t) { return uint64_t{0}; };
    bus.write32 = [](void *, uint64_t, uint32_t) {};
    bus.write64 = [](void *, uint64_t, uint64_t) {};
    EXPECT_EQ(vtd_map_registers(&bus, 4096, why), nullptr);
    EXPECT_EQ(errno, ENOSPC);
    pages.pop_back();
    volatile void *again = vtd_map_registers(&bus, 4096, why);
    EXPECT_NE(again, nullptr) << why;
    vtd_unmap_registers(again);
}

} // namespace
