/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "instruction.h"

#include <Zydis/Zydis.h>
#include <stdio.h>

#include "alu.h"

#define LONGEST 15 /* bytes of an instruction */
#define PAGE    4096

/* An instruction in the making, and what it works on. */
struct work {
    ZydisDecodedInstruction info;
    ZydisDecodedOperand operand[ZYDIS_MAX_OPERAND_COUNT];
    mcontext_t *cpu;
    const struct vtd_instruction_port *port;
    uintptr_t address; /* of the memory operand */
    unsigned bits;     /* its size, and with it that of the operation */
};

/* What an instruction makes of its first operand and the second. */
static const struct form {
    ZydisMnemonic mnemonic;
    enum vtd_alu_op op;
    bool reads, writes; /* the first operand */
} forms[] = {
    {ZYDIS_MNEMONIC_MOV, VTD_ALU_MOVE, false, true}, {ZYDIS_MNEMONIC_ADD, VTD_ALU_ADD, true, true},
    {ZYDIS_MNEMONIC_SUB, VTD_ALU_SUB, true, true},   {ZYDIS_MNEMONIC_CMP, VTD_ALU_SUB, true, false},
    {ZYDIS_MNEMONIC_AND, VTD_ALU_AND, true, true},   {ZYDIS_MNEMONIC_TEST, VTD_ALU_AND, true, false},
    {ZYDIS_MNEMONIC_OR, VTD_ALU_OR, true, true},     {ZYDIS_MNEMONIC_XOR, VTD_ALU_XOR, true, true},
    {ZYDIS_MNEMONIC_INC, VTD_ALU_INC, true, true},   {ZYDIS_MNEMONIC_DEC, VTD_ALU_DEC, true, true},
    {ZYDIS_MNEMONIC_NEG, VTD_ALU_NEG, true, true},   {ZYDIS_MNEMONIC_NOT, VTD_ALU_NOT, true, true},
    {ZYDIS_MNEMONIC_BT, VTD_ALU_BT, true, false},    {ZYDIS_MNEMONIC_BTS, VTD_ALU_BTS, true, true},
    {ZYDIS_MNEMONIC_BTR, VTD_ALU_BTR, true, true},   {ZYDIS_MNEMONIC_BTC, VTD_ALU_BTC, true, true},
};

