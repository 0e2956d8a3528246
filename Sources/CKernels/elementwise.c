#include "lr_elementwise.h"

#include "lr_kernel.h"

typedef struct {
  lr_grid grid;
  lr_view a, b, out;
  float scale;
  const float *vector;
} work;

// Rows that follow each other without a gap are one long row.
static void start(work *w, int64_t rows, int64_t columns, int operands,
                  void (*unit)(void *, int64_t)) {
  int whole = w->out.stride == columns && w->a.stride == columns &&
              (operands < 2 || w->b.stride == columns) && !w->vector;
  w->grid = whole ? lr_grid_of(1, rows * columns) : lr_grid_of(rows, columns);
  lr_parallel(lr_units(&w->grid), unit, w);
}

LR_CLONES static void copy_unit(void *context, int64_t unit) {
  const work *w = context;
  float room[LR_TILE];
  for (lr_tile t = lr_first(&w->grid, unit); t.count > 0; lr_next(&t))
    lr_store(w->out, t.row, t.column, t.count, lr_load(w->a, t.row, t.column, t.count, room));
}

#define LR_BINARY(name, expression)                                          \
  LR_CLONES static void name(void *context, int64_t unit) {                  \
    const work *w = context;                                                 \
    const float scale = w->scale;                                            \
    (void)scale;                                                             \
    float rooms[3][LR_TILE];                                                 \
    for (lr_tile t = lr_first(&w->grid, unit); t.count > 0; lr_next(&t)) {   \
      const float *a = lr_load(w->a, t.row, t.column, t.count, rooms[0]);    \
      const float *b = lr_load(w->b, t.row, t.column, t.count, rooms[1]);    \
      float *out = lr_room(w->out, t.row, t.column, rooms[2]);               \
      LR_ELEMENTS for (int64_t i = 0; i < t.count; i++) out[i] = expression; \
      lr_store(w->out, t.row, t.column, t.count, out);                       \
    }                                                                        \
  }

LR_BINARY(add_unit, a[i] + scale * b[i])
LR_BINARY(multiply_unit, a[i] * b[i])
LR_BINARY(divide_unit, a[i] / b[i])

LR_CLONES static void scale_unit(void *context, int64_t unit) {
  const work *w = context;
  const float scale = w->scale;
  float rooms[2][LR_TILE];
  for (lr_tile t = lr_first(&w->grid, unit); t.count > 0; lr_next(&t)) {
    const float *a = lr_load(w->a, t.row, t.column, t.count, rooms[0]);
    float *out = lr_room(w->out, t.row, t.column, rooms[1]);
    LR_ELEMENTS for (int64_t i = 0; i < t.count; i++) out[i] = scale * a[i];
    lr_store(w->out, t.row, t.column, t.count, out);
  }
}

LR_CLONES static void scale_columns_unit(void *context, int64_t unit) {
  const work *w = context;
  float rooms[2][LR_TILE];
  for (lr_tile t = lr_first(&w->grid, unit); t.count > 0; lr_next(&t)) {
    const float *a = lr_load(w->a, t.row, t.column, t.count, rooms[0]);
    const float *vector = w->vector + t.column;
    float *out = lr_room(w->out, t.row, t.column, rooms[1]);
    LR_ELEMENTS for (int64_t i = 0; i < t.count; i++) out[i] = vector[i] * a[i];
    lr_store(w->out, t.row, t.column, t.count, out);
  }
}

LR_CLONES static void scale_rows_unit(void *context, int64_t unit) {
  const work *w = context;
  float rooms[2][LR_TILE];
  for (lr_tile t = lr_first(&w->grid, unit); t.count > 0; lr_next(&t)) {
    const float *a = lr_load(w->a, t.row, t.column, t.count, rooms[0]);
    const float scale = w->vector[t.row];
    float *out = lr_room(w->out, t.row, t.column, rooms[1]);
    LR_ELEMENTS for (int64_t i = 0; i < t.count; i++) out[i] = scale * a[i];
    lr_store(w->out, t.row, t.column, t.count, out);
  }
}

LR_CLONES static void clear_unit(void *context, int64_t unit) {
  const work *w = context;
  const float zeros[LR_TILE] = {0};
  for (lr_tile t = lr_first(&w->grid, unit); t.count > 0; lr_next(&t))
    lr_store(w->out, t.row, t.column, t.count, zeros);
}

LR_CLONES static void fill_unit(void *context, int64_t unit) {
  const work *w = context;
  for (lr_tile t = lr_first(&w->grid, unit); t.count > 0; lr_next(&t))
    lr_store(w->out, t.row, t.column, t.count, w->vector + t.column);
}

void lr_copy(lr_view a, lr_view out, int64_t rows, int64_t columns) {
  work w = {.a = a, .out = out};
  start(&w, rows, columns, 1, copy_unit);
}

void lr_add(lr_view a, lr_view b, float scale, lr_view out, int64_t rows, int64_t columns) {
  work w = {.a = a, .b = b, .out = out, .scale = scale};
  start(&w, rows, columns, 2, add_unit);
}

void lr_multiply(lr_view a, lr_view b, lr_view out, int64_t rows, int64_t columns) {
  work w = {.a = a, .b = b, .out = out};
  start(&w, rows, columns, 2, multiply_unit);
}

void lr_divide(lr_view a, lr_view b, lr_view out, int64_t rows, int64_t columns) {
  work w = {.a = a, .b = b, .out = out};
  start(&w, rows, columns, 2, divide_unit);
}

void lr_scale(lr_view a, float factor, lr_view out, int64_t rows, int64_t columns) {
  work w = {.a = a, .out = out, .scale = factor};
  start(&w, rows, columns, 1, scale_unit);
}

void lr_scale_columns(lr_view a, const float *vector, lr_view out, int64_t rows, int64_t columns) {
  work w = {.a = a, .out = out, .vector = vector};
  start(&w, rows, columns, 1, scale_columns_unit);
}

void lr_scale_rows(lr_view a, const float *vector, lr_view out, int64_t rows, int64_t columns) {
  work w = {.a = a, .out = out, .vector = vector};
  start(&w, rows, columns, 1, scale_rows_unit);
}

void lr_clear(lr_view out, int64_t rows, int64_t columns) {
  work w = {.a = out, .out = out};
  start(&w, rows, columns, 1, clear_unit);
}

void lr_fill_rows(const float *vector, lr_view out, int64_t rows, int64_t columns) {
  work w = {.a = out, .out = out, .vector = vector};
  start(&w, rows, columns, 1, fill_unit);
}
