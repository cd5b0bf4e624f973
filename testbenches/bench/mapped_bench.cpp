// SPDX-License-Identifier: MIT
//
// What an access to a mapped register costs, beside the same access by a call.

#include "mapped/vtd_mapped.h"
#include "platform/model_bus.h"

#include <benchmark/benchmark.h>

#include <stdexcept>

namespace
{

constexpr uint64_t kGsts = 0x1c, kFedata = 0x3c;

struct Fixture {
    Fixture()
    {
        vtd_config config;
        char why[VTD_WHY_SIZE];
        vtd_config_preset(&config, "default");
        if (vtd_machine_init(&machine, &config, 1 << 20, 0, 0, why) != 0)
            throw std::runtime_error(why);
        registers = static_cast<volatile char *>(
            const_cast<volatile void *>(vtd_map_registers(&machine.bus, vtd_mmio_size(machine.unit), why)));
        if (!registers)
            throw std::runtime_error(why);
    }
    ~Fixture()
    {
        vtd_unmap_registers(registers);
        vtd_machine_fini(&machine);
    }
    vtd_machine machine;
    volatile char *registers;
};

void ReadByCall(benchmark::State &state)
{
    Fixture f;
    for (auto _ : state)
        benchmark::DoNotOptimize(f.machine.bus.read32(f.machine.bus.opaque, kGsts));
}
BENCHMARK(ReadByCall);

void ReadByLoad(benchmark::State &state)
{
    Fixture f;
    for (auto _ : state)
        benchmark::DoNotOptimize(*reinterpret_cast<volatile uint32_t *>(f.registers + kGsts));
}
BENCHMARK(ReadByLoad);

void WriteByStore(benchmark::State &state)
{
    Fixture f;
    for (auto _ : state)
        *reinterpret_cast<volatile uint32_t *>(f.registers + kFedata) = 1;
}
BENCHMARK(WriteByStore);

} // namespace

BENCHMARK_MAIN();
