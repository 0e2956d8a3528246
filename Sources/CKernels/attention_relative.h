// Terms of scores by the distance between query and key (lr_relative), in squares of LANES queries
// by LANES keys. The columns that neighbouring distances read mostly lie side by side: then LANES
// of them are one vector, by rising distance.

// Whether a map leads LANES distances to columns side by side.
INLINE int LR(is_run)(const int32_t *map) {
  IVEC at, run;
  __builtin_memcpy(&at, map, sizeof at);
#pragma clang loop unroll(full)
  for (int i = 0; i < LANES; i++) run[i] = i;
  return __builtin_reduce_and(at - map[0] == run);
}

INLINE VEC LR(pick)(const float *row, const int32_t *map) {
  if (LR(is_run)(map)) return LR(load)(row + map[0]);
  VEC v;
#pragma clang loop unroll(full)
  for (int i = 0; i < LANES; i++) v[i] = row[map[i]];
  return v;
}

INLINE void LR(spread)(VEC v, float *row, const int32_t *map) {
  if (LR(is_run)(map))
    LR(store)(row + map[0], LR(load)(row + map[0]) + v);
  else
    for (int i = 0; i < LANES; i++) row[map[i]] += v[i];
}

// Along a row of scores the distance falls.
INLINE VEC LR(reversed)(VEC v) {
  VEC r;
#pragma clang loop unroll(full)
  for (int i = 0; i < LANES; i++) r[i] = v[LANES - 1 - i];
  return r;
}

// The rows of one head in a table, from `row` on; null of none.
INLINE float *LR(table)(const lr_attention *a, const float *base, int64_t row, int64_t head) {
  return base ? (float *)base + (row * a->heads + head) * a->relative.columns : 0;
}

// Of a tile from query `query` and key `key` of the segment on: adds the terms to scores (what the
// mask hides may hold anything before and after), or, given dS, adds scale dS to the gradients of
// the tables, `d_queries` and `d_keys`, and clears what the mask hides.
INLINE void LR(relative)(const lr_attention *a, const lr_segment *s, int64_t head, int64_t query,
                         int64_t key, int64_t rows, int64_t n, float *tile, int64_t width,
                         int backward, float *d_queries, float *d_keys) {
  const lr_relative *t = &a->relative;
  float *of_queries =
      LR(table)(a, backward ? d_queries : t->of_queries, s->query_start + query, head);
  float *of_keys = LR(table)(a, backward ? d_keys : t->of_keys, s->key_start + key, head);
  int64_t stride = a->heads * t->columns, apart = s->key_count - s->query_count + query - key;
  lr_band band = lr_band_at(a, s, query, key);
  for (int64_t r = 0; r < rows; r += LANES) {
    int64_t here = lr_min(LANES, rows - r);
    lr_range any = lr_band_columns(band, r, r + here, n);
    int64_t begin = any.begin / LANES * LANES, end = lr_round_up(any.end, LANES);
    for (int64_t i = r; backward && i < r + here; i++)
      LR(put_around)(tile + i * width, lr_band_columns(band, i, i + 1, n), begin, end, 0);
    for (int64_t j = begin; j < end; j += LANES) {
      int64_t keys = lr_min(LANES, n - j);
      float *at = tile + r * width + j;
      float *row = of_queries + r * stride, *line = of_keys + j * stride;
      // What the square's rows read by rising distance, and its columns. A table's rows lie pages
      // apart: what the squares below will read is asked for a row of squares ahead.
      const int32_t *across = t->query_columns + apart + r - j - (LANES - 1);
      const int32_t *down = t->key_columns + apart + r - j;
      VEC square[LANES];
      for (int i = 0; i < LANES; i++) {
        square[i] = (VEC)0.0f;
        if (backward && i < here) square[i] = LR(load)(at + i * width) * a->scale;
        if (backward && i < here && of_queries)
          LR(spread)(LR(reversed)(square[i]), row + i * stride, across + i);
        if (!backward && i < keys && of_keys) {
          square[i] = LR(pick)(line + i * stride, down - i);
          __builtin_prefetch(line + i * stride + down[LANES - i], 0, 2);
        }
      }
      if (of_keys) LR(transpose)(square);
      for (int i = 0; backward && of_keys && i < keys; i++)
        LR(spread)(square[i], line + i * stride, down - i);
      for (int i = 0; !backward && i < here; i++) {
        if (of_queries) {
          square[i] += LR(reversed)(LR(pick)(row + i * stride, across + i));
          __builtin_prefetch(row + (i + LANES) * stride + across[i + LANES], 0, 2);
        }
        LR(store)(at + i * width, LR(load)(at + i * width) + square[i]);
      }
    }
  }
}
