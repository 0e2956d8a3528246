#pragma once
#include "lr_view.h"

// The packed types of GGML. A row is a run of blocks, each a number of elements with scales of their own:
// 1 of F16, 256 of the K types, 32 of the others.
typedef enum {
  LR_F16, LR_Q4_0, LR_Q4_1, LR_Q5_0, LR_Q5_1, LR_Q8_0, LR_Q2_K, LR_Q3_K, LR_Q4_K, LR_Q5_K, LR_Q6_K,
  LR_IQ4_NL
} lr_packed_type;

// Rows of packed elements; any address will do.
typedef struct {
  const void *data;
  lr_packed_type type;
  int64_t row_bytes;
} lr_packed;

// out[i, j] = a[first_row + i, first_column + j]; first_column is a multiple of the block.
void lr_unpack(lr_packed a, int64_t first_row, int64_t first_column, lr_view out, int64_t rows,
               int64_t columns);
// out[i] = table[ids[i]]
void lr_unpack_rows(lr_packed table, const int32_t *ids, lr_view out, int64_t rows, int64_t columns);
