#pragma once
#include "lr_kernel.h"
#include "lr_outer.h"
#include "lr_scratch.h"

// Threads take stripes of columns of c. Terms are taken in blocks, so that a block of a stripe stays in the first level of
// the cache while the rows of c are added up, eight at a time.
enum { LR_OUTER_COLUMNS = 64, LR_OUTER_TERMS = 128, LR_OUTER_ROWS = 8 };

// The sums of one stripe for one instruction set: context is an lr_outer.
void lr_outer_bf16(void *context, int64_t unit);
void lr_outer_v4(void *context, int64_t unit);
void lr_outer_widened(void *context, int64_t unit);

// Writes finished sums of a stripe, [rank, LR_OUTER_COLUMNS], to c.
void lr_finish_outer(const lr_outer *p, float *sums, int64_t column, int64_t columns);
