#include "lr_rows.h"

#include "lr_kernel.h"

typedef struct {
  lr_grid grid;
  lr_view from, to;
  const int32_t *ids;
} work;

LR_CLONES static void gather_unit(void *context, int64_t unit) {
  const work *w = context;
  float room[LR_TILE];
  for (lr_tile t = lr_first(&w->grid, unit); t.count > 0; lr_next(&t))
    lr_store(w->to, t.row, t.column, t.count,
             lr_load(w->from, w->ids[t.row], t.column, t.count, room));
}

LR_CLONES static void put_unit(void *context, int64_t unit) {
  const work *w = context;
  float room[LR_TILE];
  for (lr_tile t = lr_first(&w->grid, unit); t.count > 0; lr_next(&t))
    lr_store(w->to, w->ids[t.row], t.column, t.count,
             lr_load(w->from, t.row, t.column, t.count, room));
}

void lr_gather(lr_view table, const int32_t *ids, lr_view out, int64_t rows, int64_t columns) {
  work w = {.grid = lr_grid_of(rows, columns), .from = table, .to = out, .ids = ids};
  lr_parallel(lr_units(&w.grid), gather_unit, &w);
}

void lr_put(lr_view rows, const int32_t *ids, lr_view table, int64_t count, int64_t columns) {
  work w = {.grid = lr_grid_of(count, columns), .from = rows, .to = table, .ids = ids};
  lr_parallel(lr_units(&w.grid), put_unit, &w);
}

enum { STRIPE = 64 };

// A stripe of columns belongs to one unit, which adds all rows in their order: ids may repeat.
LR_CLONES static void scatter_unit(void *context, int64_t unit) {
  const work *w = context;
  float room[STRIPE];
  int64_t column = unit * STRIPE, count = lr_least(STRIPE, w->grid.columns - column);
  for (int64_t row = 0; row < w->grid.rows; row++) {
    const float *from = lr_load(w->from, row, column, count, room);
    float *to = lr_at(w->to, w->ids[row], column);
    LR_ELEMENTS for (int64_t i = 0; i < count; i++) to[i] += from[i];
  }
}

void lr_scatter_add(lr_view rows, const int32_t *ids, lr_view table, int64_t count,
                    int64_t columns) {
  work w = {.grid = {.rows = count, .columns = columns}, .from = rows, .to = table, .ids = ids};
  lr_parallel((columns + STRIPE - 1) / STRIPE, scatter_unit, &w);
}
