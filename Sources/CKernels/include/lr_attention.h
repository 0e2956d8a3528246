#pragma once
#include <stdint.h>

typedef enum { LR_F32 = 0, LR_BF16 = 1 } lr_type;

// One packed row of a batch: a run of queries that see one run of keys. Query i of the segment
// stands at position key_count - query_count + i, so that a cache of earlier keys needs no other
// case. Keys lie in a row, or on pages of LR_PAGE rows in any order: key j is then row
// pages[j / LR_PAGE] · LR_PAGE + j % LR_PAGE.
enum { LR_PAGE = 16 };

typedef struct {
  int64_t query_start, query_count;
  int64_t key_start, key_count;
  const int32_t *pages;  // null: keys lie in a row from key_start on
} lr_segment;

// What depends on how far apart query and key stand. With d = query's position - key's position,
// scale · (of_queries[query row, head, query_columns[d]] + of_keys[key row, head, key_columns[d]])
// is added to a score. Tables are f32 [rows, heads · columns], null where there is none; the maps
// point at d = 0 and can be read LR_MAP_MARGIN beyond the distances of the longest segment.
enum { LR_MAP_MARGIN = 16 };

typedef struct {
  const float *of_queries, *of_keys;
  const int32_t *query_columns, *key_columns;
  int64_t columns;  // 0: no such terms
} lr_relative;

// Softmax attention over packed segments, `out = softmax(scale · q kᵀ + mask) v` per head.
// Row i of q is q + i·q_stride elements and holds heads · head_size numbers; k and v hold
// kv_heads · head_size, and query head h reads key head h / (heads / kv_heads).
typedef struct {
  lr_type type;  // of q, k, v, out and their gradients
  const void *q, *k, *v;
  int64_t q_stride, k_stride, v_stride;
  int32_t heads, kv_heads, head_size;
  float scale;        // above zero
  int32_t causal;     // key j is visible to a query at position p only if j <= p
  int64_t window;     // 0: none; else also only if p - j < window (not causal: and j - p < window)
  float dropout;      // probability of dropping an attention weight; survivors are divided by 1 - p
  // Weight (head, query row, key row) draws word key row % 4 of
  // lr_philox(random_key, head << 40 | query row, key row / 4), rows counted from these.
  uint64_t random_key;
  int64_t first_query, first_key;
  const lr_segment *segments;
  int64_t segment_count;
  lr_relative relative;
} lr_attention;

// log_sum_exp is [heads, rows of q] f32 and may be null when no backward pass follows.
void lr_attention_forward(const lr_attention *a, void *out, int64_t out_stride, float *log_sum_exp,
                          int64_t query_rows);

// Gradients of q, k, v at the rows of the segments, which share no keys and have no pages here; each is written, not
// added to, and may lie inside one packed [rows, 3·d] array. d_of_queries and d_of_keys are those of
// the relative tables, null where there is none.
void lr_attention_backward(const lr_attention *a, const void *out, int64_t out_stride,
                           const void *d_out, int64_t d_out_stride, const float *log_sum_exp,
                           int64_t query_rows, void *dq, int64_t dq_stride, void *dk,
                           int64_t dk_stride, void *dv, int64_t dv_stride,
                           float *d_of_queries, float *d_of_keys);
