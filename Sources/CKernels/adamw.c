#include "lr_adamw.h"

#include <math.h>

#include "lr_kernel.h"

typedef struct {
  lr_grid grid;
  lr_adamw_step step;
  const float *gradient;
  float *value, *first, *second;
} work;

LR_CLONES static void unit(void *context, int64_t index) {
  const work *w = context;
  const lr_adamw_step s = w->step;
  for (lr_tile t = lr_first(&w->grid, index); t.count > 0; lr_next(&t)) {
    const float *gradient = w->gradient + t.column;
    float *value = w->value + t.column;
    float *first = w->first + t.column, *second = w->second + t.column;
    LR_ELEMENTS for (int64_t i = 0; i < t.count; i++) {
      float g = gradient[i] * s.gradient_scale;
      float m = s.beta1 * first[i] + (1 - s.beta1) * g;
      float v = s.beta2 * second[i] + (1 - s.beta2) * g * g;
      first[i] = m;
      second[i] = v;
      value[i] = value[i] * s.keep - s.step * m / (sqrtf(v) * s.root + s.epsilon);
    }
  }
}

void lr_adamw(const lr_adamw_step *step, const float *gradient, float *value, float *first,
              float *second, int64_t count) {
  work w = {.grid = lr_grid_of(1, count), .step = *step, .gradient = gradient, .value = value,
            .first = first, .second = second};
  lr_parallel(lr_units(&w.grid), unit, &w);
}
