/* SPDX-License-Identifier: MIT */
/* Memory of a report. See arena.h. */
#include "arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct vtd_arena_block {
    struct vtd_arena_block *next;
    size_t used, size;
    alignas(max_align_t) unsigned char bytes[];
};

enum {
    BLOCK = 1 << 16
};

static _Noreturn void no_memory(void)
{
    fputs("vtdsim: out of memory\n", stderr);
    exit(2);
}

void *vtd_arena_alloc(struct vtd_arena *arena, size_t count, size_t size)
{
    if (size && count > (SIZE_MAX / 2) / size)
        no_memory();
    const size_t want = (count * size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    struct vtd_arena_block *b = arena->blocks;
    if (!b || b->size - b->used < want) {
        const size_t room = want > BLOCK ? want : BLOCK;
        b = calloc(1, sizeof *b + room);
        if (!b)
            no_memory();
        b->size = room;
        b->next = arena->blocks;
        arena->blocks = b;
    }
    void *at = b->bytes + b->used;
    b->used += want;
    return at;
}

char *vtd_arena_print(struct vtd_arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    const int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = vtd_arena_alloc(arena, (size_t)(length > 0 ? length : 0) + 1, 1);
    vsnprintf(text, (size_t)(length > 0 ? length : 0) + 1, format, again);
    va_end(again);
    return text;
}

void vtd_arena_free(struct vtd_arena *arena)
{
    while (arena->blocks) {
        struct vtd_arena_block *b = arena->blocks;
        arena->blocks = b->next;
        free(b);
    }
}
