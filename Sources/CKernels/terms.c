#include "lr_terms.h"

#include <string.h>

#include "lr_kernel.h"
#include "lr_scratch.h"

#pragma clang fp contract(fast)

// Two rounds of units: z = down · x for all terms, then y += z · up for all columns. A unit of the first is a few ranks of
// one term, a unit of the second a run of columns of all terms, so that an element has one writer and one order.

enum { LANES = 16, RANKS = 8, COLUMNS = 256, FEW_NUMBERS = 1 << 16 };

typedef float lanes __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef uint16_t halves __attribute__((vector_size(2 * LANES), aligned(2), may_alias));
typedef uint32_t words __attribute__((vector_size(4 * LANES)));

typedef struct {
  lr_view x, y;
  int64_t inputs, count;
  lr_type factors;
  const lr_term *terms;
  const int64_t *first_unit;  // of each term in the first round
  const int64_t *first_sum;   // of each term in z
  float *z;
} work;

// Vectors are passed by address: as values they would depend on the instruction set of the caller.
LR_INLINE void wide(const void *from, lr_type type, int64_t at, lanes *to) {
  if (type == LR_F32) {
    *to = *(const lanes *)((const float *)from + at);
  } else {
    halves h = *(const halves *)((const uint16_t *)from + at);
    *to = (lanes)(__builtin_convertvector(h, words) << 16);
  }
}

LR_INLINE float narrow(const void *from, lr_type type, int64_t at) {
  return type == LR_F32 ? ((const float *)from)[at] : lr_widen(((const uint16_t *)from)[at]);
}

LR_INLINE float dot(const void *a, lr_type a_type, const void *b, lr_type b_type, int64_t n) {
  lanes sums = {0};
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    lanes left, right;
    wide(a, a_type, i, &left);
    wide(b, b_type, i, &right);
    sums += left * right;
  }
  float sum = 0;
  for (int lane = 0; lane < LANES; lane++) sum += sums[lane];
  for (; i < n; i++) sum += narrow(a, a_type, i) * narrow(b, b_type, i);
  return sum;
}

LR_INLINE const void *row_of(const void *factor, lr_type type, int64_t row, int64_t columns) {
  return (const char *)factor + row * columns * (type == LR_BF16 ? 2 : 4);
}

LR_CLONES static void down_unit(void *context, int64_t unit) {
  const work *w = context;
  int64_t low = 0, high = w->count - 1;
  while (low < high) {
    int64_t middle = (low + high + 1) / 2;
    if (w->first_unit[middle] <= unit) low = middle;
    else high = middle - 1;
  }
  const lr_term *t = &w->terms[low];
  int64_t first = (unit - w->first_unit[low]) * RANKS, last = lr_least(first + RANKS, t->rank);
  for (int64_t p = first; p < last; p++) {
    const void *factor = row_of(t->down, w->factors, p, w->inputs);
    for (int64_t i = 0; i < t->rows; i++) {
      const void *x = lr_at(w->x, t->row + i, 0);
      float *z = w->z + w->first_sum[low] + i * t->rank + p;
      // Types are known in each branch, so that the compiler unrolls it.
      if (w->factors == LR_F32 && w->x.type == LR_F32)
        *z = t->scale * dot(factor, LR_F32, x, LR_F32, w->inputs);
      else if (w->factors == LR_BF16 && w->x.type == LR_BF16)
        *z = t->scale * dot(factor, LR_BF16, x, LR_BF16, w->inputs);
      else
        *z = t->scale * dot(factor, w->factors, x, w->x.type, w->inputs);
    }
  }
}

LR_INLINE void add_row(const void *up, lr_type type, float z, float *sum, int64_t n) {
  int64_t j = 0;
  for (; j + LANES <= n; j += LANES) {
    lanes numbers;
    wide(up, type, j, &numbers);
    *(lanes *)(sum + j) += z * numbers;
  }
  for (; j < n; j++) sum[j] += z * narrow(up, type, j);
}

LR_CLONES static void up_unit(void *context, int64_t unit) {
  const work *w = context;
  float tile[COLUMNS];
  for (int64_t index = 0; index < w->count; index++) {
    const lr_term *t = &w->terms[index];
    int64_t start = unit * COLUMNS > t->column ? unit * COLUMNS : t->column;
    int64_t end = lr_least((unit + 1) * COLUMNS, t->column + t->columns);
    if (start >= end) continue;
    for (int64_t i = 0; i < t->rows; i++) {
      const float *z = w->z + w->first_sum[index] + i * t->rank;
      const float *now = lr_load(w->y, t->row + i, start, end - start, tile);
      if (now != tile) memcpy(tile, now, (size_t)(end - start) * sizeof(float));
      for (int64_t p = 0; p < t->rank; p++) {
        const char *up = row_of(t->up, w->factors, p, t->columns);
        up += (start - t->column) * (w->factors == LR_BF16 ? 2 : 4);
        if (w->factors == LR_F32) add_row(up, LR_F32, z[p], tile, end - start);
        else add_row(up, LR_BF16, z[p], tile, end - start);
      }
      lr_store(w->y, t->row + i, start, end - start, tile);
    }
  }
}

// Waking a thread takes longer than a round over factors of few numbers.
static void run(int64_t units, void (*unit)(void *, int64_t), work *w, int64_t numbers) {
  if (numbers > FEW_NUMBERS) return lr_parallel(units, unit, w);
  for (int64_t i = 0; i < units; i++) unit(w, i);
}

void lr_add_terms(lr_view x, lr_view y, int64_t inputs, lr_type factors, const lr_term *terms,
                  int64_t count) {
  int64_t units = 0, sums = 0, end = 0;
  for (int64_t index = 0; index < count; index++) {
    units += (terms[index].rank + RANKS - 1) / RANKS;
    sums += terms[index].rows * terms[index].rank;
    int64_t last = terms[index].column + terms[index].columns;
    end = last > end ? last : end;
  }
  if (units == 0) return;
  size_t tables = 2 * (size_t)count * sizeof(int64_t);
  int64_t *table = lr_scratch(LR_SCRATCH_REGION, tables + (size_t)sums * sizeof(float));
  work w = {.x = x, .y = y, .inputs = inputs, .count = count, .factors = factors, .terms = terms,
            .first_unit = table, .first_sum = table + count, .z = (float *)(table + 2 * count)};
  units = sums = 0;
  for (int64_t index = 0; index < count; index++) {
    table[index] = units;
    table[count + index] = sums;
    units += (terms[index].rank + RANKS - 1) / RANKS;
    sums += terms[index].rows * terms[index].rank;
  }
  run(units, down_unit, &w, sums * inputs);
  run((end + COLUMNS - 1) / COLUMNS, up_unit, &w, sums * end);
}
