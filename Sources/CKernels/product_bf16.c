#include "product.h"

// Products of bf16 with AVX-512 BF16: a word is a pair of terms.
#if defined(__x86_64__)
#include "product_transpose.h"

#define LR(name) name##_bf16
#define LR_VECTORS 4
#define LR_WORDS 16
#define LR_STEP 2
#define LR_TILE_OF 16
#define LR_ZERO _mm512_setzero_ps()
#define LR_LOAD(p) _mm512_loadu_ps(p)
#define LR_STORE(p, v) _mm512_storeu_ps(p, v)
#define LR_WORD_AT(p) ((lr_words)_mm512_load_si512(p))
#define LR_WORD(p) ((lr_words)_mm512_set1_epi32(*(const lr_unaligned *)(p)))
#define LR_ADD(s, b, w) _mm512_dpbf16_ps(s, b, w)

typedef __m512 lr_sums;
typedef __m512bh lr_words;
typedef int32_t __attribute__((aligned(1), may_alias)) lr_unaligned;

#pragma clang attribute push(__attribute__((target( \
    "avx2,fma,avx512f,avx512bw,avx512vl,avx512dq,avx512bf16"))), apply_to = function)

LR_INLINE void LR(transpose)(const char *from, int64_t bytes, char *to, int64_t stride) {
  lr_transpose_16(from, bytes, to, stride);
}

// The words of two rows: the numbers of the first and of the second in turn.
LR_INLINE void LR(interleave)(const char *from, int64_t bytes, char *to) {
  const __m512i low = _mm512_set_epi16(47, 15, 46, 14, 45, 13, 44, 12, 43, 11, 42, 10, 41, 9, 40, 8,
                                       39, 7, 38, 6, 37, 5, 36, 4, 35, 3, 34, 2, 33, 1, 32, 0);
  const __m512i high = _mm512_add_epi16(low, _mm512_set1_epi16(16));
  for (int half = 0; half < 2; half++) {
    __m512i first = _mm512_loadu_si512(from + 64 * half);
    __m512i second = _mm512_loadu_si512(from + bytes + 64 * half);
    _mm512_store_si512(to + 128 * half, _mm512_permutex2var_epi16(first, low, second));
    _mm512_store_si512(to + 128 * half + 64, _mm512_permutex2var_epi16(first, high, second));
  }
}

LR_INLINE void LR(store)(lr_view c, int64_t row, int64_t column, int64_t columns,
                         const float *sums) {
  if (c.type == LR_F32 || columns < 64) return lr_store(c, row, column, columns, sums);
  uint16_t *to = lr_at(c, row, column);
  for (int v = 0; v < 4; v++)
    _mm256_storeu_si256((__m256i *)(to + 16 * v),
                        (__m256i)_mm512_cvtneps_pbh(_mm512_loadu_ps(sums + 16 * v)));
}

#include "product_body.h"

#pragma clang attribute pop

const lr_product_kernel lr_product_bf16 = {
    .unit = LR(unit), .width = LR(WIDTH), .step = LR_STEP};
#endif
