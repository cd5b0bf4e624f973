/* SPDX-License-Identifier: MIT */
/*
 * The protocol between QEMU's x-pci-proxy-dev and us, over a socket pair of which the test holds QEMU's end: what QEMU
 * sends is served, and what no QEMU sends ends in a sentence instead of harm.
 */
#include "probe_function.h"
#include "qemu/carrier.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace
{

constexpr uint64_t kMemory = 16 << 20;

std::string le(uint64_t value, unsigned bytes)
{
    std::string s;
    for (unsigned i = 0; i < bytes; i++)
        s.push_back(static_cast<char>(value >> 8 * i));
    return s;
}

std::string header(uint32_t command, uint64_t size)
{
    return le(command, 4) + le(0, 4) + le(size, 8);
}

std::string config(uint32_t command, uint32_t addr, uint32_t value, uint32_t size)
{
    return header(command, 12) + le(addr, 4) + le(value, 4) + le(size, 4);
}

std::string bar(uint32_t command, uint64_t addr, uint64_t value, uint32_t size, uint8_t memory = 1)
{
    return header(command, 24) + le(addr, 8) + le(value, 8) + le(size, 4) + le(memory, 1) + le(0, 3);
}

class Wire : public testing::Test
{
  protected:
    void SetUp() override
    {
        int ends[2];
        ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        qemu = ends[0];
        carrier.wire.fd = ends[1];
        carrier.function = &probe.function;
        ASSERT_EQ(vtd_memory_init(&memory, vtd_qemu_memory_top(kMemory), nullptr), 0);
        guest.memory = &memory;
        guest.size = kMemory;
        guest.low_end = vtd_qemu_memory_low_end(kMemory);
        carrier.memory = &guest;
    }
    void TearDown() override
    {
        vtd_qemu_wire_fini(&carrier.wire);
        hang_up();
        vtd_memory_fini(&memory);
    }
    void hang_up()
    {
        if (qemu >= 0)
            close(qemu);
        qemu = -1;
    }
    void send_bytes(const std::string &bytes)
    {
        ASSERT_EQ(send(qemu, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    }
    void send_with(const std::string &bytes, const std::vector<int> &fds)
    {
        alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * 16)] = {};
        iovec part = {const_cast<char *>(bytes.data()), bytes.size()};
        msghdr message = {};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * fds.size());
        cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int) * fds.size());
        memcpy(CMSG_DATA(c), fds.data(), sizeof(int) * fds.size());
        ASSERT_EQ(sendmsg(qemu, &message, 0), static_cast<ssize_t>(bytes.size()));
    }
    /* QEMU sends the header with the descriptors, then the payload. */
    void sync_memory(uint64_t gpa, uint64_t size, uint64_t offset, int fd)
    {
        std::string payload(192, '\0');
        payload.replace(0, 8, le(gpa, 8));
        payload.replace(64, 8, le(size, 8));
        payload.replace(128, 8, le(offset, 8));
        send_with(header(0, 192), {fd});
        send_bytes(payload);
    }
    /* One message; the sentence of an error in why. */
    vtd_qemu_carrier_result serve()
    {
        return vtd_qemu_carrier_serve(&carrier, why);
    }
    /* What QEMU reads from its end now. */
    std::string reply()
    {
        char bytes[64];
        const ssize_t n = recv(qemu, bytes, sizeof(bytes), MSG_DONTWAIT);
        return n > 0 ? std::string(bytes, static_cast<size_t>(n)) : "";
    }
    int file(uint64_t size)
    {
        const int fd = memfd_create("guest", MFD_CLOEXEC);
        EXPECT_EQ(ftruncate(fd, static_cast<off_t>(size)), 0);
        return fd;
    }
    /* Descriptors that this process has open. */
    static int open_descriptors()
    {
        int count = 0;
        for (int fd = 0; fd < 256; fd++)
            count += fcntl(fd, F_GETFD) != -1;
        return count;
    }
    void expect_error(const char *part)
    {
        EXPECT_EQ(serve(), VTD_QEMU_CARRIER_ERROR);
        EXPECT_NE(std::string(why).find(part), std::string::npos) << why;
    }

    int qemu = -1;
    Probe probe;
    vtd_memory memory{};
    vtd_qemu_memory guest{};
    vtd_qemu_carrier carrier{};
    char why[VTD_QEMU_WHY_SIZE] = "";
};

TEST_F(Wire, ConfigReadsReplyWith32Bits)
{
    send_bytes(config(3, 0x2c, 0, 4));
    ASSERT_EQ(serve(), VTD_QEMU_CARRIER_SERVED);
    EXPECT_EQ(probe.seen_offset, 0x2cu);
    EXPECT_EQ(probe.seen_size, 4u);
    /* All ones in 64 bits would tell QEMU of a failure. */
    EXPECT_EQ(reply(), header(1, 8) + le(0xffffffff, 8));
}

