#pragma once
#include "lr_view.h"

// Turns the pairs (i, i + half), i < half, of each head by the angle of the row's position; cosine and
// sine are [positions, half]. The other columns are copied. inverse turns the other way.
// A head has 2,048 columns at most.
void lr_rotary(lr_view x, lr_view out, int64_t rows, int64_t heads, int64_t head_size, int64_t half,
               const int32_t *positions, const float *cosine, const float *sine, int inverse);
