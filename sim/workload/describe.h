/* SPDX-License-Identifier: MIT */
/* Reads descriptions of workloads: YAML files, and short words for their leaves. docs/02_user/workloads.md is the language. */
#ifndef VTD_WORKLOAD_DESCRIBE_H
#define VTD_WORKLOAD_DESCRIBE_H

#include "node.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Does a --workload name a file of this kind: does it end in .yaml or .yml? */
bool vtd_describe_is_file(const char *name);

/* Reads a YAML file. Returns NULL with why = "FILE:LINE: ..." when it is refused. Free it with vtd_node_free. */
struct vtd_node *vtd_describe_file(const char *file, char *why);

/* Does a word begin with the name of a leaf that can be described in a word, "ring" or "dsa"? */
bool vtd_describe_is_word(const char *word);

/* Reads a leaf from a word as "ring:256,writes=0". NULL with why when it is refused. */
struct vtd_node *vtd_describe_word(const char *word, char *why);

#ifdef __cplusplus
}
#endif
#endif
