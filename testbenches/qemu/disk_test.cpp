// SPDX-License-Identifier: MIT
// The disk, by a small driver in this file: virtio 1.1 over PCI, its queue in memory behind the unit.
#include "driver/model_rig.h"

extern "C" {
#include "qemu/virtio_blk.h"
}

#include <cstdio>
#include <cstring>
#include <fstream>
#include <random>
#include <unistd.h>

namespace
{

constexpr uint64_t kVersion1 = UINT64_C(1) << 32, kPlatform = UINT64_C(1) << 33, kReadOnly = 1u << 5;

vtd_config default_config()
{
    vtd_config c;
    EXPECT_EQ(vtd_config_preset(&c, "default"), VTD_STATUS_OK);
    return c;
}

struct Buffer {
    uint64_t addr;
    uint32_t length;
    bool writable;
};

struct DiskRig : Rig {
    static constexpr uint16_t kSid = 0x38;
    static constexpr uint64_t kBar0 = 0xfeb00000, kBar1 = 0xfeb10000;
    static constexpr uint64_t kIova = 0x40000000, kHost = 0x100000; // 1 MiB from kIova on is memory from kHost on
    static constexpr uint64_t kTable = kIova, kDriver = kIova + 0x1000, kDevice = kIova + 0x2ffe; // crosses pages
    static constexpr uint64_t kData = kIova + 0x10000;
    static constexpr unsigned kSectors = 64;
    static constexpr unsigned kQueue = 16;

    std::string path = testing::TempDir() + "vtd_disk_" + std::to_string(getpid());
    std::vector<std::pair<uint64_t, uint32_t>> messages;
    vtd_qemu_host host{};
    vtd_qemu_function f{};
    vtd_drv_domain *domain = nullptr;
    uint16_t next = 0;

    explicit DiskRig(bool read_only = false) : Rig(default_config())
    {
        std::string content(kSectors * 512, 0);
        for (size_t i = 0; i < content.size(); i++)
            content[i] = char(i / 512 * 3 + i % 251);
        std::ofstream(path, std::ios::binary).write(content.data(), std::streamsize(content.size()));
        host.machine = &machine;
        host.low_end = kMemory;
        host.opaque = this;
        host.message = [](void *o, uint64_t addr, uint32_t data) {
            static_cast<DiskRig *>(o)->messages.push_back({addr, data});
        };
        vtd_virtio_blk_config c{};
        c.sid = kSid;
        c.path = path.c_str();
        c.read_only = read_only;
        char why[VTD_WHY_SIZE] = "";
        EXPECT_EQ(vtd_virtio_blk_create(&host, &c, &f, why), 0) << why;
        vtd_drv_domain_spec spec{};
        spec.kind = VTD_DRV_SECOND_STAGE;
        spec.addr_width = 48;
        EXPECT_EQ(vtd_drv_domain_create(drv, &spec, &domain), 0);
        EXPECT_EQ(vtd_drv_attach(drv, kSid, VTD_DRV_RID_PASID, domain), 0);
        EXPECT_EQ(vtd_drv_map(domain, kIova, kHost, 0x100000, VTD_DRV_READ | VTD_DRV_WRITE), 0);
        place();
    }
    ~DiskRig()
    {
        f.destroy(f.self);
        std::remove(path.c_str());
        vtd_drv_detach(drv, kSid, VTD_DRV_RID_PASID);
        vtd_drv_domain_destroy(domain);
    }

    // ------------------------------------------------ accesses

    void place()
    {
        config(0x10, kBar0, 4);
        config(0x14, kBar1, 4);
        config(0x04, 0x6, 2);
    }
    uint32_t config(uint32_t at, unsigned size = 4)
    {
        return f.config_read(f.self, at, size);
    }
    void config(uint32_t at, uint32_t value, unsigned size)
    {
        f.config_write(f.self, at, value, size);
    }
    uint64_t read(uint64_t addr, unsigned size)
    {
        uint64_t value = ~UINT64_C(0);
        EXPECT_TRUE(f.bar_read(f.self, addr, size, &value));
        return value;
    }
    void write(uint64_t addr, uint64_t value, unsigned size)
    {
        EXPECT_TRUE(f.bar_write(f.self, addr, value, size));
    }
    uint8_t *at(uint64_t iova)
    {
        return machine.memory.base + kHost + (iova - kIova);
    }
    template <typename T> void put(uint64_t iova, T value)
    {
        memcpy(at(iova), &value, sizeof(value));
    }
    template <typename T> T get(uint64_t iova)
    {
        T value;
        memcpy(&value, at(iova), sizeof(value));
        return value;
    }
    uint8_t status()
    {
        return (uint8_t)read(kBar0 + 0x14, 1);
    }
    void status(uint8_t value)
    {
        write(kBar0 + 0x14, value, 1);
    }

