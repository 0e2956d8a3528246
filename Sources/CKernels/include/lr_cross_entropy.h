#pragma once
#include "lr_view.h"

// losses[i] = -sum(q log softmax(logits[i])) over the first `columns` columns of f32 logits, where q
// is 1 - smoothing at labels[i] and smoothing / columns in each column besides.
// With gradient, scales[i] · (softmax - q) is written over the logits (without scales, softmax - q), in `gradient_type`: rows of bf16
// start where the rows of f32 did, so their stride in elements is twice the logits'. Without, the
// logits are left alone.
void lr_cross_entropy(float *logits, int64_t stride, const int32_t *labels, const float *scales,
                      float *losses, float smoothing, int gradient, lr_type gradient_type, int64_t rows,
                      int64_t columns);