TEST_F(Wire, ConfigWritesReachTheFunctionAndAreReplied)
{
    send_bytes(config(2, 0x10, 0xfed90000, 4));
    ASSERT_EQ(serve(), VTD_QEMU_CARRIER_SERVED);
    EXPECT_EQ(probe.seen_offset, 0x10u);
    EXPECT_EQ(probe.seen_value, 0xfed90000u);
    EXPECT_EQ(reply(), header(1, 8) + le(0, 8));
}

TEST_F(Wire, BarAccessesKeepTheirSizeAndAddress)
{
    for (unsigned size : {1, 2, 4, 8}) {
        send_bytes(bar(4, 0x120, 0x55, size));
        ASSERT_EQ(serve(), VTD_QEMU_CARRIER_SERVED);
        EXPECT_EQ(probe.seen_size, size);
        EXPECT_EQ(probe.seen_addr, 0x120u);
        EXPECT_EQ(reply(), header(1, 8) + le(0, 8));
    }
    send_bytes(bar(5, 0x18, 0, 8));
    ASSERT_EQ(serve(), VTD_QEMU_CARRIER_SERVED);
    EXPECT_EQ(reply(), header(1, 8) + le(0x1122334455667788, 8));
}

TEST_F(Wire, ReadsWhereNothingIsGiveAllOnesOfTheirSize)
{
    send_bytes(bar(5, 0x5000, 0, 2));
    ASSERT_EQ(serve(), VTD_QEMU_CARRIER_SERVED);
    EXPECT_EQ(reply(), header(1, 8) + le(0xffff, 8));
    EXPECT_EQ(carrier.strays, 1u);
}

TEST_F(Wire, ResetIsRepliedAndInterruptDescriptorsAreNot)
{
    const int before = open_descriptors();
    send_with(header(6, 0), {0, 0});
    send_bytes(header(7, 0));
    ASSERT_EQ(serve(), VTD_QEMU_CARRIER_SERVED);
    EXPECT_EQ(reply(), "");
    ASSERT_EQ(serve(), VTD_QEMU_CARRIER_SERVED);
    EXPECT_EQ(reply(), header(1, 8) + le(0, 8));
    EXPECT_EQ(probe.resets, 1u);
    EXPECT_EQ(open_descriptors(), before);
}

TEST_F(Wire, MessagesInPiecesWaitUntilTheyAreWhole)
{
    const std::string bytes = config(3, 0, 0, 2);
    for (size_t i = 0; i + 1 < bytes.size(); i++) {
        send_bytes(bytes.substr(i, 1));
        ASSERT_EQ(serve(), VTD_QEMU_CARRIER_IDLE) << i;
    }
    send_bytes(bytes.substr(bytes.size() - 1));
    EXPECT_EQ(serve(), VTD_QEMU_CARRIER_SERVED);
    EXPECT_EQ(serve(), VTD_QEMU_CARRIER_IDLE);
}

TEST_F(Wire, AClosedSocketIsToldFromOneThatBreaks)
{
    hang_up();
    EXPECT_EQ(serve(), VTD_QEMU_CARRIER_CLOSED);
}

TEST_F(Wire, AMessageThatBreaksOffIsAnError)
{
    send_bytes(config(3, 0, 0, 2).substr(0, 20));
    hang_up();
    expect_error("20 bytes of 28");
}

TEST_F(Wire, AReplyToNobodyDoesNotEndTheProgram)
{
    send_bytes(config(3, 0, 0, 2));
    hang_up();
    EXPECT_EQ(serve(), VTD_QEMU_CARRIER_CLOSED);
}

TEST_F(Wire, UnknownCommandsAreErrors)
{
    send_bytes(header(8, 0));
    expect_error("command 8");
}

TEST_F(Wire, ARepliesCommandFromQemuIsAnError)
{
    send_bytes(header(1, 8) + le(0, 8));
    expect_error("command 1");
}

TEST_F(Wire, APayloadOfAnotherSizeIsAnErrorBeforeItIsRead)
{
    send_bytes(header(5, UINT64_C(1) << 40));
    expect_error("1099511627776 bytes instead of 24");
}

TEST_F(Wire, AccessesOfImpossibleSizeAreErrors)
{
    send_bytes(config(3, 0, 0, 3));
    expect_error("3 bytes at 0x0 of configuration space");
}

TEST_F(Wire, NegativeSizesAreErrors)
{
    send_bytes(config(3, 0, 0, 0xffffffff));
    expect_error("-1 bytes");
}

TEST_F(Wire, ConfigurationAccessesEndWithTheSpace)
{
    send_bytes(config(3, 0xfe, 0, 4));
    expect_error("4 bytes at 0xfe");
}

