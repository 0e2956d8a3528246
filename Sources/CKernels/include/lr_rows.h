#pragma once
#include "lr_view.h"

// out[i] = table[ids[i]]
void lr_gather(lr_view table, const int32_t *ids, lr_view out, int64_t rows, int64_t columns);
// table[ids[i]] = rows[i]; ids are distinct
void lr_put(lr_view rows, const int32_t *ids, lr_view table, int64_t count, int64_t columns);
// table[ids[i]] += rows[i], in the order of i; table is f32
void lr_scatter_add(lr_view rows, const int32_t *ids, lr_view table, int64_t count,
                    int64_t columns);
// out[j, i] = a[i, j]
void lr_transpose(lr_view a, lr_view out, int64_t rows, int64_t columns);
