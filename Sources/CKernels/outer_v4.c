#include "outer.h"

#include <string.h>

// Sums of outer products of f32 with AVX-512: a word is a term.
#if defined(__x86_64__)
#include <immintrin.h>

#define LR_STEP 1
#define LR_ADD(s, b, w) _mm512_fmadd_ps((__m512)(b), (__m512)(w), s)

#pragma clang attribute push(__attribute__((target( \
    "avx2,fma,avx512f,avx512bw,avx512vl,avx512dq"))), apply_to = function)

#define LR(name) name##_v4
#define LR_SIZE 4

LR_INLINE void LR(load)(const char *from, int64_t bytes, uint32_t mask, __m512i *to) {
  (void)bytes;
  to[0] = _mm512_maskz_loadu_epi32((__mmask16)mask, from);
  to[1] = _mm512_maskz_loadu_epi32((__mmask16)(mask >> 16), from + 64);
}

LR_INLINE int32_t LR(word)(const char *thin, int64_t bytes, int64_t terms) {
  (void)bytes, (void)terms;
  int32_t word;
  memcpy(&word, thin, sizeof word);
  return word;
}

#include "outer_body.h"

// The same of bf16, which is widened as it is read.
#define LR(name) name##_widened
#define LR_SIZE 2

LR_INLINE void LR(load)(const char *from, int64_t bytes, uint32_t mask, __m512i *to) {
  (void)bytes;
  __m512i both = _mm512_maskz_loadu_epi16(mask, from);
  to[0] = _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm512_castsi512_si256(both)), 16);
  to[1] = _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(both, 1)), 16);
}

LR_INLINE int32_t LR(word)(const char *thin, int64_t bytes, int64_t terms) {
  (void)bytes, (void)terms;
  uint16_t half;
  memcpy(&half, thin, sizeof half);
  return (int32_t)((uint32_t)half << 16);
}

#include "outer_body.h"

#pragma clang attribute pop
#endif
