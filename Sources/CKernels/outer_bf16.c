#include "outer.h"

#include <string.h>

// Sums of outer products of bf16 with AVX-512 BF16: a word is a pair of terms.
#if defined(__x86_64__)
#include "product_transpose.h"

#define LR(name) name##_bf16
#define LR_STEP 2
#define LR_SIZE 2
#define LR_ADD(s, b, w) _mm512_dpbf16_ps(s, (__m512bh)(b), (__m512bh)(w))

#pragma clang attribute push(__attribute__((target( \
    "avx2,fma,avx512f,avx512bw,avx512vl,avx512dq,avx512bf16"))), apply_to = function)

LR_INLINE void LR(load)(const char *from, int64_t bytes, uint32_t mask, __m512i *to) {
  __m512i first = _mm512_maskz_loadu_epi16(mask, from);
  __m512i second = _mm512_maskz_loadu_epi16(mask, from + bytes);
  to[0] = lr_interleaved(_mm512_castsi512_si256(first), _mm512_castsi512_si256(second));
  to[1] = lr_interleaved(_mm512_extracti64x4_epi64(first, 1), _mm512_extracti64x4_epi64(second, 1));
}

LR_INLINE int32_t LR(word)(const char *thin, int64_t bytes, int64_t terms) {
  uint16_t first, second = 0;
  memcpy(&first, thin, sizeof first);
  if (terms > 1) memcpy(&second, thin + bytes, sizeof second);
  return (int32_t)((uint32_t)second << 16 | first);
}

#include "outer_body.h"

#pragma clang attribute pop
#endif
