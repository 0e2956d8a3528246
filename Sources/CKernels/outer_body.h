// Sums of outer products for one instruction set with 16 words in a vector. Before it come LR(name), LR_STEP terms in a word,
// LR_SIZE bytes of a term in memory, LR_ADD(sums, words, word) and:
//   LR(load)(from, bytes, mask, to)   words of 32 columns from LR_STEP rows, `bytes` apart; zero outside of the mask
//   LR(word)(thin, stride, terms)     a word of one column of the thin factor; terms beyond the last are zero

enum { LR(WORDS) = LR_OUTER_TERMS / LR_STEP };

// sums += rows of thin, a column of words each, by 32 columns of wide; the number of rows is known where this is inlined.
LR_INLINE void LR(tile)(const int rows, const int32_t *thin, const char *wide, int64_t bytes,
                        int64_t words, uint32_t mask, float *sums, int begins) {
  __m512 s[LR_OUTER_ROWS][2];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int v = 0; v < 2; v++)
      s[i][v] = begins ? _mm512_setzero_ps() : _mm512_loadu_ps(sums + i * LR_OUTER_COLUMNS + 16 * v);
  for (int64_t t = 0; t < words; t++) {
    __m512i b[2];
    LR(load)(wide + LR_STEP * t * bytes, bytes, mask, b);
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
      __m512i word = _mm512_set1_epi32(thin[LR_OUTER_ROWS * t + i]);
#pragma clang loop unroll(full)
      for (int v = 0; v < 2; v++) s[i][v] = LR_ADD(s[i][v], b[v], word);
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int v = 0; v < 2; v++) _mm512_storeu_ps(sums + i * LR_OUTER_COLUMNS + 16 * v, s[i][v]);
}

static void LR(tiles)(int64_t rows, const int32_t *thin, const char *wide, int64_t bytes,
                      int64_t words, uint32_t mask, float *sums, int begins) {
  switch (rows) {
    case 8: LR(tile)(8, thin, wide, bytes, words, mask, sums, begins); break;
    case 7: LR(tile)(7, thin, wide, bytes, words, mask, sums, begins); break;
    case 6: LR(tile)(6, thin, wide, bytes, words, mask, sums, begins); break;
    case 5: LR(tile)(5, thin, wide, bytes, words, mask, sums, begins); break;
    case 4: LR(tile)(4, thin, wide, bytes, words, mask, sums, begins); break;
    case 3: LR(tile)(3, thin, wide, bytes, words, mask, sums, begins); break;
    case 2: LR(tile)(2, thin, wide, bytes, words, mask, sums, begins); break;
    default: LR(tile)(1, thin, wide, bytes, words, mask, sums, begins); break;
  }
}

void LR(lr_outer)(void *context, int64_t unit) {
  const lr_outer *p = context;
  int64_t column = unit * LR_OUTER_COLUMNS, columns = lr_least(LR_OUTER_COLUMNS, p->n - column);
  int64_t bytes = p->wide_stride * LR_SIZE, row_bytes = LR_OUTER_COLUMNS * LR_SIZE;
  lr_carver carver = {0};
  int64_t at_thin = lr_carve(&carver, LR_OUTER_ROWS * LR(WORDS));
  int64_t at_last = lr_carve(&carver, LR_STEP * row_bytes / 4);
  int64_t at_sums = lr_carve(&carver, LR_OUTER_COLUMNS * p->rank);
  int32_t *memory = lr_scratch(LR_SCRATCH_UNIT, 4 * (size_t)carver.used);
  int32_t *thin = memory + at_thin;
  char *last = (char *)(memory + at_last);
  float *sums = (float *)(memory + at_sums);
  for (int64_t term = 0; term < p->terms; term += LR_OUTER_TERMS) {
    int64_t terms = lr_least(LR_OUTER_TERMS, p->terms - term);
    int64_t whole = terms / LR_STEP, rest = terms % LR_STEP;
    const char *wide = (const char *)p->wide + term * bytes + column * LR_SIZE;
    if (rest) {
      // The word that has no second term.
      memset(last, 0, (size_t)(LR_STEP * row_bytes));
      memcpy(last, wide + whole * LR_STEP * bytes, (size_t)(columns * LR_SIZE));
    }
    for (int64_t i = 0; i < p->rank; i += LR_OUTER_ROWS) {
      int64_t rows = lr_least(LR_OUTER_ROWS, p->rank - i);
      const char *from = (const char *)p->thin + (term * p->thin_stride + i) * LR_SIZE;
      for (int64_t t = 0; t < whole + rest; t++)
        for (int64_t r = 0; r < rows; r++)
          thin[LR_OUTER_ROWS * t + r] =
              LR(word)(from + (LR_STEP * t * p->thin_stride + r) * LR_SIZE,
                       p->thin_stride * LR_SIZE, terms - LR_STEP * t);
      for (int64_t j = 0; j < columns; j += 32) {
        uint32_t mask = columns - j < 32 ? (1u << (columns - j)) - 1 : ~0u;
        float *sum = sums + i * LR_OUTER_COLUMNS + j;
        LR(tiles)(rows, thin, wide + j * LR_SIZE, bytes, whole, mask, sum, term == 0);
        if (rest)
          LR(tiles)(rows, thin + LR_OUTER_ROWS * whole, last + j * LR_SIZE, row_bytes, 1, mask,
                    sum, 0);
      }
    }
  }
  lr_finish_outer(p, sums, column, columns);
}

#undef LR
#undef LR_SIZE
