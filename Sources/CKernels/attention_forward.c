#include <math.h>

#include "attention_ahead.h"
#include "attention_plan.h"
#include "lr_attention.h"
#include "lr_parallel.h"

typedef struct {
  const lr_attention *a;
  const lr_attention_unit *units;
  void *out;
  int64_t out_stride;
  float *log_sum_exp;
  int64_t query_rows;
  int64_t unit_count, threads;
} lr_forward_job;

// Queries of a forward unit, and keys they see.
static lr_range lr_unit_queries(const lr_attention *a, const lr_attention_unit *unit) {
  int64_t group = a->heads / a->kv_heads;
  int64_t first = unit->first / group, last = (unit->first + unit->count - 1) / group + 1;
  return lr_clip(first * LR_PANEL, last * LR_PANEL, a->segments[unit->segment].query_count);
}

static lr_range lr_unit_keys(const lr_attention *a, const lr_attention_unit *unit) {
  const lr_segment *s = &a->segments[unit->segment];
  lr_range queries = lr_unit_queries(a, unit);
  return lr_band_columns(lr_band_at(a, s, 0, 0), queries.begin, queries.end, s->key_count);
}

// What this unit will write, and what the unit will read that this thread probably takes next.
static lr_ahead lr_forward_ahead(const lr_forward_job *job, int64_t index) {
  const lr_attention *a = job->a;
  lr_ahead ahead = {.count = 0};
  int64_t group = a->heads / a->kv_heads, size = a->head_size;
  const lr_attention_unit *unit = &job->units[index];
  lr_range queries = lr_unit_queries(a, unit);
  lr_ahead_add(&ahead, a, job->out, job->out_stride,
               a->segments[unit->segment].query_start + queries.begin, unit->kv_head * group * size,
               queries.end - queries.begin);
  if (index + job->threads >= job->unit_count) return ahead;
  unit = &job->units[index + job->threads];
  queries = lr_unit_queries(a, unit);
  lr_range keys = lr_unit_keys(a, unit);
  const lr_segment *s = &a->segments[unit->segment];
  int64_t row = s->key_start + keys.begin, count = keys.end - keys.begin;
  if (!s->pages) {
    lr_ahead_add(&ahead, a, a->k, a->k_stride, row, unit->kv_head * size, count);
    lr_ahead_add(&ahead, a, a->v, a->v_stride, row, unit->kv_head * size, count);
  }
  lr_ahead_add(&ahead, a, a->q, a->q_stride, s->query_start + queries.begin,
               unit->kv_head * group * size, queries.end - queries.begin);
  return ahead;
}

#define LR_BODY "attention_forward_body.h"
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
                        .query_rows = query_rows,
                        .unit_count = count,
                        .threads = lr_threads()};
  lr_parallel(count, LR_PICK(a->type, lr_forward_unit), &job);
}
