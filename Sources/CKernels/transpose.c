#include "lr_kernel.h"
#include "lr_rows.h"

typedef struct {
  lr_view from, to;
  int64_t rows, columns;
} work;

enum { BLOCK = 32 };

// A stripe of BLOCK rows of the result, which are columns of the operand, in squares that fit the
// cache.
LR_CLONES static void stripe(void *context, int64_t unit) {
  const work *w = context;
  float square[BLOCK][BLOCK], room[BLOCK], line[BLOCK];
  int64_t column = unit * BLOCK, width = lr_least(BLOCK, w->columns - column);
  for (int64_t row = 0; row < w->rows; row += BLOCK) {
    int64_t height = lr_least(BLOCK, w->rows - row);
    for (int64_t i = 0; i < height; i++) {
      const float *from = lr_load(w->from, row + i, column, width, room);
      for (int64_t j = 0; j < width; j++) square[i][j] = from[j];
    }
    for (int64_t j = 0; j < width; j++) {
      for (int64_t i = 0; i < BLOCK; i++) line[i] = square[i][j];
      lr_store(w->to, column + j, row, height, line);
    }
  }
}

void lr_transpose(lr_view a, lr_view out, int64_t rows, int64_t columns) {
  work w = {.from = a, .to = out, .rows = rows, .columns = columns};
  lr_parallel((columns + BLOCK - 1) / BLOCK, stripe, &w);
}
