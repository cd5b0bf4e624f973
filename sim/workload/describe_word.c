/* SPDX-License-Identifier: MIT */
/* Leaves of described workloads in a word of the command line. See describe.h. */
#define _POSIX_C_SOURCE 200809L

#include "describe.h"

#include "config/text.h"
#include "vtd/vtd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum vtd_node_kind kind_of_word(const char *word)
{
    for (enum vtd_node_kind k = VTD_NODE_RING; k <= VTD_NODE_DSA; k++) {
        const char *name = vtd_node_kind_name(k);
        const size_t length = strlen(name);
        if (strncmp(word, name, length) == 0 && (word[length] == ':' || word[length] == '\0'))
            return k;
    }
    return VTD_NODE_KINDS;
}

bool vtd_describe_is_word(const char *word)
{
    return kind_of_word(word) != VTD_NODE_KINDS;
}

/* "256" is the number that stands behind the name of the kind in a file. */
static int set_words(struct vtd_node *n, char *words, char *why)
{
    const char *name = vtd_node_kind_name(n->kind);
    bool sized = false;
    for (char *rest, *word = strtok_r(words, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        char *equals = strchr(word, '=');
        if (equals)
            *equals = '\0';
        sized = sized || !equals;
        if (vtd_node_set(n, equals ? word : name, equals ? equals + 1 : word, why) != 0)
            return -1;
    }
    if (!sized)
        return vtd_node_refuse(why, "want %s:NUMBER, then options", name);
    return vtd_node_check_keys(n, why) == 0 ? n->ops->finish(n, why) : -1;
}

struct vtd_node *vtd_describe_word(const char *word, char *why)
{
    char problem[VTD_WHY_SIZE] = "out of memory";
    struct vtd_node *n = vtd_node_new(kind_of_word(word));
    char *copy = strdup(word), *colon = copy ? strchr(copy, ':') : NULL;
    char none[] = "";
    if (!n || !copy || set_words(n, colon ? colon + 1 : none, problem) != 0) {
        snprintf(why, VTD_WHY_SIZE, "workload: %.200s", problem);
        vtd_text_make_printable(why);
        vtd_node_free(n);
        n = NULL;
    }
    free(copy);
    return n;
}
