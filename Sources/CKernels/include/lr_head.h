#pragma once
#include "lr_view.h"

// What is known of each row of a head after some blocks of its vocabulary: the largest logit, the sum of exp(logit - largest),
// and the logit of the label once its block is there.
typedef struct {
  float *tops;
  double *sums;
  float *targets;
} lr_head_state;

// Takes the logits of a block, f32, of the columns from `first` on; the block of column 0 begins the state. With `sums`, a row of
// which holds the exponentials of earlier blocks times the rows of the weight, exp(logit - largest) is written over the logits in
// `type`, zero at the label, and each row of sums is brought to its new largest logit. Rows of bf16 start where those of f32 did.
void lr_head_block(float *logits, int64_t stride, const int32_t *labels, int64_t first,
                   lr_head_state state, lr_view sums, int64_t width, lr_type type, int64_t rows,
                   int64_t columns);
// losses[i] = -log softmax(logits[i])[labels[i]], and with sums the gradient of their sum by what the head was applied to,
// out = sums / sum of exponentials + (softmax at the label - 1) · own, where own has the label's row of the weight.
void lr_head_end(lr_head_state state, float *losses, lr_view sums, lr_view own, lr_view out,
                 int64_t rows, int64_t width);
