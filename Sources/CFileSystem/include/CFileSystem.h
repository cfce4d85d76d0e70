#ifndef HARRIER_CFILESYSTEM_H
#define HARRIER_CFILESYSTEM_H

#include <stdint.h>

/// Makes the first `length` bytes of a file read as zeros and keeps their blocks: fallocate(2) with
/// FALLOC_FL_ZERO_RANGE, which Swift's Glibc module lacks.
/// Returns 0, or -1 with errno set: EOPNOTSUPP where the system or the file system can't.
int harrier_zero_range(int descriptor, int64_t length);

#endif
