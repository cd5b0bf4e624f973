/* SPDX-License-Identifier: MIT */
/*
 * What tests of the caches of PASID entries and PASID directory entries are compared with: lists in order of use, as the words
 * of the configuration describe them, without a thought of how the model does it. All are fully associative and LRU.
 */
#ifndef VTD_TESTS_PASID_ORACLE_H
#define VTD_TESTS_PASID_ORACLE_H

#include <cstdint>
#include <functional>
#include <list>

namespace vtdtest
{

/* An entry in a list: of a PASID, or of a directory index. */
struct PasidKey {
    bool directory;
    uint16_t sid;
    uint32_t number; /* PASID, or PASID / 64 */
    bool operator==(const PasidKey &o) const
    {
        return directory == o.directory && sid == o.sid && number == o.number;
    }
};

class LruList
{
  public:
    struct Item {
        PasidKey key;
        bool ahead; /* fetched ahead, and not asked for yet */
    };
    explicit LruList(size_t capacity) : capacity_(capacity) {}

    Item *find(const PasidKey &k)
    {
        for (Item &item : items_)
            if (item.key == k)
                return &item;
        return nullptr;
    }
    /* A lookup: the item becomes the one that was used last. */
    Item *use(const PasidKey &k)
    {
        for (auto i = items_.begin(); i != items_.end(); ++i)
            if (i->key == k) {
                items_.splice(items_.begin(), items_, i);
                return &items_.front();
            }
        return nullptr;
    }
    void put(const PasidKey &k, bool ahead = false)
    {
        if (capacity_ == 0)
            return;
        fills++;
        if (items_.size() == capacity_) {
            evictions++;
            evicted_ahead += items_.back().ahead;
            items_.pop_back();
        }
        items_.push_front({k, ahead});
    }
    void drop(const std::function<bool(const PasidKey &)> &which)
    {
        const size_t before = items_.size();
        items_.remove_if([&](const Item &item) { return which(item.key); });
        dropped += before - items_.size();
    }
    size_t capacity() const
    {
        return capacity_;
    }
    uint64_t fills = 0, evictions = 0, evicted_ahead = 0, dropped = 0;

  private:
    size_t capacity_;
    std::list<Item> items_; /* the one used last is first */
};

/* Both caches of a unit, which may be one. */
class PasidOracle
{
  public:
    PasidOracle(size_t pasids, size_t directories, bool shared, unsigned prefetch)
        : pasids_(pasids), own_(directories), shared_(shared), prefetch_(prefetch)
    {
    }
    std::function<bool(uint16_t sid, uint32_t pasid)> present; /* entries that may be fetched ahead */

    /* A request that gets to the PASID cache. */
    void lookup(uint16_t sid, uint32_t pasid)
    {
        lookups++;
        if (LruList::Item *item = pasids_.use({false, sid, pasid})) {
            hits++;
            useful += item->ahead;
            item->ahead = false;
            return;
        }
        const PasidKey directory = {true, sid, pasid / 64};
        if (has_directories()) {
            dir_lookups++;
            if (home().use(directory)) {
                dir_hits++;
            } else {
                dir_reads++;
                home().put(directory);
            }
        } else {
            dir_reads++;
        }
        reads++;
        pasids_.put({false, sid, pasid});
        for (uint32_t next = pasid + 1; next <= pasid + prefetch_ && next % 64 != 0; next++) {
            if (pasids_.find({false, sid, next}))
                continue;
            reads++;
            ahead_reads++;
            if (!present(sid, next))
                continue;
            ahead_fills++;
            pasids_.put({false, sid, next}, true);
        }
    }
    /* Invalidations (ref 6.3); domain says which domain the entry of a PASID has. */
    void context(uint16_t sid, uint16_t mask)
    {
        home().drop([=](const PasidKey &k) { return k.directory && ((k.sid ^ sid) & mask) == 0; });
    }
    void domain(unsigned did, const std::function<unsigned(uint16_t, uint32_t)> &of)
    {
        const auto gone = [&](const PasidKey &k) { return k.directory || of(k.sid, k.number) == did; };
        pasids_.drop(gone);
        own_.drop(gone);
    }
    void one(unsigned did, uint32_t pasid, const std::function<unsigned(uint16_t, uint32_t)> &of)
    {
        const auto gone = [&](const PasidKey &k) {
            return k.directory ? k.number == pasid / 64 : k.number == pasid && of(k.sid, k.number) == did;
        };
        pasids_.drop(gone);
        own_.drop(gone);
    }
    void all()
    {
        const auto gone = [](const PasidKey &) { return true; };
        pasids_.drop(gone);
        own_.drop(gone);
    }

    const LruList &pasids() const
    {
        return pasids_;
    }
    const LruList &own() const
    {
        return own_;
    }
    uint64_t lookups = 0, hits = 0, useful = 0, dir_lookups = 0, dir_hits = 0, dir_reads = 0, reads = 0,
             ahead_reads = 0, ahead_fills = 0;

  private:
    LruList &home()
    {
        return shared_ ? pasids_ : own_;
    }
    bool has_directories() const
    {
        return shared_ || own_.capacity() != 0;
    }

    LruList pasids_, own_;
    bool shared_;
    uint32_t prefetch_;
};

} // namespace vtdtest

#endif
