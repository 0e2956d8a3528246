#pragma once
#include <string.h>

#include "lr_kernel.h"
#include "lr_product.h"
#include "lr_scratch.h"

// How a product is cut. Threads take units: a group of panels, each some columns of c, by a block of rows. The terms of
// the sums are taken in chunks, so that a packed panel stays in the second level of the cache.
typedef struct {
  const lr_product *p;
  int64_t group, groups;      // panels in a group, and groups across c
  int64_t rows, blocks;       // rows in a block, and blocks down c
  int64_t chunk;              // terms
} lr_cut;

// What kernels of one instruction set work with.
typedef struct {
  void (*unit)(void *cut, int64_t unit);
  int64_t width, step, rows;  // columns of a panel, terms in a word, rows that are multiplied at a time
  int64_t whole;              // what terms have to be a multiple of
  int64_t fewest;             // panels that are worth reading the rows for, where the threads have enough groups of them
} lr_product_kernel;

extern const lr_product_kernel lr_product_amx, lr_product_bf16, lr_product_v4, lr_product_v3;
// With panels of one vector, for factors of a few columns.
extern const lr_product_kernel lr_product_bf16_narrow, lr_product_v4_narrow, lr_product_v3_narrow;

// Whether there are tiles (AMX) and the kernel of the system lets this process use them.
int lr_has_tiles(void);
// A part of a factor in the type of the product, row-major, at `to`; what lies beyond it is zero up to the padded extents.
void lr_stage(const lr_factor *b, lr_type type, int64_t row, int64_t column, int64_t rows,
              int64_t columns, void *to, int64_t padded_rows, int64_t padded_columns);
// Where a part of a factor lies as it is; null where it has to be staged.
const void *lr_in_place(const lr_factor *b, lr_type type, int64_t row, int64_t column);

// Whether it lies as bf16, which is widened without being staged.
LR_INLINE int lr_is_widened(const lr_factor *b) { return !b->is_packed && b->type == LR_BF16; }

// Some numbers of a row of such a factor, and zeros up to the padded width.
LR_INLINE void lr_widen_row(const lr_factor *b, int64_t row, int64_t column, int64_t columns,
                            int64_t padded, float *to) {
  lr_view view = {.data = (char *)(uintptr_t)b->data, .type = LR_BF16, .stride = b->row_bytes / 2};
  lr_load(view, b->row + row, b->column + column, columns, to);
  for (int64_t j = columns; j < padded; j++) to[j] = 0;
}

LR_INLINE int64_t lr_rounded(int64_t count, int64_t unit) { return (count + unit - 1) / unit * unit; }
