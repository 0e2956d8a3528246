// How words of bf16 enter a panel and sums leave it, for one width of panels.
LR_INLINE void LR(transpose)(const char *from, int64_t bytes, char *to, int64_t stride) {
  lr_transpose_16(from, bytes, to, stride);
}

// The words of two rows: the numbers of the first and of the second in turn.
LR_INLINE void LR(interleave)(const char *from, int64_t bytes, char *to) {
#pragma clang loop unroll(full)
  for (int v = 0; v < LR_VECTORS; v++)
    _mm512_store_si512(to + 4 * LR(place)(0, 16 * v),
                       lr_interleaved(_mm256_loadu_si256((const __m256i *)from + v),
                                      _mm256_loadu_si256((const __m256i *)(from + bytes) + v)));
}

LR_INLINE void LR(store)(lr_view c, int64_t row, int64_t column, int64_t columns,
                         const float *sums) {
  if (c.type == LR_F32 || columns < LR_VECTORS * LR_WORDS)
    return lr_store(c, row, column, columns, sums);
  uint16_t *to = lr_at(c, row, column);
  for (int v = 0; v < LR_VECTORS; v++)
    _mm256_storeu_si256((__m256i *)(to + 16 * v),
                        (__m256i)_mm512_cvtneps_pbh(_mm512_loadu_ps(sums + 16 * v)));
}

#include "product_body.h"
