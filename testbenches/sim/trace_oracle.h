/* SPDX-License-Identifier: MIT */
/*
 * What caches have to do with a trace, computed without any code of the simulator: a reader of trace files that
 * believes them to be well-formed, and a textbook LRU.
 */
#ifndef VTD_TEST_TRACE_ORACLE_H
#define VTD_TEST_TRACE_ORACLE_H

#include <zstd.h>

#include <cstdint>
#include <list>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

namespace oracle
{

/* An access to a page, or an unmap of pages (all of them: UINT64_MAX) of one device. */
struct Step {
    bool access;
    bool write;
    unsigned sid;
    uint64_t page;
    uint64_t pages;
};

inline std::string decompress(const std::string &packed)
{
    std::string text;
    std::vector<char> chunk(1 << 20);
    ZSTD_DStream *stream = ZSTD_createDStream();
    ZSTD_inBuffer in = {packed.data(), packed.size(), 0};
    while (in.pos < in.size) {
        ZSTD_outBuffer out = {chunk.data(), chunk.size(), 0};
        if (ZSTD_isError(ZSTD_decompressStream(stream, &out, &in)))
            throw std::runtime_error("the trace cannot be decompressed");
        text.append(chunk.data(), out.pos);
        if (in.pos == in.size && out.pos == out.size)
            throw std::runtime_error("the end of the trace may be in the decompressor");
    }
    ZSTD_freeDStream(stream);
    return text;
}

inline unsigned sid_of(const std::string &text)
{
    const unsigned bus = std::stoul(text.substr(0, 2), nullptr, 16),
                   device = std::stoul(text.substr(3, 2), nullptr, 16);
    return bus << 8 | device << 3 | (text[6] - '0');
}

inline std::vector<Step> steps_of(const std::string &text)
{
    std::vector<Step> steps;
    std::map<std::string, std::vector<unsigned>> domains;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string a, b, c, d, e;
        words >> a >> b;
        if (a == "#" && b == "domains:") {
            while (words >> c)
                domains[c.substr(0, c.find('='))].push_back(sid_of(c.substr(c.find('=') + 1)));
        } else if (a == "inv") {
            words >> c >> d; /* address, pages */
            for (const unsigned sid : domains.at(b))
                steps.push_back(
                    {false, false, sid, std::stoull(c, nullptr, 16) >> 12, d == "all" ? UINT64_MAX : std::stoull(d)});
        } else if (a[0] != '#') {
            words >> c >> d >> e; /* PASID, direction, address */
            steps.push_back({true, d == "w", sid_of(b), std::stoull(e, nullptr, 16) >> 12, 1});
        }
    }
    return steps;
}

/* Least recently used goes first; an access makes an entry the most recent one. */
class Lru
{
  public:
    explicit Lru(size_t capacity) : entries(capacity) {}

    /* Is it there? Afterwards it is. */
    bool access(uint64_t key)
    {
        const auto found = where.find(key);
        if (found != where.end()) {
            order.splice(order.begin(), order, found->second);
            return true;
        }
        if (order.size() == entries) {
            where.erase(order.back());
            order.pop_back();
        }
        order.push_front(key);
        where[key] = order.begin();
        return false;
    }
    /* Removes the keys first, first + 1, ..., last. */
    void remove(uint64_t first, uint64_t last)
    {
        for (auto i = order.begin(); i != order.end();) {
            const uint64_t key = *i;
            if (key < first || key > last) {
                ++i;
                continue;
            }
            i = order.erase(i);
            where.erase(key);
        }
    }
    void remove_one(uint64_t key)
    {
        const auto found = where.find(key);
        if (found == where.end())
            return;
        order.erase(found->second);
        where.erase(found);
    }

  private:
    size_t entries;
    std::list<uint64_t> order;
    std::unordered_map<uint64_t, std::list<uint64_t>::iterator> where;
};

/* Key of a translation: pages of 48-bit addresses have 36 bits. */
inline uint64_t key_of(unsigned sid, unsigned pasid, uint64_t page)
{
    return uint64_t(sid) << 48 | uint64_t(pasid) << 36 | page;
}

/* Takes what an unmap takes. */
inline void unmap(Lru &lru, const Step &s, unsigned pasid)
{
    if (s.pages == UINT64_MAX)
        lru.remove(key_of(s.sid, pasid, 0), key_of(s.sid, pasid, (uint64_t(1) << 36) - 1));
    else if (s.pages <= 64)
        for (uint64_t i = 0; i < s.pages; i++)
            lru.remove_one(key_of(s.sid, pasid, s.page + i));
    else
        lru.remove(key_of(s.sid, pasid, s.page), key_of(s.sid, pasid, s.page + s.pages - 1));
}

} // namespace oracle

#endif
