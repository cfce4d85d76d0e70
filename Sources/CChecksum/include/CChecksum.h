#ifndef HARRIER_CCHECKSUM_H
#define HARRIER_CCHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/// CRC32C (Castagnoli, as in RFC 3720) of `length` bytes, continued from `crc` (0 to start).
/// Uses the processor's instruction where there is one (SSE4.2 with PCLMULQDQ, ARMv8 CRC), a table elsewhere.
uint32_t harrier_crc32c(uint32_t crc, const void *_Nonnull bytes, size_t length);

/// The same without the processor's instruction; public for the test that holds the two against each other.
uint32_t harrier_crc32c_table(uint32_t crc, const void *_Nonnull bytes, size_t length);

/// Whether `harrier_crc32c` uses the processor's instruction here.
int harrier_crc32c_has_hardware(void);

#endif