TEST_F(Wire, BarAccessesOfSixteenBytesAreErrors)
{
    send_bytes(bar(5, 0, 0, 16));
    expect_error("16 bytes at 0x0 of a BAR");
}

TEST_F(Wire, BarAccessesBeyondTheLastAddressAreErrors)
{
    send_bytes(bar(5, UINT64_MAX - 2, 0, 8));
    expect_error("8 bytes at 0xfffffffffffffffd");
}

TEST_F(Wire, PortAccessesAreErrors)
{
    send_bytes(bar(5, 0, 0, 4, 0));
    expect_error("not memory");
}

TEST_F(Wire, DescriptorsWithAnAccessAreClosedAndAnError)
{
    const int before = open_descriptors();
    send_with(header(3, 12), {0, 0, 0});
    expect_error("file descriptors");
    EXPECT_EQ(open_descriptors(), before);
}

TEST_F(Wire, MoreDescriptorsThanRegionsAreClosedAndAnError)
{
    const int before = open_descriptors();
    send_with(header(0, 192), {0, 0, 0, 0, 0, 0, 0, 0, 0});
    expect_error("more than 8");
    EXPECT_EQ(open_descriptors(), before);
}

/* ---------------------------------------------------------------- guest memory */

TEST_F(Wire, GuestMemoryIsSharedWithTheMachine)
{
    const int fd = file(kMemory);
    sync_memory(0, kMemory, 0, fd);
    ASSERT_EQ(serve(), VTD_QEMU_CARRIER_SERVED) << why;
    EXPECT_EQ(reply(), "");
    const uint32_t there = 0xcafe;
    ASSERT_EQ(pwrite(fd, &there, sizeof(there), 0x123450), static_cast<ssize_t>(sizeof(there)));
    uint64_t seen = 0;
    ASSERT_TRUE(vtd_memory_read(&memory, 0x123450, 4, &seen));
    EXPECT_EQ(seen, 0xcafeu);
    ASSERT_TRUE(vtd_memory_write(&memory, 0x4000, 4, 0xbeef));
    uint32_t back = 0;
    ASSERT_EQ(pread(fd, &back, sizeof(back), 0x4000), static_cast<ssize_t>(sizeof(back)));
    EXPECT_EQ(back, 0xbeefu);
    close(fd);
}

TEST_F(Wire, MemoryAnnouncedAgainIsNotMappedAgainAndLeavesNoDescriptor)
{
    const int fd = file(kMemory);
    const int before = open_descriptors();
    for (int i = 0; i < 3; i++) {
        sync_memory(0xc0000, 0x40000, 0xc0000, fd);
        ASSERT_EQ(serve(), VTD_QEMU_CARRIER_SERVED) << why;
    }
    EXPECT_EQ(open_descriptors(), before);
    close(fd);
}

TEST_F(Wire, AFileThatIsTooSmallIsRefused)
{
    const int fd = file(kMemory - 4096);
    sync_memory(0, kMemory, 0, fd);
    expect_error("memory-backend-memfd");
    close(fd);
}

TEST_F(Wire, MemoryFromASocketIsRefused)
{
    sync_memory(0, kMemory, 0, qemu);
    expect_error("memory-backend-memfd");
}

TEST_F(Wire, MemoryElsewhereIsRefused)
{
    const int fd = file(kMemory);
    sync_memory(0x1000, 0x1000, 0, fd);
    expect_error("is not where a q35 machine");
    close(fd);
}

TEST_F(Wire, RegionsThatWrapAroundAreRefused)
{
    const int fd = file(kMemory);
    sync_memory(0x1000, UINT64_MAX, 0x1000, fd);
    expect_error("is not where a q35 machine");
    close(fd);
}

TEST_F(Wire, AnotherFileLaterIsRefused)
{
    const int first = file(kMemory), second = file(kMemory);
    sync_memory(0, kMemory, 0, first);
    ASSERT_EQ(serve(), VTD_QEMU_CARRIER_SERVED);
    sync_memory(0, kMemory, 0, second);
    expect_error("is not where a q35 machine");
    close(first);
    close(second);
}

TEST(GuestMemory, IsSplitAsTheMachineQ35Does)
{
    const uint64_t gib = UINT64_C(1) << 30;
    EXPECT_EQ(vtd_qemu_memory_low_end(gib), gib);
    EXPECT_EQ(vtd_qemu_memory_top(gib), gib);
    EXPECT_EQ(vtd_qemu_memory_low_end(3 * gib), 2 * gib);
    EXPECT_EQ(vtd_qemu_memory_top(3 * gib), 5 * gib);
    EXPECT_EQ(vtd_qemu_memory_top(6 * gib), 8 * gib);
}

} // namespace
