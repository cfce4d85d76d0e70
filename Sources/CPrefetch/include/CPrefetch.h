#ifndef HARRIER_CPREFETCH_H
#define HARRIER_CPREFETCH_H

/// Tells the processor that a cache line will be read and changed soon. It waits for nothing, and an address that leads
/// nowhere does no harm. Swift has no word for it.
static inline void harrier_prefetch(const void *_Nullable address) {
    __builtin_prefetch(address, 1, 3);
}

#endif
