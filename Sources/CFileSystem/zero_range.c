#define _GNU_SOURCE
#include "CFileSystem.h"

#include <errno.h>
#include <fcntl.h>

int harrier_zero_range(int descriptor, int64_t length) {
#ifdef FALLOC_FL_ZERO_RANGE
    return fallocate(descriptor, FALLOC_FL_ZERO_RANGE, 0, length);
#else
    (void)descriptor;
    (void)length;
    errno = EOPNOTSUPP;
    return -1;
#endif
}
