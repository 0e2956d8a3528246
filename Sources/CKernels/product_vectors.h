// Rows of a left factor by a panel, in vectors of sums that stay in registers. Before it come those of product_body.h, and:
//   lr_sums                       a vector of f32 sums
//   lr_words, LR_WORD_AT(p)       a vector of words of a panel, read from aligned memory
//   LR_WORD(p)                    the word at p in every place
//   LR_ADD(sums, panel, word)     sums + panel · word
#ifndef LR_ROWS
#define LR_ROWS 6
#define LR_ROWS_TOGETHER 1
#define LR_TERMS_TOGETHER 1
#endif

enum { LR(WIDTH) = LR_VECTORS * LR_WORDS, LR(ROW) = LR(WIDTH) };

LR_INLINE int64_t LR(place)(int64_t row, int64_t column) { return row * LR(ROW) + column; }

// sums += rows of a by a panel of words; the number of rows is known where this is inlined, so that sums stay in registers.
LR_INLINE void LR(tile)(const int rows, const char *a, int64_t a_bytes, const char *panel,
                        int64_t words, float *sums, int64_t stride, int begins) {
  lr_sums s[LR_ROWS][LR_VECTORS];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int v = 0; v < LR_VECTORS; v++)
      s[i][v] = begins ? LR_ZERO : LR_LOAD(sums + i * stride + v * LR_WORDS);
  for (int64_t t = 0; t < words; t++) {
    lr_words b[LR_VECTORS];
#pragma clang loop unroll(full)
    for (int v = 0; v < LR_VECTORS; v++)
      b[v] = LR_WORD_AT(panel + 4 * (t * LR(WIDTH) + v * LR_WORDS));
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
      lr_words word = LR_WORD(a + i * a_bytes + 4 * t);
#pragma clang loop unroll(full)
      for (int v = 0; v < LR_VECTORS; v++) s[i][v] = LR_ADD(s[i][v], b[v], word);
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int v = 0; v < LR_VECTORS; v++) LR_STORE(sums + i * stride + v * LR_WORDS, s[i][v]);
}

static void LR(tiles)(int64_t rows, const char *a, int64_t a_bytes, const char *panel,
                      int64_t words, float *sums, int64_t stride, int begins) {
  switch (rows) {
    case 6: LR(tile)(6, a, a_bytes, panel, words, sums, stride, begins); break;
    case 5: LR(tile)(5, a, a_bytes, panel, words, sums, stride, begins); break;
    case 4: LR(tile)(4, a, a_bytes, panel, words, sums, stride, begins); break;
    case 3: LR(tile)(3, a, a_bytes, panel, words, sums, stride, begins); break;
    case 2: LR(tile)(2, a, a_bytes, panel, words, sums, stride, begins); break;
    default: LR(tile)(1, a, a_bytes, panel, words, sums, stride, begins); break;
  }
}
