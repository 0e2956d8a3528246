// The unit of a product for one instruction set and one width of panels. Before it come LR(name), LR_VECTORS across a
// panel, LR_WORDS in a vector, LR_STEP terms in a word, LR_TILE_OF words that are transposed together, and:
//   lr_sums                       a vector of f32 sums
//   lr_words, LR_WORD_AT(p)       a vector of words of a panel, read from aligned memory
//   LR_WORD(p)                    the word at p in every place
//   LR_ADD(sums, panel, word)     sums + panel · word
//   LR(transpose)(from, bytes, to, stride)   LR_TILE_OF rows of as many words, rows `bytes` apart, to rows `stride` words apart
//   LR(interleave)(from, bytes, to)          a row of a panel from LR_STEP rows

enum {
  LR(ROWS) = 6,
  LR(WIDTH) = LR_VECTORS * LR_WORDS,
  LR(TYPE) = LR_STEP == 2 ? LR_BF16 : LR_F32,  // what is multiplied
  LR(SIZE) = LR_STEP == 2 ? 2 : 4,
};

// sums += rows of a by a panel of words; the number of rows is known where this is inlined, so that sums stay in registers.
LR_INLINE void LR(tile)(const int rows, const char *a, int64_t a_bytes, const char *panel,
                        int64_t words, float *sums, int64_t stride, int begins) {
  lr_sums s[LR(ROWS)][LR_VECTORS];
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

// Writes finished sums to c: scaled, with the bias or what c holds added, rounded once.
static void LR(finish)(const lr_product *p, float *sums, int64_t stride, int64_t row,
                       int64_t column, int64_t rows, int64_t columns) {
  float room[LR(WIDTH)], held[LR(WIDTH)];
  const float *bias = 0;
  if (p->bias) {
    lr_view view = {.data = (void *)(uintptr_t)p->bias, .type = p->bias_type, .stride = 0};
    bias = lr_load(view, 0, column, columns, room);
  }
  for (int64_t i = 0; i < rows; i++) {
    float *sum = sums + i * stride;
    if (p->scale != 1)
      for (int64_t j = 0; j < columns; j++) sum[j] *= p->scale;
    if (bias)
      for (int64_t j = 0; j < columns; j++) sum[j] += bias[j];
    if (p->accumulates) {
      const float *c = lr_load(p->c, row + i, column, columns, held);
      for (int64_t j = 0; j < columns; j++) sum[j] += c[j];
    }
    LR(store)(p->c, row + i, column, columns, sum);
  }
}

// Packs a group of panels, `panel_bytes` apart, of the terms `term` and after and the columns of c from `column` on.
static void LR(pack)(const lr_factor *b, int64_t term, int64_t terms, int64_t column,
                     int64_t columns, char *stage, char *to, int64_t panel_bytes) {
  int64_t size = LR(SIZE), words = terms / LR_STEP;
  if (!b->transposed) {
    // As it lies: rows are terms.
    if (LR_STEP == 1 && lr_is_widened(b)) {
      for (int64_t q = 0; q < columns; q += LR(WIDTH), to += panel_bytes)
        for (int64_t t = 0; t < terms; t++)
          lr_widen_row(b, term + t, column + q, lr_least(LR(WIDTH), columns - q), LR(WIDTH),
                       (float *)to + t * LR(WIDTH));
      return;
    }
    int64_t width = lr_rounded(columns, LR(WIDTH)), bytes = b->row_bytes;
    const char *from = lr_in_place(b, LR(TYPE), term, column);
    if (!from || columns < width) {
      lr_stage(b, LR(TYPE), term, column, terms, columns, stage, terms, width);
      from = stage;
      bytes = width * size;
    }
    for (int64_t q = 0; q < width; q += LR(WIDTH), to += panel_bytes)
      for (int64_t t = 0; t < words; t++)
        LR(interleave)(from + LR_STEP * t * bytes + q * size, bytes, to + 4 * t * LR(WIDTH));
    return;
  }
  int64_t padded = lr_rounded(words, LR_TILE_OF);
  for (int64_t q = 0; q < columns; q += LR(WIDTH), to += panel_bytes) {
    const char *from = lr_in_place(b, LR(TYPE), column + q, term);
    int64_t bytes = b->row_bytes, count = lr_least(LR(WIDTH), columns - q);
    if (!from || count < LR(WIDTH) || padded != words) {
      lr_stage(b, LR(TYPE), column + q, term, count, terms, stage, LR(WIDTH), padded * LR_STEP);
      from = stage;
      bytes = padded * LR_STEP * size;
    }
    for (int64_t j = 0; j < LR(WIDTH); j += LR_TILE_OF)
      for (int64_t t = 0; t < padded; t += LR_TILE_OF)
        LR(transpose)(from + j * bytes + 4 * t, bytes, to + 4 * (t * LR(WIDTH) + j), LR(WIDTH));
  }
}

// What a panel takes of so many terms, and a group of panels as it is staged.
LR_INLINE int64_t LR(panel_bytes)(int64_t terms) {
  return 4 * LR(WIDTH) * lr_rounded(terms / LR_STEP, LR_TILE_OF);
}

LR_INLINE int64_t LR(stage_bytes)(const lr_factor *b, int64_t terms, int64_t width) {
  return lr_rounded(b->transposed ? LR(panel_bytes)(terms) : LR(SIZE) * terms * width, 64);
}

// A few rows of a left factor in the type that is multiplied: where they lie, or widened to `room`.
typedef struct {
  const char *rows;
  int64_t bytes;              // from a row to the next
} LR(left);

LR_INLINE LR(left) LR(left_of)(lr_view a, int64_t row, int64_t rows, int64_t term, int64_t terms,
                               float *room) {
  if (a.type == LR(TYPE))
    return (LR(left)){(const char *)lr_at(a, row, term), a.stride * LR(SIZE)};
  for (int64_t i = 0; i < rows; i++) lr_load(a, row + i, term, terms, room + i * terms);
  return (LR(left)){(const char *)room, 4 * terms};
}

static void LR(unit)(void *context, int64_t unit) {
  const lr_cut *cut = context;
  const lr_product *p = cut->p;
  int64_t column = unit % cut->groups * cut->group * LR(WIDTH), row = unit / cut->groups * cut->rows;
  int64_t columns = lr_least(cut->group * LR(WIDTH), p->n - column);
  int64_t rows = lr_least(cut->rows, p->m - row);
  int64_t panels = (columns + LR(WIDTH) - 1) / LR(WIDTH), width = panels * LR(WIDTH);
  int64_t most = lr_least(cut->chunk, p->k), chunks = (p->k + cut->chunk - 1) / cut->chunk;
  int64_t panel_bytes = LR(panel_bytes)(most), low_bytes = LR(panel_bytes)(p->rank);
  int64_t stage_bytes = LR(stage_bytes)(&p->b, most, width);
  if (p->rank > 0 && stage_bytes < LR(stage_bytes)(&p->u, p->rank, width))
    stage_bytes = LR(stage_bytes)(&p->u, p->rank, width);
  int64_t sums_rows = chunks > 1 ? rows : LR(ROWS);
  int64_t widened = p->inputs == LR(TYPE) ? 0 : LR(ROWS) * (most > p->rank ? most : p->rank);
  char *memory = lr_scratch(LR_SCRATCH_UNIT,
                            (size_t)(panels * (panel_bytes + low_bytes) + stage_bytes +
                                     4 * (sums_rows * width + widened)));
  char *low = memory + panels * panel_bytes, *stage = low + panels * low_bytes;
  float *sums = (float *)(stage + stage_bytes), *room = sums + sums_rows * width;
  lr_view a = {.data = (void *)(uintptr_t)p->a, .type = p->inputs, .stride = p->a_stride};
  lr_view z = {.data = (void *)(uintptr_t)p->z, .type = p->inputs, .stride = p->z_stride};
  if (p->rank > 0)
    LR(pack)(&p->u, 0, p->rank, column, columns, stage, low, low_bytes);
  for (int64_t chunk = 0; chunk < chunks; chunk++) {
    int64_t term = chunk * cut->chunk, terms = lr_least(cut->chunk, p->k - term);
    LR(pack)(&p->b, term, terms, column, columns, stage, memory, panel_bytes);
    for (int64_t i = 0; i < rows; i += LR(ROWS)) {
      int64_t count = lr_least(LR(ROWS), rows - i);
      float *part = chunks > 1 ? sums + i * width : sums;
      LR(left) left = LR(left_of)(a, row + i, count, term, terms, room);
      for (int64_t q = 0; q < panels; q++)
        LR(tiles)(count, left.rows, left.bytes, memory + q * panel_bytes, terms / LR_STEP,
                  part + q * LR(WIDTH), width, chunk == 0);
      if (chunk < chunks - 1) continue;
      if (p->rank > 0) left = LR(left_of)(z, row + i, count, 0, p->rank, room);
      for (int64_t q = 0; q < panels; q++) {
        float *sum = part + q * LR(WIDTH);
        if (p->rank > 0)
          LR(tiles)(count, left.rows, left.bytes, low + q * low_bytes, p->rank / LR_STEP, sum, width,
                    0);
        LR(finish)(p, sum, width, row + i, column + q * LR(WIDTH), count,
                   lr_least(LR(WIDTH), columns - q * LR(WIDTH)));
      }
    }
  }
}

#undef LR
#undef LR_VECTORS
