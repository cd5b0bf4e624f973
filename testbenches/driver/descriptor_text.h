/* SPDX-License-Identifier: MIT */
/*
 * Descriptors of the invalidation queue as text, decoded bit by bit from the layouts of ref 3.1 and not with the
 * project's own accessors, so that a wrong definition cannot hide. Bits that a text does not show must be 0, or the
 * text ends in "BAD".
 */
#ifndef VTD_TESTS_DESCRIPTOR_TEXT_H
#define VTD_TESTS_DESCRIPTOR_TEXT_H

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <string>

inline uint64_t descriptor_bits(uint64_t q, unsigned msb, unsigned lsb)
{
    return (q >> lsb) & (~UINT64_C(0) >> (63 - (msb - lsb)));
}

/* A range with a size flag (ref 3.2), as "base+pages" in hexadecimal. */
inline std::string descriptor_range(uint64_t addr, bool s)
{
    if (addr >> 12 == UINT64_C(0x7ffffffffffff) && s)
        return "all";
    unsigned bit = 12;
    while (s && (addr >> bit & 1))
        bit++;
    const uint64_t pages = s ? UINT64_C(2) << (bit - 12) : 1;
    char text[64];
    snprintf(text, sizeof(text), "%" PRIx64 "+%" PRIx64, addr & ~(pages * 4096 - 1), pages);
    return text;
}

/* The descriptors that concern devices: types 3, 8 and 9. */
inline std::string device_descriptor_text(const uint64_t *q)
{
    const uint64_t l = q[0], h = q[1], addr = h & ~UINT64_C(0xfff), pasid = descriptor_bits(l, 51, 32);
    char text[128];
    uint64_t known_l = 0xf, known_h = 0;
    switch (l & 0xf) {
    case 3: {
        const uint64_t pfsid = descriptor_bits(l, 63, 52) << 4 | descriptor_bits(l, 15, 12);
        snprintf(text, sizeof(text), "dev_tlb sid=%" PRIx64 " %s mip=%" PRIu64 " pfsid=%" PRIx64,
                 descriptor_bits(l, 47, 32), descriptor_range(addr, h & 1).c_str(), descriptor_bits(l, 20, 16), pfsid);
        known_l |= UINT64_C(0xfff0ffff001ff000);
        known_h = ~UINT64_C(0xffe);
        break;
    }
    case 8: {
        const uint64_t pfsid = descriptor_bits(l, 63, 52) << 4 | descriptor_bits(l, 15, 12);
        snprintf(text, sizeof(text), "p_dev_tlb sid=%" PRIx64 " pasid=%s %s mip=%" PRIu64 " pfsid=%" PRIx64,
                 descriptor_bits(l, 31, 16), h & 1 ? "all" : std::to_string(pasid).c_str(),
                 descriptor_range(addr, h >> 11 & 1).c_str(), descriptor_bits(l, 8, 4), pfsid);
        known_l = h & 1 ? ~UINT64_C(0xfffff00000e00) : ~UINT64_C(0xe00);
        known_h = ~UINT64_C(0x7fe);
        break;
    }
    default:
        snprintf(text, sizeof(text), "response sid=%" PRIx64 " pasid=%s prgi=%" PRIu64 " code=%" PRIu64,
                 descriptor_bits(l, 31, 16), l & 0x10 ? std::to_string(pasid).c_str() : "none",
                 descriptor_bits(h, 11, 3), descriptor_bits(l, 15, 12));
        known_l = l & 0x10 ? UINT64_C(0xffffffffff01f) : UINT64_C(0xfffff01f);
        known_h = UINT64_C(0xff8);
        break;
    }
    const bool clean = !(l & ~known_l) && !(h & ~known_h) && !q[2] && !q[3];
    return std::string(text) + (clean ? "" : " BAD");
}

inline std::string descriptor_text(const uint64_t *q)
{
    const uint64_t l = q[0], h = q[1];
    const unsigned g = (unsigned)descriptor_bits(l, 5, 4);
    const uint64_t did = descriptor_bits(l, 31, 16), pasid = descriptor_bits(l, 51, 32);
    const unsigned am = (unsigned)descriptor_bits(h, 5, 0), ih = (unsigned)descriptor_bits(h, 6, 6);
    const uint64_t addr = h & ~UINT64_C(0xfff);
    char text[128] = "unknown";
    uint64_t known_l = 0xf, known_h = 0;
    switch (l & 0xf) {
    case 1: {
        const char *scope[] = {"invalid", "global", "domain", "device"};
        snprintf(text, sizeof(text), "cc %s", scope[g]);
        if (g == 3)
            snprintf(text, sizeof(text), "cc device sid=%" PRIx64, descriptor_bits(l, 47, 32));
        const std::string of = did ? " did=" + std::to_string(did) : ""; /* legacy mode */
        snprintf(text, sizeof(text), "%s%s", std::string(text).c_str(), of.c_str());
        known_l |= UINT64_C(0xffff0030) | (g == 3 ? UINT64_C(0xffff) << 32 : 0);
        break;
    }
    case 2:
        if (g == 1)
            snprintf(text, sizeof(text), "iotlb global");
        else if (g == 2)
            snprintf(text, sizeof(text), "iotlb domain did=%" PRIu64, did);
        else
            snprintf(text, sizeof(text), "iotlb page did=%" PRIu64 " %" PRIx64 " am=%u ih=%u", did, addr, am, ih);
        known_l |= UINT64_C(0xf0) | (g == 1 ? 0 : UINT64_C(0xffff0000)); /* DW and DR included */
        known_h = g == 3 ? ~UINT64_C(0xf80) : 0;
        break;
    case 5:
        snprintf(text, sizeof(text), l & 0x80 ? "wait drain" : "wait");
        known_l = ~UINT64_C(0) ^ UINT64_C(0xffffff00) ^ UINT64_C(0x10);
        known_h = ~UINT64_C(3);
        break;
    case 6:
        if (g == 2)
            snprintf(text, sizeof(text), "p_iotlb pasid did=%" PRIu64 " pasid=%" PRIu64, did, pasid);
        else
            snprintf(text, sizeof(text), "p_iotlb page did=%" PRIu64 " pasid=%" PRIu64 " %" PRIx64 " am=%u ih=%u", did,
                     pasid, addr, am, ih);
        known_l |= UINT64_C(0xfffffffff0030);
        known_l &= ~UINT64_C(0xffc0);
        known_h = g == 3 ? ~UINT64_C(0xf80) : 0;
        break;
    case 7:
        if (g == 3)
            snprintf(text, sizeof(text), "pc global");
        else if (g == 0)
            snprintf(text, sizeof(text), "pc domain did=%" PRIu64, did);
        else
            snprintf(text, sizeof(text), "pc pasid did=%" PRIu64 " pasid=%" PRIu64, did, pasid);
        known_l |= UINT64_C(0x30) | (g == 3 ? 0 : UINT64_C(0xffff0000)) | (g == 1 ? UINT64_C(0xfffff) << 32 : 0);
        break;
    case 3:
    case 8:
    case 9:
        return device_descriptor_text(q);
    default:
        break;
    }
    const bool clean = !(l & ~known_l) && !(h & ~known_h) && !q[2] && !q[3];
    return std::string(text) + (clean ? "" : " BAD");
}

#endif
