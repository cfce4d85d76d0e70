// Counts allocations: whoever links this has malloc and its kin replaced by versions that count and pass on.

#ifndef C_ALLOCATION_COUNT_H
#define C_ALLOCATION_COUNT_H

#include <stdint.h>

/// Allocations by the calling thread since it began: malloc, calloc, realloc, and the aligned ones.
uint64_t allocation_count_of_thread(void);

#endif
