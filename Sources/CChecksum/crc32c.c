#include "CChecksum.h"

#include <string.h>

// The nibble table of the reflected polynomial 0x82F63B78: 64 bytes, no start-up work, no lock.
static const uint32_t nibbles[16] = {
    0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1, 0x417B1DBC, 0x5125DAD3, 0x61C69362, 0x7198540D,
    0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9, 0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75,
};

uint32_t harrier_crc32c_table(uint32_t crc, const void *bytes, size_t length) {
    const uint8_t *next = bytes;
    crc = ~crc;
    while (length--) {
        crc ^= *next++;
        crc = (crc >> 4) ^ nibbles[crc & 15];
        crc = (crc >> 4) ^ nibbles[crc & 15];
    }
    return ~crc;
}

#if defined(__x86_64__)

#include <nmmintrin.h>
#include <wmmintrin.h>

int harrier_crc32c_has_hardware(void) {
    return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
}

static inline uint64_t word_at(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    return word;
}

// The instruction takes three cycles but one can start in each, so three lanes run side by side. A lane is LANE bytes;
// its checksum is carried across the lanes behind it by a multiplication with x^(8 * bytes - 33) modulo the
// polynomial: the missing 33 are what the carry-less product (1) and the reducing instruction (32) put in.
#define LANE 128
#define ACROSS_ONE_LANE 0x0D3B6092ULL
#define ACROSS_TWO_LANES 0xB9E02B86ULL

__attribute__((target("sse4.2,pclmul"))) static uint32_t carried(uint32_t crc, uint64_t factor) {
    __m128i product = _mm_clmulepi64_si128(_mm_cvtsi32_si128((int)crc), _mm_cvtsi64_si128((long long)factor), 0);
    return (uint32_t)_mm_crc32_u64(0, (uint64_t)_mm_cvtsi128_si64(product));
}

__attribute__((target("sse4.2,pclmul"))) static uint32_t crc32c_hardware(
    uint32_t crc, const uint8_t *bytes, size_t length
) {
    uint64_t state = crc;
    while (length >= 3 * LANE) {
        uint64_t second = 0, third = 0;
        for (size_t offset = 0; offset < LANE; offset += 8) {
            state = _mm_crc32_u64(state, word_at(bytes + offset));
            second = _mm_crc32_u64(second, word_at(bytes + LANE + offset));
            third = _mm_crc32_u64(third, word_at(bytes + 2 * LANE + offset));
        }
        state = carried((uint32_t)state, ACROSS_TWO_LANES) ^ carried((uint32_t)second, ACROSS_ONE_LANE) ^ third;
        bytes += 3 * LANE;
        length -= 3 * LANE;
    }
    while (length >= 8) {
        state = _mm_crc32_u64(state, word_at(bytes));
        bytes += 8;
        length -= 8;
    }
    uint32_t tail = (uint32_t)state;
    if (length >= 4) {
        uint32_t half;
        memcpy(&half, bytes, 4);
        tail = _mm_crc32_u32(tail, half);
        bytes += 4;
        length -= 4;
    }
    while (length--) tail = _mm_crc32_u8(tail, *bytes++);
    return tail;
}

#elif defined(__aarch64__) && defined(__clang__)

#if defined(__linux__)
#include <sys/auxv.h>
#define HAS_CRC32 (1UL << 7) // HWCAP_CRC32
#endif

int harrier_crc32c_has_hardware(void) {
#if defined(__ARM_FEATURE_CRC32)
    return 1;
#elif defined(__linux__)
    return (getauxval(AT_HWCAP) & HAS_CRC32) != 0;
#else
    return 0;
#endif
}

__attribute__((target("crc"))) static uint32_t crc32c_hardware(uint32_t crc, const uint8_t *bytes, size_t length) {
    while (length >= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        crc = __builtin_arm_crc32cd(crc, word);
        bytes += 8;
        length -= 8;
    }
    while (length--) crc = __builtin_arm_crc32cb(crc, *bytes++);
    return crc;
}

#else

int harrier_crc32c_has_hardware(void) { return 0; }

static uint32_t crc32c_hardware(uint32_t crc, const uint8_t *bytes, size_t length) {
    (void)bytes;
    (void)length;
    return crc;
}

#endif

uint32_t harrier_crc32c(uint32_t crc, const void *bytes, size_t length) {
    if (!harrier_crc32c_has_hardware()) return harrier_crc32c_table(crc, bytes, length);
    return ~crc32c_hardware(~crc, bytes, length);
}
