// The kernel for more than four rows of x, part of few_body.h. Four rows of the weight are widened into the first level of the
// cache once, then multiplied by ACROSS rows of x at a time; all sums of such a block are registers.

enum { LR(ACROSS) = LANES / 4 };

// The element e of one half (up = 0, 1) of all pairs of runs of `size` elements in two vectors.
#define PICK(size, up, e)                                                                          \
  ((e) / (size) % 2 * LANES + (e) / (2 * (size)) * 2 * (size) + (up) * (size) + (e) % (size))
// The sums of the runs of each pair, those of `a` and of `b` in turn.
#define FOLD(a, b, size)                                                                           \
  (__builtin_shufflevector(a, b, EACH_LANE(PICK, size, 0)) +                                       \
   __builtin_shufflevector(a, b, EACH_LANE(PICK, size, 1)))

// The sum of the elements of each of LANES vectors.
LR_INLINE void LR(totals)(lanes *all, float *totals) {
#if LANES == 16
  EACH(l, 8) all[l] = FOLD(all[l], all[l + 8], 8);
#endif
  EACH(l, 4) all[l] = FOLD(all[l], all[l + 4], 4);
  EACH(l, 2) all[l] = FOLD(all[l], all[l + 2], 2);
  AT(lanes, totals) = FOLD(all[0], all[1], 1);
}

// c[a, r] = or += scale · x[a] · weights[r] for ACROSS rows of x and four of the weight, `count` numbers of each. The rows of x and
// of the weight that exist are `few` and `rows`.
LR_INLINE void LR(microkernel)(const lr_few *f, const float *weights, const float *x, int64_t count,
                               float *c, int64_t few, int64_t rows, int adds) {
  lanes sums[LANES];
  memset(sums, 0, sizeof sums);
  for (int64_t j = 0; j < count; j += LANES) {
    lanes w[4];
    EACH(r, 4) w[r] = AT(lanes, weights + r * BLOCKED_CHUNK + j);
    EACH(a, LR(ACROSS)) {
      lanes v = AT(lanes, x + a * count + j);
      EACH(r, 4) sums[4 * a + r] += w[r] * v;
    }
  }
  float totals[LANES];
  LR(totals)(sums, totals);
  for (int64_t a = 0; a < lr_least(LR(ACROSS), few); a++, c += f->c_stride)
    if (rows == 4) EACH(r, 4) SUM(c[r], totals[4 * a + r]);
    else for (int64_t r = 0; r < rows; r++) SUM(c[r], totals[4 * a + r]);
}

#define BLOCKED(name, COUNT, BYTES)                                                                \
  static void LR(name##_blocked)(void *context, int64_t unit) {                                    \
    const lr_few_cut *cut = context;                                                               \
    const lr_few *f = cut->f;                                                                      \
    int64_t last = lr_least((unit + 1) * cut->rows, f->n);                                         \
    _Alignas(64) lanes weights[4 * BLOCKED_CHUNK / LANES] = {{0}};                                 \
    for (int64_t first = 0; first < f->k; first += BLOCKED_CHUNK) {                                \
      int64_t count = lr_least(BLOCKED_CHUNK, f->k - first);                                       \
      const float *x = cut->packed + first * cut->few;                                             \
      int adds = f->accumulates || first > 0;                                                      \
      for (int64_t row = unit * cut->rows; row < last; row += 4) {                                 \
        int64_t rows = lr_least(4, last - row);                                                    \
        for (int64_t r = 0; r < rows; r++) {                                                       \
          const uint8_t *block = LR_FEW_AT(f, row + r, first, COUNT, BYTES);                       \
          for (int64_t j = 0; j < count; j += COUNT, block += BYTES) {                             \
            PREFETCH(block + 4 * f->b.row_bytes, BYTES);                                           \
            LR(name##_dot)(block, 0, 0, 0, weights + (r * BLOCKED_CHUNK + j) / LANES);             \
          }                                                                                        \
        }                                                                                          \
        for (int64_t i = 0; i < f->few; i += LR(ACROSS))                                           \
          LR(microkernel)(f, (const float *)weights, x + i * count, count,                         \
                          f->c + i * f->c_stride + row, f->few - i, rows, adds);                 \
      }                                                                                            \
    }                                                                                              \
  }
BLOCKED(f32, 32, 128)
BLOCKED(bf16, 32, 64)
BLOCKED(f16, 32, 64)
LR_EACH_BLOCK(BLOCKED)

#undef PICK
#undef FOLD
#undef BLOCKED
