#include "lr_activation.h"

#include "lr_functions.h"
#include "lr_kernel.h"

typedef struct {
  lr_grid grid;
  lr_view x, other, out, d_out, dx, d_other;
} work;

#define LR_FORWARD(name, function)                                                         \
  LR_CLONES static void name(void *context, int64_t unit) {                                \
    const work *w = context;                                                               \
    float rooms[3][LR_TILE];                                                               \
    for (lr_tile t = lr_first(&w->grid, unit); t.count > 0; lr_next(&t)) {                 \
      const float *x = lr_load(w->x, t.row, t.column, t.count, rooms[0]);                  \
      float *out = lr_room(w->out, t.row, t.column, rooms[1]);                             \
      if (w->other.data) {                                                                 \
        const float *other = lr_load(w->other, t.row, t.column, t.count, rooms[2]);        \
        LR_ELEMENTS for (int64_t i = 0; i < t.count; i++)                                  \
          out[i] = function(x[i]).value * other[i];                                        \
      } else {                                                                             \
        LR_ELEMENTS for (int64_t i = 0; i < t.count; i++) out[i] = function(x[i]).value;   \
      }                                                                                    \
      lr_store(w->out, t.row, t.column, t.count, out);                                     \
    }                                                                                      \
  }

LR_FORWARD(gelu, lr_gelu)
LR_FORWARD(gelu_tanh, lr_gelu_tanh)
LR_FORWARD(silu, lr_silu)
LR_FORWARD(relu, lr_relu)
LR_FORWARD(tanh_unit, lr_tanh)
LR_FORWARD(softplus, lr_softplus)

#define LR_BACKWARD(name, function)                                                        \
  LR_CLONES static void name(void *context, int64_t unit) {                                \
    const work *w = context;                                                               \
    float rooms[5][LR_TILE];                                                               \
    for (lr_tile t = lr_first(&w->grid, unit); t.count > 0; lr_next(&t)) {                 \
      const float *x = lr_load(w->x, t.row, t.column, t.count, rooms[0]);                  \
      const float *d_out = lr_load(w->d_out, t.row, t.column, t.count, rooms[1]);          \
      float *dx = lr_room(w->dx, t.row, t.column, rooms[2]);                               \
      if (w->other.data) {                                                                 \
        const float *other = lr_load(w->other, t.row, t.column, t.count, rooms[3]);        \
        float *d_other = lr_room(w->d_other, t.row, t.column, rooms[4]);                   \
        LR_ELEMENTS for (int64_t i = 0; i < t.count; i++) {                                \
          lr_pair f = function(x[i]);                                                      \
          dx[i] = d_out[i] * other[i] * f.slope;                                           \
          d_other[i] = d_out[i] * f.value;                                                 \
        }                                                                                  \
        lr_store(w->d_other, t.row, t.column, t.count, d_other);                           \
      } else {                                                                             \
        LR_ELEMENTS for (int64_t i = 0; i < t.count; i++)                                  \
          dx[i] = d_out[i] * function(x[i]).slope;                                         \
      }                                                                                    \
      lr_store(w->dx, t.row, t.column, t.count, dx);                                       \
    }                                                                                      \
  }

LR_BACKWARD(gelu_backward, lr_gelu)
LR_BACKWARD(gelu_tanh_backward, lr_gelu_tanh)
LR_BACKWARD(silu_backward, lr_silu)
LR_BACKWARD(relu_backward, lr_relu)
LR_BACKWARD(tanh_backward, lr_tanh)
LR_BACKWARD(softplus_backward, lr_softplus)

static void (*const forward[])(void *, int64_t) = {gelu, gelu_tanh, silu,
                                                   relu, tanh_unit, softplus};
static void (*const backward[])(void *, int64_t) = {gelu_backward, gelu_tanh_backward,
                                                    silu_backward, relu_backward, tanh_backward,
                                                    softplus_backward};

void lr_activation(lr_function f, lr_view x, lr_view other, lr_view out, int64_t rows,
                   int64_t columns) {
  work w = {.grid = lr_grid_of(rows, columns), .x = x, .other = other, .out = out};
  lr_parallel(lr_units(&w.grid), forward[f], &w);
}

void lr_activation_backward(lr_function f, lr_view x, lr_view other, lr_view d_out, lr_view dx,
                            lr_view d_other, int64_t rows, int64_t columns) {
  work w = {.grid = lr_grid_of(rows, columns), .x = x, .other = other, .d_out = d_out, .dx = dx,
            .d_other = d_other};
  lr_parallel(lr_units(&w.grid), backward[f], &w);
}
