// The unit of a product for one instruction set and one width of panels. Before it come LR(name), LR(WIDTH) columns of a panel
// and LR(ROW) words from a row of it to the next, LR_STEP terms in a word, LR_TILE_OF words that are transposed together, LR_ROWS
// of a left factor that are multiplied at a time, LR_ROWS_TOGETHER and LR_TERMS_TOGETHER that have to be there (zeros where a
// factor ends), and:
//   LR(place)(row, column)                   where a word is in a panel
//   LR(tiles)(rows, a, bytes, panel, words, sums, stride, begins)   sums = or += rows of a, `bytes` apart, by a panel
//   LR(transpose)(from, bytes, to, stride)   LR_TILE_OF rows of as many words, rows `bytes` apart, to rows `stride` words apart
//   LR(interleave)(from, bytes, to)          a row of a panel from LR_STEP rows
//   LR(store)(c, row, column, columns, sums) a row of sums as numbers of c

enum {
  LR(TYPE) = LR_STEP == 2 ? LR_BF16 : LR_F32,  // what is multiplied
  LR(SIZE) = LR_STEP == 2 ? 2 : 4,
};

// Writes finished sums to c: scaled, with the bias or what c holds added, rounded once. The number of columns is known where
// this is inlined for whole panels.
LR_INLINE void LR(finish_columns)(const lr_product *p, float *sums, int64_t stride, int64_t row,
                                  int64_t column, int64_t rows, const int64_t columns) {
  float room[LR(WIDTH)], held[LR(WIDTH)];
  const float *bias = 0;
  if (p->bias) {
    lr_view view = {.data = (void *)(uintptr_t)p->bias, .type = p->bias_type, .stride = 0};
    bias = lr_load(view, 0, column, columns, room);
  }
  const int is_plain = p->scale == 1 && !bias && !p->accumulates;
  for (int64_t i = 0; i < rows; i++) {
    float *sum = sums + i * stride;
    if (!is_plain) {
      const float *c = p->accumulates ? lr_load(p->c, row + i, column, columns, held) : 0;
      LR_ELEMENTS for (int64_t j = 0; j < columns; j++)
        sum[j] = sum[j] * p->scale + (bias ? bias[j] : 0) + (c ? c[j] : 0);
    }
    LR(store)(p->c, row + i, column, columns, sum);
  }
}

static void LR(finish)(const lr_product *p, float *sums, int64_t stride, int64_t row,
                       int64_t column, int64_t rows, int64_t columns) {
  if (columns == LR(WIDTH)) LR(finish_columns)(p, sums, stride, row, column, rows, LR(WIDTH));
  else LR(finish_columns)(p, sums, stride, row, column, rows, columns);
}

// Words of so many terms; the last one of an odd number ends with a zero.
LR_INLINE int64_t LR(words)(int64_t terms) { return (terms + LR_STEP - 1) / LR_STEP; }

// Packs a group of panels, `panel_bytes` apart, of the terms `term` and after and the columns of c from `column` on.
static void LR(pack)(const lr_factor *b, int64_t term, int64_t terms, int64_t column,
                     int64_t columns, char *stage, char *to, int64_t panel_bytes) {
  int64_t size = LR(SIZE), words = LR(words)(terms);
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
    if (!from || columns < width || terms % LR_STEP) {
      lr_stage(b, LR(TYPE), term, column, terms, columns, stage, words * LR_STEP, width);
      from = stage;
      bytes = width * size;
    }
    int64_t whole = lr_rounded(terms, LR_TERMS_TOGETHER) / LR_STEP;
    for (int64_t q = 0; q < width; q += LR(WIDTH), to += panel_bytes) {
      for (int64_t t = 0; t < words; t++)
        LR(interleave)(from + LR_STEP * t * bytes + q * size, bytes, to + 4 * LR(place)(t, 0));
      for (int64_t t = words; t < whole; t++)
        for (int64_t j = 0; j < LR(WIDTH); j += LR(ROW)) memset(to + 4 * LR(place)(t, j), 0, 4 * LR(ROW));
    }
    return;
  }
  int64_t padded = lr_rounded(words, LR_TILE_OF);
  for (int64_t q = 0; q < columns; q += LR(WIDTH), to += panel_bytes) {
    const char *from = lr_in_place(b, LR(TYPE), column + q, term);
    int64_t bytes = b->row_bytes, count = lr_least(LR(WIDTH), columns - q);
    if (!from || count < LR(WIDTH) || padded * LR_STEP != terms) {
      lr_stage(b, LR(TYPE), column + q, term, count, terms, stage, LR(WIDTH), padded * LR_STEP);
      from = stage;
      bytes = padded * LR_STEP * size;
    }
    for (int64_t j = 0; j < LR(WIDTH); j += LR_TILE_OF)
      for (int64_t t = 0; t < padded; t += LR_TILE_OF)
        LR(transpose)(from + j * bytes + 4 * t, bytes, to + 4 * LR(place)(t, j), LR(ROW));
  }
}

