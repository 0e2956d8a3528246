#pragma once
#include "lr_view.h"

// losses[i] = -log softmax(logits[i])[labels[i]] over the first `columns` columns of f32 logits.
// With gradient, softmax - onehot is written over the logits, in `gradient_type`: rows of bf16
// start where the rows of f32 did, so their stride in elements is twice the logits'. Without, the
// logits are left alone.
void lr_cross_entropy(float *logits, int64_t stride, const int32_t *labels, float *losses,
                      int gradient, lr_type gradient_type, int64_t rows, int64_t columns);
