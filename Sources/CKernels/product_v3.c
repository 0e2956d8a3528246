#include "product.h"

// Products of f32 with AVX2.
#if defined(__x86_64__)
#include "product_transpose.h"

#define LR(name) name##_v3
#define LR_VECTORS 2
#define LR_WORDS 8
#define LR_STEP 1
#define LR_TILE_OF 8
#define LR_ZERO _mm256_setzero_ps()
#define LR_LOAD(p) _mm256_loadu_ps(p)
#define LR_STORE(p, v) _mm256_storeu_ps(p, v)
#define LR_WORD_AT(p) _mm256_load_ps((const float *)(p))
#define LR_WORD(p) _mm256_set1_ps(*(const float *)(p))
#define LR_ADD(s, b, w) _mm256_fmadd_ps(b, w, s)

typedef __m256 lr_sums;
typedef __m256 lr_words;

#pragma clang attribute push(__attribute__((target( \
    "avx2,fma,bmi2"))), apply_to = function)

LR_INLINE void LR(transpose)(const char *from, int64_t bytes, char *to, int64_t stride) {
  lr_transpose_8(from, bytes, to, stride);
}

LR_INLINE void LR(interleave)(const char *from, int64_t bytes, char *to) {
  (void)bytes;
  for (int v = 0; v < 2; v++)
    _mm256_store_ps((float *)(to + 32 * v), _mm256_loadu_ps((const float *)(from + 32 * v)));
}

LR_INLINE void LR(store)(lr_view c, int64_t row, int64_t column, int64_t columns,
                         const float *sums) {
  lr_store(c, row, column, columns, sums);
}

#include "product_body.h"

#pragma clang attribute pop

const lr_product_kernel lr_product_v3 = {
    .unit = LR(unit), .width = LR(WIDTH), .step = LR_STEP, .tile = LR_TILE_OF};
#endif
