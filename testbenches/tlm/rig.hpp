// SPDX-License-Identifier: MIT
//
// The platform of the tests, elaborated once: two units, each with a memory, a processor's pin and two devices, and a
// protocol checker on every path. And a scene: software's tables in the memory of one of them, made by the fixture of the
// model's tests, whose own unit over the same memory is the model to compare with.
#ifndef VTD_TESTS_TLM_RIG_HPP
#define VTD_TESTS_TLM_RIG_HPP

#include "checker.hpp"
#include "support/unit_fixture.h"
#include "tlm/platform.hpp"

struct Side {
    explicit Side(const std::string &prefix)
        : ram((prefix + "_ram").c_str()), unit((prefix + "_unit").c_str(), two_sockets()),
          cpu((prefix + "_cpu").c_str()), device0((prefix + "_device0").c_str()),
          device1((prefix + "_device1").c_str()), at_registers((prefix + "_c_registers").c_str()),
          at_device0((prefix + "_c_device0").c_str()), at_device1((prefix + "_c_device1").c_str()),
          at_memory((prefix + "_c_memory").c_str())
    {
        cpu.socket.bind(at_registers.target);
        at_registers.initiator.bind(unit.registers);
        device0.socket.bind(at_device0.target);
        at_device0.initiator.bind(unit.upstream[0]);
        device1.socket.bind(at_device1.target);
        at_device1.initiator.bind(unit.upstream[1]);
        unit.memory.bind(at_memory.target);
        at_memory.initiator.bind(ram.socket);
        unit.reset_in.bind(reset);
    }
    static vtdsim::tlm_config two_sockets()
    {
        vtdsim::tlm_config config;
        config.upstream = 2;
        return config;
    }

    vtdsim::window ram;
    vtdsim::iommu unit;
    vtdsim::pin cpu, device0, device1;
    Checker at_registers, at_device0, at_device1, at_memory;
    sc_core::sc_signal<bool> reset;
};

struct Platform {
    Platform() : left("left"), right("right")
    {
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
    }
    Side left, right;

    static Platform &get()
    {
        static Platform *const it = new Platform; // never destroyed: SystemC's own objects may be gone before
        return *it;
    }
};

// Software of one side. The SystemC unit is programmed as the fixture's, and follows its queue.
class Scene
{
  public:
    explicit Scene(const vtd_config &config = vtdtest::preset(), Side &side = Platform::get().left, bool timed = false,
                   const vtd_timing_config *timing = nullptr)
        : u(config), s(side)
    {
        vtdsim::tlm_config c;
        c.unit = config;
        c.timed = timed;
        if (timing != nullptr)
            c.timing = *timing;
        char why[VTD_WHY_SIZE] = "";
        EXPECT_TRUE(s.unit.configure(c, why)) << why;
        s.ram.base = u.memory.base;
        s.ram.size = u.memory.size;
        s.ram.latency = sc_core::SC_ZERO_TIME;
        s.ram.gives_pointers = false;
        s.unit.set_source_id(0, vtdtest::kSid);
        s.unit.set_source_id(1, vtdtest::kSid + 8);
        s.cpu.delay = s.device0.delay = s.device1.delay = sc_core::SC_ZERO_TIME;
    }
    ~Scene()
    {
        s.at_device0.expect_idle();
        s.at_device1.expect_idle();
        s.unit.set_other_requesters(nullptr);
        s.unit.set_interrupts(nullptr);
        s.device0.on_backward = s.device1.on_backward = nullptr;
        s.device0.on_invalidate = s.device1.on_invalidate = nullptr;
        s.ram.before = s.ram.takes_others = nullptr;
        s.ram.base = nullptr;
        s.ram.size = 0;
        EXPECT_TRUE(s.unit.configure(vtdsim::tlm_config()));
    }
    Scene(const Scene &) = delete;
    Scene &operator=(const Scene &) = delete;

    void start()
    {
        u.start();
        for (unsigned reg : {VTD_REG_RTADDR, VTD_REG_IQA})
            s.cpu.write<std::uint64_t>(reg, u.read64(reg));
        std::uint32_t on = 0;
        for (unsigned bit : {VTD_GCMD_SRTP_LSB, VTD_GCMD_QIE_LSB, VTD_GCMD_TE_LSB}) {
            s.cpu.write<std::uint32_t>(VTD_REG_GCMD, on | 1u << bit);
            on |= bit == VTD_GCMD_SRTP_LSB ? 0 : 1u << bit;
        }
        follow();
    }
    // Carries out what the fixture's software has queued since.
    void follow()
    {
        s.cpu.write<std::uint64_t>(VTD_REG_IQT, u.read64(VTD_REG_IQT));
        EXPECT_EQ(s.cpu.read<std::uint64_t>(VTD_REG_IQH), s.cpu.read<std::uint64_t>(VTD_REG_IQT));
    }
    void submit(const std::vector<vtdtest::Desc> &descs)
    {
        u.submit(descs);
        follow();
    }

    vtdtest::Unit u;
    Side &s;
};

inline vtdsim::request with_pasid(std::uint32_t pasid, std::uint16_t sid = vtdtest::kSid)
{
    vtdsim::request r;
    r.source_id = sid;
    r.pasid = pasid;
    r.has_pasid = true;
    return r;
}

inline constexpr tlm::tlm_command kRead = tlm::TLM_READ_COMMAND, kWrite = tlm::TLM_WRITE_COMMAND,
                                  kIgnore = tlm::TLM_IGNORE_COMMAND;
inline constexpr auto kOk = tlm::TLM_OK_RESPONSE;
inline constexpr auto kAddressError = tlm::TLM_ADDRESS_ERROR_RESPONSE;

// Pages 0x10000 to 0x1ffff of PASID 5 at 0x40000000, in reverse order: neighbours are not neighbours.
struct Reversed : Scene {
    explicit Reversed(const vtd_config &config = vtdtest::preset(), Side &side = Platform::get().left)
        : Scene(config, side), fs(u, 4)
    {
        for (uint64_t page = 0; page < 16; page++)
            fs.map(0x10000 + page * 4096, home(page));
        u.setFs(vtdtest::kSid, 5, fs, 7);
        start();
    }
    static uint64_t home(uint64_t page)
    {
        return 0x40000000 + (15 - page) * 4096;
    }
    uint8_t &byte(uint64_t iova)
    {
        const uint64_t off = iova - 0x10000;
        return u.memory.base[home(off / 4096) + off % 4096];
    }
    vtdtest::FsTree fs;
    vtdsim::request five = with_pasid(5);
};

#endif
