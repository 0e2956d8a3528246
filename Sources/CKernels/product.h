#pragma once
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
  int64_t width, step;        // columns of a panel, terms in a word
} lr_product_kernel;

extern const lr_product_kernel lr_product_bf16, lr_product_v4, lr_product_v3;
// With panels of one vector, for factors of a few columns.
extern const lr_product_kernel lr_product_bf16_narrow, lr_product_v4_narrow, lr_product_v3_narrow;

// Whether this processor has a set of instructions.
int lr_supports(lr_product_set set);
// A part of a factor in the type of the product, row-major, at `to`; what lies beyond it is zero up to the padded extents.
void lr_stage(const lr_factor *b, lr_type type, int64_t row, int64_t column, int64_t rows,
              int64_t columns, void *to, int64_t padded_rows, int64_t padded_columns);
// Where a part of a factor lies as it is; null where it has to be staged.
const void *lr_in_place(const lr_factor *b, lr_type type, int64_t row, int64_t column);

LR_INLINE int64_t lr_rounded(int64_t count, int64_t unit) { return (count + unit - 1) / unit * unit; }
