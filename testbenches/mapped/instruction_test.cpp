/* SPDX-License-Identifier: MIT */
/*
 * Instructions on a mapped page do what the processor does with the same instruction on plain memory: same registers, same
 * flags, same memory. What a register page does not know is refused by name.
 */
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <random>

#include "mapped_page.h"

namespace
{

constexpr uint64_t CF = 1, ZF = 1 << 6, AF = 1 << 4, ARITHMETIC = 0x8d5;

struct Registers {
    uint64_t rax, rcx, rdx, r9, flags;
};

using Code = void (*)(volatile void *, Registers *);

/* One instruction with its memory operand at rbx; the red zone is stepped over. */
#define INSTRUCTION(text)                                                                                              \
    [](volatile void *at, Registers *in) {                                                                             \
        register uint64_t r9 __asm__("r9") = in->r9;                                                                   \
        __asm__ volatile("leaq -128(%%rsp), %%rsp\n pushq %[f]\n popfq\n" text                                         \
                         "\n pushfq\n popq %[f]\n leaq 128(%%rsp), %%rsp"                                              \
                         : "+a"(in->rax), "+c"(in->rcx), "+d"(in->rdx), "+r"(r9), [f] "+r"(in->flags)                  \
                         : "b"(at)                                                                                     \
                         : "memory", "cc");                                                                            \
        in->r9 = r9;                                                                                                   \
    }

struct Case {
    const char *text;
    Code code;
    uint64_t defined; /* flags that it defines */
};

#define ALL(text)                                                                                                      \
    {                                                                                                                  \
        text, INSTRUCTION(text), ARITHMETIC                                                                            \
    }
#define LOGIC(text)                                                                                                    \
    {                                                                                                                  \
        text, INSTRUCTION(text), ARITHMETIC & ~AF                                                                      \
    }
#define BITS(text)                                                                                                     \
    {                                                                                                                  \
        text, INSTRUCTION(text), CF | ZF                                                                               \
    }

const Case cases[] = {
    ALL("movl (%%rbx), %%eax"),
    ALL("movq 8(%%rbx), %%r9"),
    ALL("movl %%ecx, 4(%%rbx)"),
    ALL("movq %%r9, 16(%%rbx)"),
    ALL("movq $-5, 8(%%rbx)"),
    ALL("movl $0x80000000, 12(%%rbx)"),
    ALL("movslq 4(%%rbx), %%rax"),
    ALL("andl $7, %%edx\n movl 8(%%rbx,%%rdx,4), %%eax\n testl %%eax, %%eax"),
    ALL("xchgl %%eax, 4(%%rbx)"),
    ALL("xchgq %%r9, 8(%%rbx)"),
    ALL("lock xaddl %%ecx, (%%rbx)"),
    ALL("lock xaddq %%rcx, 8(%%rbx)"),
    ALL("lock cmpxchgl %%ecx, 4(%%rbx)"),
    ALL("movq 8(%%rbx), %%rax\n lock cmpxchgq %%rcx, 8(%%rbx)"),
    ALL("movl 4(%%rbx), %%eax\n cmpxchgl %%ecx, 4(%%rbx)"),
    ALL("addl %%ecx, (%%rbx)"),
    ALL("addq 8(%%rbx), %%rax"),
    ALL("addl $-1, 4(%%rbx)"),
    ALL("lock addq $0x7fffffff, 8(%%rbx)"),
    ALL("subq %%r9, (%%rbx)"),
    ALL("subl 4(%%rbx), %%eax"),
    ALL("cmpl $5, (%%rbx)"),
    ALL("cmpq %%rcx, 8(%%rbx)"),
    ALL("cmpq 8(%%rbx), %%rcx"),
    ALL("incl (%%rbx)"),
    ALL("incq 8(%%rbx)"),
    ALL("decl 4(%%rbx)"),
    ALL("decq 8(%%rbx)"),
    ALL("negl (%%rbx)"),
    ALL("negq 8(%%rbx)"),
    ALL("notl (%%rbx)"),
    ALL("notq 8(%%rbx)"),
    LOGIC("orl $0x80000000, 4(%%rbx)"),
    LOGIC("orq %%rcx, 8(%%rbx)"),
    LOGIC("andl (%%rbx), %%eax"),
    LOGIC("lock andq $-2, 8(%%rbx)"),
    LOGIC("xorl %%edx, 4(%%rbx)"),
    LOGIC("xorq 8(%%rbx), %%r9"),
    LOGIC("testl $0x40000000, (%%rbx)"),
    LOGIC("testq %%r9, 8(%%rbx)"),
    BITS("btl $31, (%%rbx)"),
    BITS("btsl $9, 4(%%rbx)"),
    BITS("lock btrq $40, 8(%%rbx)"),
    BITS("btcq $63, 8(%%rbx)"),
    BITS("andl $127, %%ecx\n btl %%ecx, 16(%%rbx)"),
    BITS("andl $127, %%ecx\n subl $64, %%ecx\n btsl %%ecx, 16(%%rbx)"),
    BITS("andl $127, %%ecx\n subq $64, %%rcx\n lock btcq %%rcx, 16(%%rbx)"),
};

TEST(MappedInstruction, DoesWhatTheProcessorDoesOnPlainMemory)
{
    MappedPage page;
    std::mt19937_64 random(1);
    alignas(64) uint64_t plain[8];
    for (const Case &c : cases) {
        for (int round = 0; round < 60; round++) {
            for (uint64_t &word : plain)
                word = round % 3 ? random() : random() % 3 - 1; /* small ones, for carries and zeros */
            memcpy(page.memory(), plain, sizeof plain);
            Registers here = {random(), round % 3 ? random() : random() % 3 - 1, random(), random(),
                              random() & ARITHMETIC};
            here.flags |= 2;
            Registers there = here;
            c.code(plain, &here);
            c.code(page.registers(), &there);
            ASSERT_EQ(memcmp(page.memory(), plain, sizeof plain), 0) << c.text;
            ASSERT_EQ(there.rax, here.rax) << c.text;
            ASSERT_EQ(there.rcx, here.rcx) << c.text;
            ASSERT_EQ(there.rdx, here.rdx) << c.text;
            ASSERT_EQ(there.r9, here.r9) << c.text;
            ASSERT_EQ(there.flags & c.defined, here.flags & c.defined) << c.text;
        }
    }
}

TEST(MappedInstruction, ReadsOnceAndWritesOnce)
{
    MappedPage page;
    Registers r = {};
    INSTRUCTION("movl (%%rbx), %%eax")(page.registers(), &r);
    EXPECT_EQ(page.log(), "r4@0 ");
    INSTRUCTION("movq %%rcx, 8(%%rbx)")(page.registers(), &r);
    EXPECT_EQ(page.log(), "w8@8 ");
    INSTRUCTION("orl $1, 4(%%rbx)")(page.registers(), &r);
    EXPECT_EQ(page.log(), "r4@4 w4@4 ");
    INSTRUCTION("testl $1, 4(%%rbx)")(page.registers(), &r);
    EXPECT_EQ(page.log(), "r4@4 ");
    INSTRUCTION("lock cmpxchgq %%rcx, 16(%%rbx)")(page.registers(), &r);
    EXPECT_EQ(page.log(), "r8@16 w8@16 ");
}

TEST(MappedInstruction, RipRelativeAddressesWork)
{
    /* A page within reach of the code cannot be asked for; an instruction that stands in a buffer beside a page can. */
    MappedPage page;
    EXPECT_EQ(page.call_rip_relative(0x1234), 0x1234u);
}

struct Refusal {
    const char *name;
    Code code;
    const char *message;
};

const Refusal refusals[] = {
    {"byte", INSTRUCTION("movb (%%rbx), %%al"),
     "register 0x0: 'mov al, byte ptr \\[rbx\\]' at 0x.* size other than 32"},
    {"word", INSTRUCTION("movw %%cx, 4(%%rbx)"), "register 0x4: .* size other than 32 and 64 bits"},
    {"extension", INSTRUCTION("movzbl 1(%%rbx), %%eax"), "size other than 32"},
    {"vector", INSTRUCTION("movdqu (%%rbx), %%xmm0"), "no access that a register page knows"},
    {"string", INSTRUCTION("movq %%rbx, %%rsi\n lodsq"), "no access that a register page knows"},
    {"push", INSTRUCTION("pushq (%%rbx)\n popq %%rax"), "no access that a register page knows"},
    {"unaligned", INSTRUCTION("movl 2(%%rbx), %%eax"), "not aligned to its size"},
    {"shift", INSTRUCTION("shll $1, (%%rbx)"), "'shl dword ptr \\[rbx\\].*no access that a register page knows"},
    {"jump", INSTRUCTION("jmp *%%rbx"), "jumped to 0x.*, into the registers"},
    {"beyond", INSTRUCTION("movq 4092(%%rbx), %%rax"), "not aligned to its size"},
};

TEST(MappedInstructionDeathTest, WhatAPageDoesNotKnowIsNamedAndEndsTheProgram)
{
    for (const Refusal &r : refusals) {
        SCOPED_TRACE(r.name);
        EXPECT_DEATH(
            {
                MappedPage page;
                Registers registers = {};
                r.code(page.registers(), &registers);
            },
            r.message);
    }
}

} // namespace