static const struct form *form_of(ZydisMnemonic mnemonic)
{
    for (unsigned i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (forms[i].mnemonic == mnemonic)
            return &forms[i];
    return NULL;
}

/* The general register that holds r; NULL for any other. */
static greg_t *slot(mcontext_t *cpu, ZydisRegister r)
{
    static const int place[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                  REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
    const ZydisRegisterClass c = ZydisRegisterGetClass(r);
    if (c != ZYDIS_REGCLASS_GPR32 && c != ZYDIS_REGCLASS_GPR64)
        return NULL;
    return &cpu->gregs[place[ZydisRegisterGetId(r)]];
}

/* ---------------------------------------------------------------- operands */

static uint64_t get(const struct work *w, const ZydisDecodedOperand *o)
{
    if (o->type == ZYDIS_OPERAND_TYPE_IMMEDIATE)
        return o->imm.value.u;
    if (o->type == ZYDIS_OPERAND_TYPE_MEMORY)
        return w->port->load(w->port->opaque, w->address, w->bits / 8);
    return (uint64_t)*slot(w->cpu, o->reg.value);
}

/* A 32-bit register clears the upper half of the 64. */
static void put(const struct work *w, const ZydisDecodedOperand *o, uint64_t value)
{
    if (o->type == ZYDIS_OPERAND_TYPE_MEMORY)
        w->port->store(w->port->opaque, w->address, w->bits / 8, value);
    else
        *slot(w->cpu, o->reg.value) = (greg_t)(o->size == 32 ? (uint32_t)value : value);
}

/* Whether operand number i is one that get and put know; a third visible one is none. */
static bool plain(const struct work *w, unsigned i)
{
    const ZydisDecodedOperand *o = &w->operand[i];
    if (i >= w->info.operand_count_visible)
        return true;
    return i < 2 && (o->type == ZYDIS_OPERAND_TYPE_IMMEDIATE || o->type == ZYDIS_OPERAND_TYPE_MEMORY ||
                     (o->type == ZYDIS_OPERAND_TYPE_REGISTER && slot(w->cpu, o->reg.value)));
}

static uint64_t effective_address(const struct work *w, const ZydisDecodedOperand *o)
{
    uint64_t address = (uint64_t)o->mem.disp.value;
    if (o->mem.base == ZYDIS_REGISTER_RIP)
        address += (uint64_t)w->cpu->gregs[REG_RIP] + w->info.length;
    else if (o->mem.base != ZYDIS_REGISTER_NONE)
        address += (uint64_t)*slot(w->cpu, o->mem.base);
    if (o->mem.index != ZYDIS_REGISTER_NONE)
        address += (uint64_t)*slot(w->cpu, o->mem.index) * o->mem.scale;
    return w->info.address_width == 32 ? (uint32_t)address : address;
}

static bool is_bit_test(const struct form *form)
{
    return form && form->op >= VTD_ALU_BT;
}

/* A bit number in a register reaches beyond the operand: it selects the word, too (SDM volume 2, BT). */
static uint64_t word_of_bit(const struct work *w)
{
    const int64_t bit = w->bits == 64 ? (int64_t)get(w, &w->operand[1]) : (int32_t)get(w, &w->operand[1]);
    return (uint64_t)(bit >> (w->bits == 64 ? 6 : 5)) * (w->bits / 8);
}

/* Finds the memory operand; NULL, or what is wrong. */
static const char *find_memory(struct work *w, const struct form *form)
{
    const ZydisDecodedOperand *memory = NULL;
    bool known = true;
    for (unsigned i = 0; i < w->info.operand_count_visible; i++) {
        known = known && plain(w, i);
        if (w->operand[i].type == ZYDIS_OPERAND_TYPE_MEMORY)
            memory = &w->operand[i];
    }
    if (memory && (memory->size == 8 || memory->size == 16))
        return "has a size other than 32 and 64 bits";
    if (!memory || !known || memory->mem.type != ZYDIS_MEMOP_TYPE_MEM || (memory->size != 32 && memory->size != 64))
        return "is no access that a register page knows";
    if (memory->mem.segment == ZYDIS_REGISTER_FS || memory->mem.segment == ZYDIS_REGISTER_GS)
        return "goes through a segment register";
    w->bits = memory->size;
    w->address = effective_address(w, memory);
    if (is_bit_test(form) && w->operand[1].type == ZYDIS_OPERAND_TYPE_REGISTER)
        w->address += word_of_bit(w);
    if (w->address % (w->bits / 8))
        return "is not aligned to its size";
    if (w->address < w->port->start || w->port->end - w->address < w->bits / 8)
        return "accesses memory outside of the page, too";
    return NULL;
}

/* ---------------------------------------------------------------- carrying out */

static uint64_t *flags(const struct work *w)
{
    return (uint64_t *)&w->cpu->gregs[REG_EFL];
}

static void run_form(const struct work *w, const struct form *form)
{
    const ZydisDecodedOperand *to = &w->operand[0], *from = &w->operand[1];
    const bool two = w->info.operand_count_visible == 2;
    const uint64_t a = form->reads ? get(w, to) : 0;
    const uint64_t b = two ? get(w, from) : 0;
    const uint64_t result = vtd_alu(form->op, a, b, w->bits, flags(w));
    if (form->writes)
        put(w, to, result);
}

/* The rest, which change two places or extend. False: unknown. */
static bool run_other(const struct work *w)
{
    const ZydisDecodedOperand *to = &w->operand[0], *from = &w->operand[1];
    greg_t *rax = &w->cpu->gregs[REG_RAX];
    switch (w->info.mnemonic) {
    case ZYDIS_MNEMONIC_MOVSXD:
        put(w, to, (uint64_t)(int64_t)(int32_t)get(w, from));
        return true;
    case ZYDIS_MNEMONIC_XCHG:
    case ZYDIS_MNEMONIC_XADD: {
        /* The encoding has the memory operand first. */
        const uint64_t old = get(w, to), source = get(w, from);
        put(w, to,
            w->info.mnemonic == ZYDIS_MNEMONIC_XCHG ? source : vtd_alu(VTD_ALU_ADD, old, source, w->bits, flags(w)));
        put(w, from, old);
        return true;
    }
    case ZYDIS_MNEMONIC_CMPXCHG: {
        const uint64_t old = get(w, to);
        const bool equal = old == (w->bits == 64 ? (uint64_t)*rax : (uint32_t)*rax);
        vtd_alu(VTD_ALU_SUB, (uint64_t)*rax, old, w->bits, flags(w));
        put(w, to, equal ? get(w, from) : old); /* the processor writes in any case */
        if (!equal)
            *rax = (greg_t)old;
        return true;
    }
    default:
        return false;
    }
}

static bool decode(struct work *w)
{
    const uint8_t *code = (const uint8_t *)(uintptr_t)w->cpu->gregs[REG_RIP];
    const size_t here = PAGE - (uintptr_t)code % PAGE; /* what lies behind may not be readable */
    ZydisDecoder decoder;
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    ZyanStatus status = ZydisDecoderDecodeFull(&decoder, code, here < LONGEST ? here : LONGEST, &w->info, w->operand);
    if (status == ZYDIS_STATUS_NO_MORE_DATA && here < LONGEST)
        status = ZydisDecoderDecodeFull(&decoder, code, LONGEST, &w->info, w->operand);
    return ZYAN_SUCCESS(status);
}

static bool refuse(const struct work *w, const char *problem, char *why)
{
    char text[128] = "";
    ZydisFormatter formatter;
    ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
    ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_FORCE_SIZE, ZYAN_TRUE);
    ZydisFormatterFormatInstruction(&formatter, &w->info, w->operand, w->info.operand_count_visible, text, sizeof text,
                                    (ZyanU64)w->cpu->gregs[REG_RIP], NULL);
    snprintf(why, VTD_INSTRUCTION_WHY, "'%s' at 0x%llx %s", text, (unsigned long long)w->cpu->gregs[REG_RIP], problem);
    return false;
}

bool vtd_instruction_run(mcontext_t *cpu, const struct vtd_instruction_port *port, char *why)
{
    struct work w = {.cpu = cpu, .port = port};
    const uint64_t rip = (uint64_t)cpu->gregs[REG_RIP];
    if (rip >= port->start && rip < port->end) {
        snprintf(why, VTD_INSTRUCTION_WHY, "the program jumped to 0x%llx, into the registers", (unsigned long long)rip);
        return false;
    }
    if (!decode(&w)) {
        snprintf(why, VTD_INSTRUCTION_WHY, "the instruction at 0x%llx cannot be decoded", (unsigned long long)rip);
        return false;
    }
    const struct form *form = form_of(w.info.mnemonic);
    const char *problem = find_memory(&w, form);
    if (problem)
        return refuse(&w, problem, why);
    if (form)
        run_form(&w, form);
    else if (!run_other(&w))
        return refuse(&w, "is no access that a register page knows", why);
    cpu->gregs[REG_RIP] += w.info.length;
    return true;
}
