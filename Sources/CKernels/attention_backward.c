#include <sched.h>
#include <stdatomic.h>

#include "attention_ahead.h"
#include "attention_plan.h"
#include "lr_attention.h"
#include "lr_parallel.h"
#include "lr_scratch.h"

typedef struct {
  const lr_attention *a;
  const lr_attention_unit *units;
  const void *out, *d_out;
  int64_t out_stride, d_out_stride;
  const float *log_sum_exp;
  int64_t query_rows;
  int64_t unit_count, threads;
  void *dq, *dk, *dv;
  int64_t dq_stride, dk_stride, dv_stride;
  float *d_of_queries, *d_of_keys;
  // Of split heads only: dQ before scaling, and how many panels each tile of keys has added to it.
  float *d_queries;
  _Atomic int64_t *progress;
  int64_t tiles;
} lr_backward_job;

static _Atomic int64_t *progress_of(const lr_backward_job *job, const lr_attention_unit *unit,
                                    int64_t tile) {
  int64_t base = (int64_t)unit->segment * job->a->kv_heads + unit->kv_head;
  return &job->progress[base * job->tiles + tile];
}

// Tells units of later tiles that this tile has added to the first `panels` of the group's panels.
static void lr_advance(const lr_backward_job *job, const lr_attention_unit *unit, int64_t tile,
                       int64_t panels) {
  if (job->progress)
    atomic_store_explicit(progress_of(job, unit, tile), panels, memory_order_release);
}

// Returns when `tile` has added to panel number `panel` of the group.
static void lr_await(const lr_backward_job *job, const lr_attention_unit *unit, int64_t tile,
                     int64_t panel) {
  if (!job->progress) return;
  _Atomic int64_t *progress = progress_of(job, unit, tile);
  for (int tries = 0; atomic_load_explicit(progress, memory_order_acquire) <= panel; tries++)
    if (tries > 1000) sched_yield();
}

// What this unit will write, and what the unit will read that this thread probably takes next.
static lr_ahead lr_backward_ahead(const lr_backward_job *job, int64_t index) {
  const lr_attention *a = job->a;
  lr_ahead ahead = {.count = 0};
  int64_t group = a->heads / a->kv_heads, size = a->head_size;
  const lr_attention_unit *unit = &job->units[index];
  const lr_segment *s = &a->segments[unit->segment];
  int64_t key = unit->first * LR_BACKWARD_KEYS;
  int64_t keys = lr_min(unit->count * LR_BACKWARD_KEYS, s->key_count - key);
  int64_t column = unit->kv_head * size;
  lr_ahead_add(&ahead, a, job->dk, job->dk_stride, s->key_start + key, column, keys);
  lr_ahead_add(&ahead, a, job->dv, job->dv_stride, s->key_start + key, column, keys);
  lr_range rows = lr_tile_queries(a, s, unit->first, unit->first + unit->count);
  lr_ahead_add(&ahead, a, job->dq, job->dq_stride, s->query_start + rows.begin, column * group,
               rows.end - rows.begin);
  if (index + job->threads >= job->unit_count) return ahead;
  unit = &job->units[index + job->threads];
  s = &a->segments[unit->segment];
  key = unit->first * LR_BACKWARD_KEYS;
  keys = lr_min(unit->count * LR_BACKWARD_KEYS, s->key_count - key);
  column = unit->kv_head * size;
  rows = lr_tile_queries(a, s, unit->first, unit->first + unit->count);
  int64_t row = s->query_start + rows.begin, count = rows.end - rows.begin;
  lr_ahead_add(&ahead, a, job->out, job->out_stride, row, column * group, count);
  lr_ahead_add(&ahead, a, job->d_out, job->d_out_stride, row, column * group, count);
  lr_ahead_add(&ahead, a, a->k, a->k_stride, s->key_start + key, column, keys);
  lr_ahead_add(&ahead, a, a->v, a->v_stride, s->key_start + key, column, keys);
  lr_ahead_add(&ahead, a, a->q, a->q_stride, row, column * group, count);
  return ahead;
}

#define LR_BODY "attention_backward_body.h"
#include "attention_each_isa.h"

void lr_attention_backward(const lr_attention *a, const void *out, int64_t out_stride,
                           const void *d_out, int64_t d_out_stride, const float *log_sum_exp,
                           int64_t query_rows, void *dq, int64_t dq_stride, void *dk,
                           int64_t dk_stride, void *dv, int64_t dv_stride,
                           float *d_of_queries, float *d_of_keys) {
  lr_backward_job job = {.a = a,
                         .out = out,
                         .out_stride = out_stride,
                         .d_out = d_out,
                         .d_out_stride = d_out_stride,
                         .log_sum_exp = log_sum_exp,
                         .query_rows = query_rows,
                         .dq = dq,
                         .dq_stride = dq_stride,
                         .dk = dk,
                         .dk_stride = dk_stride,
                         .dv = dv,
                         .dv_stride = dv_stride,
                         .d_of_queries = d_of_queries,
                         .d_of_keys = d_of_keys};
  size_t d_queries = 0, flags = 0;
  if (lr_backward_is_split(a)) {
    for (int64_t i = 0; i < a->segment_count; i++)
      job.tiles = lr_max(job.tiles, lr_backward_tiles(&a->segments[i]));
    flags = (size_t)lr_round_up(a->segment_count * a->kv_heads * job.tiles, 8) * 8;
    d_queries = (size_t)(query_rows * a->heads * lr_round_up(a->head_size, 16)) * 4;
  }
  lr_attention_unit *units;
  int64_t count = lr_backward_units(a, flags + d_queries, &units);
  job.units = units;
  job.unit_count = count;
  job.threads = lr_threads();
  if (flags) {
    char *memory = (char *)units - d_queries - flags;
    job.progress = (_Atomic int64_t *)memory;
    job.d_queries = (float *)(memory + flags);
    for (size_t i = 0; i < flags / 8; i++) atomic_init(&job.progress[i], 0);
  }
  lr_parallel(count, LR_PICK(a->type, lr_backward_unit), &job);
}