    // ------------------------------------------------ a driver

    uint64_t offered()
    {
        uint64_t features = 0;
        for (unsigned half = 0; half < 2; half++) {
            write(kBar0 + 0x00, half, 4);
            features |= read(kBar0 + 0x04, 4) << (32 * half);
        }
        return features;
    }
    bool accept(uint64_t features)
    {
        status(0);
        status(1);
        status(3);
        for (unsigned half = 0; half < 2; half++) {
            write(kBar0 + 0x08, half, 4);
            write(kBar0 + 0x0c, features >> (32 * half), 4);
        }
        status(0xb);
        return status() == 0xb;
    }
    void start()
    {
        ASSERT_TRUE(accept(kVersion1 | kPlatform | 1u << 9));
        memset(at(kIova), 0, 0x10000);
        next = 0;
        write(kBar0 + 0x16, 0, 2);
        write(kBar0 + 0x18, kQueue, 2);
        write(kBar0 + 0x1a, 1, 2); // vector
        write(kBar0 + 0x20, kTable, 8);
        write(kBar0 + 0x28, (uint32_t)kDriver, 4);
        write(kBar0 + 0x2c, kDriver >> 32, 4);
        write(kBar0 + 0x30, kDevice, 8);
        write(kBar0 + 0x1c, 1, 2);
        status(0xf);
        // MSI-X: vector 1, unmasked, on
        write(kBar1 + 0x10, 0xfee01004, 4);
        write(kBar1 + 0x14, 0, 4);
        write(kBar1 + 0x18, 0x41, 4);
        write(kBar1 + 0x1c, 0, 4);
        config(msix() + 2, 0x8000, 2);
    }
    uint32_t msix()
    {
        uint32_t at = config(0x34, 1);
        while (at && config(at, 1) != 0x11)
            at = config(at + 1, 1);
        return at;
    }
    // Puts a chain into the queue and tells the device.
    void submit(const std::vector<Buffer> &chain)
    {
        for (size_t i = 0; i < chain.size(); i++) {
            const uint64_t d = kTable + 16 * i;
            put<uint64_t>(d, chain[i].addr);
            put<uint32_t>(d + 8, chain[i].length);
            put<uint16_t>(d + 12, uint16_t((chain[i].writable ? 2 : 0) | (i + 1 < chain.size() ? 1 : 0)));
            put<uint16_t>(d + 14, uint16_t(i + 1));
        }
        put<uint16_t>(kDriver + 4 + 2 * (next % kQueue), 0);
        put<uint16_t>(kDriver + 2, ++next);
        write(kBar0 + 0x3000, 0, 2);
    }
    void run()
    {
        unsigned turns = 0;
        while (f.run(f.self) && turns < 1000)
            turns++;
        EXPECT_LT(turns, 1000u);
    }
    void header(uint32_t type, uint64_t sector)
    {
        put<uint32_t>(kData, type);
        put<uint32_t>(kData + 4, 0);
        put<uint64_t>(kData + 8, sector);
        put<uint8_t>(kData + 16, 0xff);
    }
    // A request whose data are at kData + 0x1000; its status, 0xff when none came.
    unsigned request(uint32_t type, uint64_t sector, std::vector<Buffer> data)
    {
        header(type, sector);
        std::vector<Buffer> chain = {{kData, 16, false}};
        chain.insert(chain.end(), data.begin(), data.end());
        chain.push_back({kData + 16, 1, true});
        submit(chain);
        run();
        return get<uint8_t>(kData + 16);
    }
    uint16_t used()
    {
        return get<uint16_t>(kDevice + 2);
    }
    uint32_t written()
    {
        return get<uint32_t>(kDevice + 4 + 8 * ((used() - 1u) % kQueue) + 4);
    }
    std::string image()
    {
        std::ifstream in(path, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(in), {});
    }
};

TEST(DiskConfig, IsAModernVirtioBlockDevice)
{
    DiskRig rig;
    EXPECT_EQ(rig.config(0), 0x10421af4u);
    EXPECT_EQ(rig.config(8) & 0xff, 1u); // revision of a modern one
    unsigned seen = 0;
    for (uint32_t at = rig.config(0x34, 1); at; at = rig.config(at + 1, 1)) {
        if (rig.config(at, 1) != 9)
            continue;
        const uint32_t type = rig.config(at + 3, 1), offset = rig.config(at + 8), length = rig.config(at + 12);
        EXPECT_EQ(rig.config(at + 4, 1), 0u); // BAR
        EXPECT_LE(offset + length, 0x4000u);
        EXPECT_GE(rig.config(at + 2, 1), type == 2 ? 20u : 16u);
        seen |= 1u << type;
    }
    EXPECT_EQ(seen, 0x1eu); // common, notify, ISR, device
    EXPECT_EQ(rig.read(DiskRig::kBar0 + 0x2000, 8), DiskRig::kSectors);
    EXPECT_EQ(rig.read(DiskRig::kBar0 + 0x2014, 4), 512u);
    EXPECT_EQ(rig.read(DiskRig::kBar0 + 0x12, 2), 1u); // queues
    EXPECT_EQ(rig.config(rig.msix() + 2, 2), 1u);      // two vectors
}

TEST(DiskConfig, FeaturesAreAcceptedOnlyAsOffered)
{
    DiskRig rig, other(true);
    const uint64_t offered = rig.offered();
    EXPECT_TRUE(offered & kVersion1);
    EXPECT_TRUE(offered & kPlatform);
    EXPECT_FALSE(offered & kReadOnly);
    EXPECT_EQ(other.offered(), offered | kReadOnly);
    EXPECT_TRUE(rig.accept(offered));
    EXPECT_FALSE(rig.accept(offered | kReadOnly));
    EXPECT_FALSE(rig.accept(offered & ~kVersion1));
    EXPECT_FALSE(rig.accept(offered | UINT64_C(1) << 28)); // indirect descriptors
}

TEST(DiskRequest, ReadGivesTheSectors)
{
    DiskRig rig;
    rig.start();
    // Two buffers that cross pages and are no whole sectors each.
    const uint64_t data = DiskRig::kData + 0x1f00;
    EXPECT_EQ(rig.request(0, 3, {{data, 700, true}, {data + 0x3000, 8 * 512 - 700, true}}), 0u);
    const std::string image = rig.image();
    EXPECT_EQ(memcmp(rig.at(data), &image[3 * 512], 700), 0);
    EXPECT_EQ(memcmp(rig.at(data + 0x3000), &image[3 * 512 + 700], 8 * 512 - 700), 0);
    EXPECT_EQ(rig.at(data)[700], 0);
    EXPECT_EQ(rig.used(), 1u);
    EXPECT_EQ(rig.written(), 8u * 512 + 1);
    EXPECT_EQ(rig.messages, (std::vector<std::pair<uint64_t, uint32_t>>{{0xfee01004, 0x41}}));
    EXPECT_EQ(rig.read(DiskRig::kBar0 + 0x1000, 1), 1u);
    EXPECT_EQ(rig.read(DiskRig::kBar0 + 0x1000, 1), 0u); // reading it clears it
}

TEST(DiskRequest, WriteChangesTheSectorsAndNoOthers)
{
    DiskRig rig;
    rig.start();
    std::string expected = rig.image();
    memset(rig.at(DiskRig::kData + 0x1000), 0x77, 1024);
    memset(&expected[10 * 512], 0x77, 1024);
    EXPECT_EQ(rig.request(1, 10, {{DiskRig::kData + 0x1000, 1024, false}}), 0u);
    EXPECT_EQ(rig.written(), 1u);
    EXPECT_EQ(rig.request(4, 0, {}), 0u);
    EXPECT_EQ(rig.image(), expected);
    EXPECT_EQ(rig.request(8, 0, {{DiskRig::kData + 0x1000, 20, true}}), 0u);
    EXPECT_STREQ((const char *)rig.at(DiskRig::kData + 0x1000), "vtdsim");
    const vtd_virtio_blk_stats *stats = vtd_virtio_blk_stats_get(&rig.f);
    EXPECT_EQ(stats->writes, 1u);
    EXPECT_EQ(stats->flushes, 1u);
    EXPECT_EQ(stats->bytes, 1024u);
}

TEST(DiskRequest, RefusesWhatIsNotThereAndGoesOn)
{
    DiskRig rig;
    rig.start();
    const uint64_t data = DiskRig::kData + 0x1000;
    const std::string before = rig.image();
    EXPECT_EQ(rig.request(0, DiskRig::kSectors - 1, {{data, 512, true}}), 0u);
    EXPECT_EQ(rig.request(0, DiskRig::kSectors - 1, {{data, 1024, true}}), 1u);
    EXPECT_EQ(rig.request(1, DiskRig::kSectors, {{data, 512, false}}), 1u);
    EXPECT_EQ(rig.request(1, ~UINT64_C(0), {{data, 512, false}}), 1u);
    EXPECT_EQ(rig.request(1, UINT64_C(1) << 55, {{data, 512, false}}), 1u); // times 512 it would be 0
    EXPECT_EQ(rig.request(0, 0, {{data, 511, true}}), 1u);
    EXPECT_EQ(rig.request(8, 0, {{data, 19, true}}), 1u);
    EXPECT_EQ(rig.request(11, 0, {}), 2u); // discard
    EXPECT_EQ(rig.request(0, 0, {{data, 0x80000000, true}}), 1u);
    EXPECT_EQ(rig.image(), before);
    EXPECT_EQ(rig.request(0, 0, {{data, 512, true}}), 0u);
    EXPECT_EQ(rig.used(), 10u);
    EXPECT_EQ(rig.status(), 0xf);
}

TEST(DiskRequest, DataThatTheUnitRefusesAreAnError)
{
    DiskRig rig;
    rig.start();
    EXPECT_EQ(rig.request(0, 0, {{DiskRig::kIova + 0x100000 - 512, 1024, true}}), 1u); // half of it is not mapped
    EXPECT_EQ(rig.request(1, 0, {{DiskRig::kIova - 512, 512, false}}), 1u);
    EXPECT_EQ(rig.status(), 0xf);
}

TEST(DiskRequest, ReadOnlyDiskRefusesWrites)
{
    DiskRig rig(true);
    rig.start();
    EXPECT_EQ(rig.request(1, 0, {{DiskRig::kData + 0x1000, 512, false}}), 1u);
    EXPECT_EQ(rig.request(0, 0, {{DiskRig::kData + 0x1000, 512, true}}), 0u);
}

TEST(DiskQueue, WrapsAroundAndHonoursNoInterrupt)
{
    DiskRig rig;
    rig.start();
    for (unsigned i = 0; i < 3 * DiskRig::kQueue; i++)
        EXPECT_EQ(rig.request(4, 0, {}), 0u);
    EXPECT_EQ(rig.used(), 3u * DiskRig::kQueue);
    EXPECT_EQ(rig.messages.size(), 3u * DiskRig::kQueue);
    rig.put<uint16_t>(DiskRig::kDriver, 1);
    EXPECT_EQ(rig.request(4, 0, {}), 0u);
    EXPECT_EQ(rig.messages.size(), 3u * DiskRig::kQueue);
}

TEST(DiskQueue, MaskedMessagesStayPending)
{
    DiskRig rig;
    rig.start();
    rig.write(DiskRig::kBar1 + 0x1c, 1, 4);
    rig.request(4, 0, {});
    rig.request(4, 0, {});
    EXPECT_TRUE(rig.messages.empty());
    EXPECT_EQ(rig.read(DiskRig::kBar1 + 0x800, 8), 2u); // bit of vector 1
    rig.write(DiskRig::kBar1 + 0x1c, 0, 4);
    EXPECT_EQ(rig.messages.size(), 1u);
    EXPECT_EQ(rig.read(DiskRig::kBar1 + 0x800, 8), 0u);
    rig.config(rig.msix() + 2, 0xc000, 2); // the whole function
    rig.request(4, 0, {});
    EXPECT_EQ(rig.messages.size(), 1u);
    rig.config(rig.msix() + 2, 0x8000, 2);
    EXPECT_EQ(rig.messages.size(), 2u);
}

// What makes a queue unusable; afterwards the device says so and does nothing, until it is reset.
TEST(DiskQueue, NonsenseNeedsAReset)
{
    DiskRig rig;
    const std::vector<std::pair<const char *, std::function<void()>>> nonsense = {
        {"a circle", [&] { rig.put<uint32_t>(DiskRig::kTable + 12, 1); }}, // next is 0 again
        {"a descriptor beyond the table", [&] { rig.put<uint32_t>(DiskRig::kTable + 12, 1 | 99 << 16); }},
        {"an indirect table", [&] { rig.put<uint16_t>(DiskRig::kTable + 12, 4); }},
        {"a head beyond the table", [&] { rig.put<uint16_t>(DiskRig::kDriver + 4, 500); }},
        {"more requests than fit", [&] { rig.put<uint16_t>(DiskRig::kDriver + 2, 1000); }},
        {"no place for the status", [&] { rig.put<uint16_t>(DiskRig::kTable + 16 + 12, 0); }},
        {"an unmapped table", [&] { EXPECT_EQ(vtd_drv_unmap(rig.domain, DiskRig::kTable, 0x1000), 0x1000); }},
    };
    for (const auto &[what, spoil] : nonsense) {
        SCOPED_TRACE(what);
        rig.start();
        rig.header(4, 0);
        rig.submit({{DiskRig::kData, 16, false}, {DiskRig::kData + 16, 1, true}});
        spoil();
        rig.run();
        EXPECT_EQ(rig.status(), 0x4f);
        EXPECT_EQ(rig.get<uint8_t>(DiskRig::kData + 16), 0xff);
        EXPECT_EQ(rig.used(), 0u);
        rig.write(DiskRig::kBar0 + 0x3000, 0, 2);
        EXPECT_FALSE(rig.f.run(rig.f.self));
    }
    EXPECT_EQ(vtd_drv_map(rig.domain, DiskRig::kTable, DiskRig::kHost, 0x1000, VTD_DRV_READ | VTD_DRV_WRITE), 0);
    rig.start();
    EXPECT_EQ(rig.request(0, 0, {{DiskRig::kData + 0x1000, 512, true}}), 0u);
    EXPECT_EQ(vtd_virtio_blk_stats_get(&rig.f)->broken, nonsense.size());
}

TEST(DiskHostile, RandomAccessesNeverHangItAndAResetBringsItBack)
{
    DiskRig rig;
    std::mt19937_64 random(3);
    for (unsigned i = 0; i < 20000; i++) {
        const unsigned size = 1u << random() % 4;
        const uint64_t value = random() % 2 ? random() >> random() % 64 : DiskRig::kIova + random() % 0x8000;
        if (i % 512 == 0)
            rig.start();
        if (i % 5 == 0)
            rig.put<uint64_t>(DiskRig::kIova + random() % 0x8000 / 8 * 8, random() >> random() % 64);
        else if (i % 97 == 0)
            rig.config((uint32_t)random() % 0x100, (uint32_t)value, size > 4 ? 4 : size);
        else if (i % 3 == 0)
            rig.f.bar_write(rig.f.self, DiskRig::kBar1 + random() % 0x1000, value, size);
        else
            rig.f.bar_write(rig.f.self, DiskRig::kBar0 + random() % 4 * 0x1000 + random() % 0x40, value, size);
        rig.place();
        rig.put<uint16_t>(DiskRig::kDriver + 2, uint16_t(random() % 4));
        rig.write(DiskRig::kBar0 + 0x3000, 0, 2);
        rig.f.run(rig.f.self);
        rig.messages.clear();
    }
    rig.f.reset(rig.f.self);
    rig.place();
    rig.start();
    EXPECT_EQ(rig.request(0, 0, {{DiskRig::kData + 0x1000, 512, true}}), 0u);
}

TEST(DiskLife, ImagesThatCannotServeAreRefused)
{
    DiskRig rig;
    char why[VTD_WHY_SIZE];
    vtd_qemu_function f{};
    vtd_virtio_blk_config c{};
    const std::string odd = rig.path + "_odd";
    c.sid = DiskRig::kSid;
    c.path = rig.path.c_str();
    EXPECT_EQ(vtd_virtio_blk_create(&rig.host, &c, &f, why), -EEXIST);
    c.sid = 0x40;
    c.path = "/nowhere/disk";
    EXPECT_EQ(vtd_virtio_blk_create(&rig.host, &c, &f, why), -ENOENT);
    EXPECT_STREQ(why, "/nowhere/disk: No such file or directory");
    std::ofstream(odd) << "seven b";
    c.path = odd.c_str();
    EXPECT_EQ(vtd_virtio_blk_create(&rig.host, &c, &f, why), -EINVAL);
    EXPECT_EQ(std::string(why), odd + ": not a file of whole sectors of 512 bytes");
    std::remove(odd.c_str());
}

} // namespace
