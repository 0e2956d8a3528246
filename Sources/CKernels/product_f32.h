// Products of f32 for one instruction set and one width of panels: a word is a term. Before it come LR(name),
// LR_MM(operation) and LR_TURN of that set, LR_VECTORS and LR_WORDS.
#ifndef LR_STEP
#define LR_STEP 1
#define LR_TILE_OF LR_WORDS
#define LR_ZERO LR_MM(setzero_ps)()
#define LR_LOAD(p) LR_MM(loadu_ps)(p)
#define LR_STORE(p, v) LR_MM(storeu_ps)(p, v)
#define LR_WORD_AT(p) LR_MM(load_ps)((const float *)(p))
#define LR_WORD(p) LR_MM(set1_ps)(*(const float *)(p))
#define LR_ADD(s, b, w) LR_MM(fmadd_ps)(b, w, s)

typedef lr_sums lr_words;
#endif

LR_INLINE void LR(transpose)(const char *from, int64_t bytes, char *to, int64_t stride) {
  LR_TURN(from, bytes, to, stride);
}

LR_INLINE void LR(interleave)(const char *from, int64_t bytes, char *to) {
  (void)bytes;
  for (int v = 0; v < LR_VECTORS; v++)
    LR_MM(store_ps)((float *)to + LR_WORDS * v, LR_MM(loadu_ps)((const float *)from + LR_WORDS * v));
}

LR_INLINE void LR(store)(lr_view c, int64_t row, int64_t column, int64_t columns,
                         const float *sums) {
  lr_store(c, row, column, columns, sums);
}

#include "product_vectors.h"
#include "product_body.h"
