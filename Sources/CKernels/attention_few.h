// Decoding: a query or two, which do not repay packing the keys.

// One query that reads keys and values as they lie.
static void LR(forward_few)(const lr_forward_job *job, const lr_segment *s, int64_t head,
                            int64_t query) {
  const lr_attention *a = job->a;
  int64_t size = a->head_size, width = lr_round_up(size, LANES), row = s->query_start + query;
  int64_t kv_head = head / (a->heads / a->kv_heads);
  float *q = lr_scratch(LR_SCRATCH_UNIT, (size_t)(2 * width + 2 * LR_FORWARD_KEYS) * 4);
  float *out = q + width, *weights = out + width, *factors = weights + LR_FORWARD_KEYS;
  const void *q_row = lr_at(a->type, a->q, row * a->q_stride + head * size);
  for (int64_t i = 0; i < width; i += LANES) {
    LR(store)(q + i, LR(load_row)(a->type, q_row, i, size));
    LR(store)(out + i, (VEC)0.0f);
  }
  float maximum = LR_HIDDEN, sum = 0;
  lr_range seen = lr_band_columns(lr_band_at(a, s, query, 0), 0, 1, s->key_count);
  for (int64_t key = seen.begin; key < seen.end; key += LR_FORWARD_KEYS) {
    int64_t n = lr_min(LR_FORWARD_KEYS, seen.end - key), key_row = s->key_start + key;
    const void *keys = lr_at(a->type, a->k, kv_head * size);
    const void *values = lr_at(a->type, a->v, kv_head * size);
    VEC top = (VEC)LR_HIDDEN;
    for (int64_t j = 0; j < n; j += LANES) {
      // The sums of LANES dot products lie across their vectors: transposing gathers them.
      VEC dots[LANES];
      for (int64_t lane = 0; lane < LANES; lane++) {
        const void *k_row =
            lr_at(a->type, keys, lr_key_row(s, key + lr_min(j + lane, n - 1)) * a->k_stride);
        dots[lane] = (VEC)0.0f;
        for (int64_t i = 0; i < width; i += LANES)
          dots[lane] += LR(load)(q + i) * LR(load_row)(a->type, k_row, i, size);
      }
      LR(transpose)(dots);
      VEC score = dots[0];
      for (int lane = 1; lane < LANES; lane++) score += dots[lane];
      LR(store)(weights + j, score);
      if (j + LANES > n) LR(hide)(weights, (lr_range){0, n}, 0, j + LANES);
      score = LR(load)(weights + j);
      top = top < score ? score : top;
    }
    float largest = LR(largest_lane)(top), keep = 1;
    if (largest > maximum) {
      keep = lr_exp((maximum - largest) * a->scale);
      maximum = largest;
    }
    VEC total = (VEC)0.0f;
    for (int64_t j = 0; j < n; j += LANES) {
      VEC w = LR(exp2)((LR(load)(weights + j) - maximum) * (a->scale * LR_LOG2_E));
      total += w;
      LR(store)(weights + j, w);
    }
    sum = sum * keep + LR(sum_lanes)(total);
    if (a->dropout > 0) {
      lr_dropout_factors(a, head, row, key_row, n, factors);
      for (int64_t j = 0; j < n; j++) weights[j] *= factors[j];
    }
    for (int64_t i = 0; i < width; i += LANES) {
      VEC even = LR(load)(out + i) * keep, odd = (VEC)0.0f;
      int64_t j = 0;
      // Two sums, or each product would wait for the one before.
      for (; j + 1 < n; j += 2) {
        const void *row = lr_at(a->type, values, lr_key_row(s, key + j) * a->v_stride);
        even += weights[j] * LR(load_row)(a->type, row, i, size);
        row = lr_at(a->type, values, lr_key_row(s, key + j + 1) * a->v_stride);
        odd += weights[j + 1] * LR(load_row)(a->type, row, i, size);
      }
      if (j < n) {
        const void *row = lr_at(a->type, values, lr_key_row(s, key + j) * a->v_stride);
        even += weights[j] * LR(load_row)(a->type, row, i, size);
      }
      LR(store)(out + i, even + odd);
    }
  }
  float factor = sum != 0 ? 1.0f / sum : 0.0f;
  void *target = (void *)lr_at(a->type, job->out, row * job->out_stride + head * size);
  for (int64_t i = 0; i < size; i += LANES)
    LR(store_row)(a->type, target, i, size, LR(load)(out + i) * factor);
  if (job->log_sum_exp)
    job->log_sum_exp[head * job->query_rows + row] =
        sum != 0 ? maximum * a->scale + logf(sum) : 0.0f;
}