// What a panel takes of so many terms, and a group of panels as it is staged.
LR_INLINE int64_t LR(panel_bytes)(int64_t terms) {
  return 4 * LR(WIDTH) * lr_rounded(LR(words)(terms), LR_TILE_OF);
}

LR_INLINE int64_t LR(stage_bytes)(const lr_factor *b, int64_t terms, int64_t width) {
  return lr_rounded(b->transposed ? LR(panel_bytes)(terms) : 4 * LR(words)(terms) * width, 64);
}

// A few rows of a left factor in the type that is multiplied: where they lie, or widened or padded in `room`.
typedef struct {
  const char *rows;
  int64_t bytes;              // from a row to the next
} LR(left);

LR_INLINE LR(left) LR(left_of)(lr_view a, int64_t row, int64_t rows, int64_t term, int64_t terms,
                               char *room) {
  int64_t padded = lr_rounded(terms, LR_TERMS_TOGETHER), bytes = padded * LR(SIZE);
  if (a.type == LR(TYPE) && padded == terms && rows % LR_ROWS_TOGETHER == 0)
    return (LR(left)){(const char *)lr_at(a, row, term), a.stride * LR(SIZE)};
  for (int64_t i = 0; i < rows; i++) {
    if (a.type == LR(TYPE)) memcpy(room + i * bytes, lr_at(a, row + i, term), (size_t)(terms * LR(SIZE)));
    else lr_load(a, row + i, term, terms, (float *)(room + i * bytes));
    memset(room + i * bytes + terms * LR(SIZE), 0, (size_t)((padded - terms) * LR(SIZE)));
  }
  int64_t whole = lr_rounded(rows, LR_ROWS_TOGETHER);
  memset(room + rows * bytes, 0, (size_t)((whole - rows) * bytes));
  return (LR(left)){room, bytes};
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
  // Sums of all rows wait for the next chunk; else each panel's are finished at once.
  int64_t waiting = chunks > 1 ? lr_rounded(rows, LR_ROWS) : LR_ROWS, stride = chunks > 1 ? width : LR(WIDTH);
  int64_t room_bytes = lr_rounded(LR_ROWS * LR(SIZE) * lr_rounded(most, LR_TERMS_TOGETHER), 64);
  int64_t low_room = LR_ROWS * LR(SIZE) * lr_rounded(p->rank, LR_TERMS_TOGETHER);
  char *memory = lr_scratch(LR_SCRATCH_UNIT,
                            (size_t)(panels * (panel_bytes + low_bytes) + stage_bytes +
                                     4 * waiting * stride + room_bytes + low_room));
  char *low = memory + panels * panel_bytes, *stage = low + panels * low_bytes;
  float *sums = (float *)(stage + stage_bytes);
  char *room = (char *)(sums + waiting * stride);
  lr_view a = {.data = (void *)(uintptr_t)p->a, .type = p->inputs, .stride = p->a_stride};
  lr_view z = {.data = (void *)(uintptr_t)p->z, .type = p->inputs, .stride = p->z_stride};
  if (p->rank > 0)
    LR(pack)(&p->u, 0, p->rank, column, columns, stage, low, low_bytes);
  for (int64_t chunk = 0; chunk < chunks; chunk++) {
    int64_t term = chunk * cut->chunk, terms = lr_least(cut->chunk, p->k - term);
    int is_last = chunk == chunks - 1;
    LR(pack)(&p->b, term, terms, column, columns, stage, memory, panel_bytes);
    for (int64_t i = 0; i < rows; i += LR_ROWS) {
      int64_t count = lr_least(LR_ROWS, rows - i);
      LR(left) left = LR(left_of)(a, row + i, count, term, terms, room), inner = left;
      if (is_last && p->rank > 0)
        inner = LR(left_of)(z, row + i, count, 0, p->rank, room + room_bytes);
      for (int64_t q = 0; q < panels; q++) {
        float *sum = chunks > 1 ? sums + i * width + q * LR(WIDTH) : sums;
        LR(tiles)(count, left.rows, left.bytes, memory + q * panel_bytes, LR(words)(terms), sum, stride,
                  chunk == 0);
        if (!is_last) continue;
        if (p->rank > 0)
          LR(tiles)(count, inner.rows, inner.bytes, low + q * low_bytes, LR(words)(p->rank), sum, stride, 0);
        LR(finish)(p, sum, stride, row + i, column + q * LR(WIDTH), count,
                   lr_least(LR(WIDTH), columns - q * LR(WIDTH)));
      }
    }
  }
}

#undef LR
#undef LR_VECTORS
