#include "product.h"

// Products of f32 with AVX-512.
#if defined(__x86_64__)
#include "product_transpose.h"

#define LR(name) name##_v4
#define LR_VECTORS 4
#define LR_WORDS 16
#define LR_STEP 1
#define LR_TILE_OF 16
#define LR_ZERO _mm512_setzero_ps()
#define LR_LOAD(p) _mm512_loadu_ps(p)
#define LR_STORE(p, v) _mm512_storeu_ps(p, v)
#define LR_WORD_AT(p) _mm512_load_ps((const float *)(p))
#define LR_WORD(p) _mm512_set1_ps(*(const float *)(p))
#define LR_ADD(s, b, w) _mm512_fmadd_ps(b, w, s)

typedef __m512 lr_sums;
typedef __m512 lr_words;

#pragma clang attribute push(__attribute__((target( \
    "avx2,fma,avx512f,avx512bw,avx512vl,avx512dq"))), apply_to = function)

LR_INLINE void LR(transpose)(const char *from, int64_t bytes, char *to, int64_t stride) {
  lr_transpose_16(from, bytes, to, stride);
}

LR_INLINE void LR(interleave)(const char *from, int64_t bytes, char *to) {
  (void)bytes;
  for (int v = 0; v < 4; v++)
    _mm512_store_ps((float *)(to + 64 * v), _mm512_loadu_ps((const float *)(from + 64 * v)));
}

LR_INLINE void LR(store)(lr_view c, int64_t row, int64_t column, int64_t columns,
                         const float *sums) {
  lr_store(c, row, column, columns, sums);
}

#include "product_body.h"

#pragma clang attribute pop

const lr_product_kernel lr_product_v4 = {
    .unit = LR(unit), .width = LR(WIDTH), .step = LR_STEP, .tile = LR_TILE_OF};
#endif
