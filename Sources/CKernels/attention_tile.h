// One register-blocked product and the packing that feeds it, for the instruction set that the includer
// names. Everything is counted in 32-bit words along the summed dimension: a word is one float, or two
// bf16 where the processor multiplies such pairs, so that one code does for both.
//   A is read a word at a time and broadcast, by rows (a[m * lda + k]) or by columns (a[k * lda + m]);
//   B is read by vectors of columns, b[k * ldb + n].

#define VEC LR(vector)
#define IVEC LR(ivector)
#define HVEC LR(hvector)
#define LANES (LR_BYTES / 4)
#define PER_WORD (LR_PAIRS ? 2 : 1)
#define INLINE static inline __attribute__((always_inline))

typedef float VEC __attribute__((ext_vector_type(LANES)));
typedef int32_t IVEC __attribute__((ext_vector_type(LANES)));
typedef uint16_t HVEC __attribute__((ext_vector_type(LANES)));

INLINE VEC LR(load)(const void *p) {
  VEC v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

INLINE void LR(store)(void *p, VEC v) { __builtin_memcpy(p, &v, sizeof v); }

#if LR_BYTES == 64
#define LR_LOW_HALVES 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define LR_HIGH_HALVES 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif LR_BYTES == 32
#define LR_LOW_HALVES 0, 8, 1, 9, 2, 10, 3, 11
#define LR_HIGH_HALVES 4, 12, 5, 13, 6, 14, 7, 15
#else
#define LR_LOW_HALVES 0, 4, 1, 5
#define LR_HIGH_HALVES 2, 6, 3, 7
#endif

// Transposes a square of words: interleaving its first and second half log2(LANES) times does.
INLINE void LR(transpose)(VEC square[LANES]) {
#pragma clang loop unroll(full)
  for (int step = 1; step < LANES; step *= 2) {
    VEC next[LANES];
#pragma clang loop unroll(full)
    for (int i = 0; i < LANES / 2; i++) {
      VEC a = square[i], b = square[i + LANES / 2];
      next[2 * i] = __builtin_shufflevector(a, b, LR_LOW_HALVES);
      next[2 * i + 1] = __builtin_shufflevector(a, b, LR_HIGH_HALVES);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < LANES; i++) square[i] = next[i];
  }
}
#undef LR_LOW_HALVES
#undef LR_HIGH_HALVES

// 2^x for x <= 0, exactly zero from -127 down. Weights that are rounded to bf16 need less of it.
INLINE VEC LR(exp2)(VEC x) {
#if LR_PAIRS
  VEC f = (VEC)_mm512_reduce_ps((__m512)x, 0x09);  // x - floor(x)
  return (VEC)_mm512_scalef_ps((__m512)LR_EXP2_4(f), (__m512)x);
#else
  x = x < (VEC)-127.0f ? (VEC)-127.0f : x;
  VEC shifted = x + LR_ROUND_MAGIC;
  VEC f = x - (shifted - LR_ROUND_MAGIC);
  IVEC exponent = ((IVEC)shifted - (int32_t)lr_bits(LR_ROUND_MAGIC) + 127) << 23;
  return LR_EXP2_6(f) * (VEC)exponent;
#endif
}

INLINE VEC LR(multiply_add)(VEC a, uint32_t word, VEC b) {
#if LR_PAIRS
  return (VEC)_mm512_dpbf16_ps((__m512)a, (__m512bh)_mm512_set1_epi32((int)word), (__m512bh)b);
#else
  float x;
  __builtin_memcpy(&x, &word, sizeof x);
  return (VEC)x * b + a;
#endif
}

// c = keep[m] * c + A B for `rows` rows and `columns` vectors, or c = A B without `keep`. The counts are
// constants where it is called, so that the sums live in registers.
INLINE void LR(block)(int rows, int columns, int by_columns, int64_t words, const uint32_t *a,
                      int64_t lda, const uint32_t *b, int64_t ldb, float *c, int64_t ldc,
                      const float *keep) {
  VEC sum[6][LR_COLUMNS];
#pragma clang loop unroll(full)
  for (int m = 0; m < rows; m++)
#pragma clang loop unroll(full)
    for (int n = 0; n < columns; n++) sum[m][n] = (VEC)0.0f;
  for (int64_t k = 0; k < words; k++) {
    VEC line[LR_COLUMNS];
#pragma clang loop unroll(full)
    for (int n = 0; n < columns; n++) line[n] = LR(load)(b + k * ldb + n * LANES);
#pragma clang loop unroll(full)
    for (int m = 0; m < rows; m++) {
      uint32_t word = by_columns ? a[k * lda + m] : a[m * lda + k];
#pragma clang loop unroll(full)
      for (int n = 0; n < columns; n++) sum[m][n] = LR(multiply_add)(sum[m][n], word, line[n]);
    }
  }
#pragma clang loop unroll(full)
  for (int m = 0; m < rows; m++)
#pragma clang loop unroll(full)
    for (int n = 0; n < columns; n++) {
      float *at = c + m * ldc + n * LANES;
      LR(store)(at, keep ? LR(load)(at) * (VEC)keep[m] + sum[m][n] : sum[m][n]);
    }
}

#define LR_CASE(rows, columns)                                                                  \
  case (rows) * 8 + (columns):                                                                  \
    LR(block)(rows, columns, by_columns, words, a, lda, b, ldb, c, ldc, keep);                  \
    break;
#if LR_COLUMNS == 4
#define LR_ROW_CASES(rows) \
  LR_CASE(rows, 1) LR_CASE(rows, 2) LR_CASE(rows, 3) LR_CASE(rows, 4)
#else
#define LR_ROW_CASES(rows) LR_CASE(rows, 1) LR_CASE(rows, 2)
#endif

INLINE void LR(any_block)(int64_t rows, int64_t columns, int by_columns, int64_t words,
                          const uint32_t *a, int64_t lda, const uint32_t *b, int64_t ldb, float *c,
                          int64_t ldc, const float *keep) {
  switch (rows * 8 + columns) {
    LR_ROW_CASES(6) LR_ROW_CASES(4) LR_ROW_CASES(2) LR_ROW_CASES(1)
  }
}
#undef LR_CASE
#undef LR_ROW_CASES

static __attribute__((noinline)) void LR(block_by_rows)(int64_t rows, int64_t columns,
                                                        int64_t words, const uint32_t *a,
                                                        int64_t lda, const uint32_t *b, int64_t ldb,
                                                        float *c, int64_t ldc, const float *keep) {
  LR(any_block)(rows, columns, 0, words, a, lda, b, ldb, c, ldc, keep);
}

static __attribute__((noinline, unused)) void LR(block_by_columns)(
    int64_t rows, int64_t columns, int64_t words, const uint32_t *a, int64_t lda, const uint32_t *b,
    int64_t ldb, float *c, int64_t ldc, const float *keep) {
  LR(any_block)(rows, columns, 1, words, a, lda, b, ldb, c, ldc, keep);
}

INLINE int64_t LR(block_rows)(int64_t left) {
  return left >= 6 ? 6 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
}

// Scores: c = A B where the band shows any of it, rounded outwards to whole vectors; the rest of c is
// left as it was. `n` columns stand in rows of at least n rounded up to a vector.
static void LR(scores)(int64_t m, int64_t n, int64_t words, const uint32_t *a, int64_t lda,
                       const uint32_t *b, int64_t ldb, float *c, int64_t ldc, lr_band band, lr_ahead *ahead) {
  for (int64_t left = 0; left < n; left += LR_COLUMNS * LANES) {
    int64_t right = lr_min(left + LR_COLUMNS * LANES, n);
    for (int64_t row = 0, rows; row < m; row += rows) {
      rows = LR(block_rows)(m - row);
      lr_range shown = lr_band_columns(band, row, row + rows, n);
      int64_t begin = lr_max(left, shown.begin / LANES * LANES);
      int64_t end = lr_min(right, shown.end);
      if (end <= begin) continue;
      lr_ahead_step(ahead);
      LR(block_by_rows)
      (rows, (end - begin + LANES - 1) / LANES, words, a + row * lda, lda, b + begin, ldb,
       c + row * ldc + begin, ldc, 0);
    }
  }
}

// Sums over keys: c = keep c + A B with A [m queries, keys], reading only the keys each row shows.
static void LR(sum_over_keys)(int64_t m, int64_t n, int64_t keys, const uint32_t *a, int64_t lda,
                              const uint32_t *b, int64_t ldb, float *c, int64_t ldc,
                              const float *keep, lr_band band, lr_ahead *ahead) {
  for (int64_t left = 0; left < n; left += LR_COLUMNS * LANES) {
    int64_t columns = lr_min(LR_COLUMNS, (n - left) / LANES);
    for (int64_t row = 0, rows; row < m; row += rows) {
      rows = LR(block_rows)(m - row);
      lr_range shown = lr_band_columns(band, row, row + rows, keys);
      int64_t begin = shown.begin / PER_WORD, end = (shown.end + PER_WORD - 1) / PER_WORD;
      lr_ahead_step(ahead);
      LR(block_by_rows)
      (rows, columns, end - begin, a + row * lda + begin, lda, b + begin * ldb + left, ldb,
       c + row * ldc + left, ldc, keep ? keep + row : 0);
    }
  }
}

// Sums over queries: c += A B with A [queries, m keys] by columns, reading only the queries that see a key.
// `ones` is six of them.
static __attribute__((unused)) void LR(sum_over_queries)(int64_t m, int64_t n, int64_t queries, const uint32_t *a,
                                 int64_t lda, const uint32_t *b, int64_t ldb, float *c, int64_t ldc,
                                 const float *ones, lr_band band, lr_ahead *ahead) {
  for (int64_t left = 0; left < n; left += LR_COLUMNS * LANES) {
    int64_t columns = lr_min(LR_COLUMNS, (n - left) / LANES);
    for (int64_t key = 0, keys; key < m; key += keys) {
      keys = LR(block_rows)(m - key);
      lr_range seen = lr_band_rows(band, key, key + keys, queries);
      int64_t begin = seen.begin / PER_WORD, end = (seen.end + PER_WORD - 1) / PER_WORD;
      if (end <= begin) continue;
      lr_ahead_step(ahead);
      LR(block_by_columns)
      (keys, columns, end - begin, a + begin * lda + key, lda, b + begin * ldb + left, ldb,
       c + key * ldc + left, ldc, ones);
    }
  }
}
