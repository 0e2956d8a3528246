#include "lr_reduce.h"

#include <math.h>

#include "lr_kernel.h"

int64_t lr_row_blocks(int64_t rows) {
  int64_t blocks = (rows + 31) / 32;
  return blocks < 32 ? blocks : 32;
}

typedef struct {
  lr_view a, b;
  float *partials;
  int64_t rows, columns;
} sums;

LR_CLONES static void sum_block(void *context, int64_t block) {
  const sums *w = context;
  float *total = w->partials + block * w->columns;
  for (int64_t j = 0; j < w->columns; j++) total[j] = 0;
  float rooms[2][LR_TILE];
  int64_t last = lr_block_start(w->rows, block + 1);
  for (int64_t row = lr_block_start(w->rows, block); row < last; row++) {
    for (int64_t j = 0; j < w->columns; j += LR_TILE) {
      int64_t count = lr_least(LR_TILE, w->columns - j);
      const float *a = lr_load(w->a, row, j, count, rooms[0]);
      float *to = total + j;
      if (w->b.data) {
        const float *b = lr_load(w->b, row, j, count, rooms[1]);
        LR_ELEMENTS for (int64_t i = 0; i < count; i++) to[i] += a[i] * b[i];
      } else {
        LR_ELEMENTS for (int64_t i = 0; i < count; i++) to[i] += a[i];
      }
    }
  }
}

void lr_column_sums(lr_view a, lr_view b, float *partials, float *out, int accumulate, int64_t rows,
                    int64_t columns) {
  sums w = {.a = a, .b = b, .partials = partials, .rows = rows, .columns = columns};
  int64_t blocks = lr_row_blocks(rows);
  lr_parallel(blocks, sum_block, &w);
  for (int64_t j = 0; j < columns && !accumulate; j++) out[j] = 0;
  for (int64_t block = 0; block < blocks; block++)
    for (int64_t j = 0; j < columns; j++) out[j] += partials[block * columns + j];
}

typedef struct {
  lr_grid grid;
  lr_view a;
  float *norms;
  double *partials;
} squares;

LR_INLINE float square_tile(const float *a, int64_t count) {
#pragma clang fp reassociate(on)
  float sum = 0;
  for (int64_t i = 0; i < count; i++) sum += a[i] * a[i];
  return sum;
}

LR_CLONES static void norm_unit(void *context, int64_t unit) {
  const squares *w = context;
  float room[LR_TILE];
  int64_t first = unit * w->grid.unit_rows;
  int64_t last = lr_least(first + w->grid.unit_rows, w->grid.rows);
  for (int64_t row = first; row < last; row++) {
    double sum = 0;
    for (int64_t j = 0; j < w->grid.columns; j += LR_TILE) {
      int64_t count = lr_least(LR_TILE, w->grid.columns - j);
      sum += (double)square_tile(lr_load(w->a, row, j, count, room), count);
    }
    w->norms[row] = (float)sqrt(sum);
  }
}

void lr_row_norms(lr_view a, float *out, int64_t rows, int64_t columns) {
  squares w = {.grid = lr_grid_of(rows, columns), .a = a, .norms = out};
  if (w.grid.unit_rows < 1) w.grid.unit_rows = 1;
  lr_parallel((rows + w.grid.unit_rows - 1) / w.grid.unit_rows, norm_unit, &w);
}

LR_CLONES static void squares_unit(void *context, int64_t unit) {
  const squares *w = context;
  float room[LR_TILE];
  double sum = 0;
  for (lr_tile t = lr_first(&w->grid, unit); t.count > 0; lr_next(&t))
    sum += (double)square_tile(lr_load(w->a, 0, t.column, t.count, room), t.count);
  w->partials[unit] = sum;
}

int64_t lr_square_blocks(int64_t count) { return (count + LR_UNIT - 1) / LR_UNIT; }

double lr_sum_of_squares(lr_view a, double *partials, int64_t count) {
  squares w = {.grid = lr_grid_of(1, count), .a = a, .partials = partials};
  int64_t units = lr_units(&w.grid);
  lr_parallel(units, squares_unit, &w);
  double sum = 0;
  for (int64_t unit = 0; unit < units; unit++) sum += partials[unit];
  return sum;
}
