#include "outer.h"

enum { FEWEST_TERMS = 16, FEWEST_COLUMNS = 128, LARGEST_RANK = 64 };

int lr_can_sum_outer(const lr_outer *p) {
  if (p->terms < FEWEST_TERMS || p->n < FEWEST_COLUMNS || p->rank < 1 || p->rank > LARGEST_RANK)
    return 0;
#if defined(__x86_64__)
  return p->most >= LR_AVX512 && __builtin_cpu_supports("x86-64-v4");
#else
  return 0;
#endif
}

void lr_sum_outer(const lr_outer *p) {
#if defined(__x86_64__)
  int64_t stripes = (p->n + LR_OUTER_COLUMNS - 1) / LR_OUTER_COLUMNS;
  int pairs = p->most == LR_AVX512_BF16 && __builtin_cpu_supports("avx512bf16");
  lr_parallel(stripes, p->inputs == LR_F32 ? lr_outer_v4 : pairs ? lr_outer_bf16 : lr_outer_widened,
              (void *)(uintptr_t)p);
#else
  (void)p;
#endif
}

void lr_finish_outer(const lr_outer *p, float *sums, int64_t column, int64_t columns) {
  float turned[LR_OUTER_COLUMNS * LARGEST_RANK], held[LR_OUTER_COLUMNS];
  int64_t rows = p->rank, row = 0, stride = LR_OUTER_COLUMNS;
  if (p->turned) {
    for (int64_t i = 0; i < rows; i++)
      for (int64_t j = 0; j < columns; j++) turned[j * rows + i] = sums[i * stride + j];
    sums = turned, stride = rows;
    row = column, column = 0, rows = columns, columns = p->rank;
  }
  for (int64_t i = 0; i < rows; i++) {
    float *sum = sums + i * stride;
    for (int64_t j = 0; j < columns; j++) sum[j] *= p->scale;
    if (p->accumulates) {
      const float *c = lr_load(p->c, row + i, column, columns, held);
      for (int64_t j = 0; j < columns; j++) sum[j] += c[j];
    }
    lr_store(p->c, row + i, column, columns, sum);
  }
}
