#include <math.h>

#include "lr_attention.h"
#include "lr_parallel.h"

#define LR_BODY "attention_forward_body.h"
#include "attention_plan.h"

typedef struct {
  const lr_attention *a;
  const lr_attention_unit *units;
  void *out;
  int64_t out_stride;
  float *log_sum_exp;
  int64_t query_rows;
} lr_forward_job;

#include "attention_each_isa.h"

void lr_attention_forward(const lr_attention *a, void *out, int64_t out_stride, float *log_sum_exp,
                          int64_t query_rows) {
  lr_attention_unit *units;
  int64_t count = lr_forward_units(a, &units);
  lr_forward_job job = {.a = a,
                        .units = units,
                        .out = out,
                        .out_stride = out_stride,
                        .log_sum_exp = log_sum_exp,
                        .query_rows = query_rows};
  lr_parallel(count, LR_PICK(a->type, lr_forward_unit), &job);
}
