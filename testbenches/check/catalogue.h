/* SPDX-License-Identifier: MIT */
/*
 * A catalogue of driver bugs. Each is a few lines of a driver that forgets something, or does something too narrow or in the
 * wrong order; beside it stands the name that the checker must give it, and words of what is owed. Beside most of them
 * stands the same change done right, which must be silent.
 */
#ifndef VTD_CHECK_CATALOGUE_H
#define VTD_CHECK_CATALOGUE_H

#include <ostream>

#include "check_rig.h"

using Rig = CheckRig;

struct Bug {
    const char *name;
    std::function<void(Rig &)> code;
    const char *check; /* "" for code that is right */
    const char *owed;
    const char *since = "";
};

inline void clear_pasid(Rig &r, uint64_t pasid)
{
    r.start();
    r.dma(static_cast<uint32_t>(pasid), 0x5000);
    r.at(Rig::kTable + pasid * 64) &= ~1ull;
}

inline void run_bug(const Bug &bug)
{
    SCOPED_TRACE(bug.name);
    Rig rig;
    bug.code(rig);
    const std::vector<std::string> names = rig.names();
    if (!*bug.check) {
        EXPECT_TRUE(names.empty()) << names[0] << ": " << rig.report(0).what;
        return;
    }
    ASSERT_FALSE(names.empty()) << "nothing was found";
    EXPECT_EQ(names[0], bug.check) << rig.report(0).what;
    EXPECT_NE(std::string(rig.report(0).owed).find(bug.owed), std::string::npos) << rig.report(0).owed;
    EXPECT_NE(std::string(rig.report(0).since).find(bug.since), std::string::npos) << rig.report(0).since;
    for (const std::string &name : names)
        EXPECT_EQ(name, bug.check);
}

inline void PrintTo(const Bug &bug, std::ostream *out)
{
    *out << bug.name;
}

inline std::string name_of(const testing::TestParamInfo<Bug> &info)
{
    std::string name;
    bool up = true;
    for (const char *c = info.param.name; *c; c++) {
        if (isalnum(static_cast<unsigned char>(*c)))
            name += up ? static_cast<char>(toupper(*c)) : *c;
        up = !isalnum(static_cast<unsigned char>(*c));
    }
    return name;
}

#endif
