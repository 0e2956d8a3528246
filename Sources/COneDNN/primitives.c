#include "primitives.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

extern int omp_get_max_threads(void);

lr_dnn_key lr_dnn_exact_key(const lr_dnn_product *p) {
  lr_dnn_key k;
  memset(&k, 0, sizeof k);
  k.m = p->m, k.n = p->n, k.k = p->k;
  k.a_stride = p->a_stride, k.b_stride = p->b_stride, k.c_stride = p->c_stride;
  k.inputs = p->inputs, k.output = p->output;
  k.bias_type = p->bias ? (int32_t)p->bias_type : -1;
  k.a_transposed = p->a_transposed, k.b_transposed = p->b_transposed;
  k.accumulates = p->accumulates;
  k.scale = p->scale;
  k.threads = omp_get_max_threads();
  return k;
}

// Making a primitive for one shape takes half a millisecond, and batches of text bring new shapes
// at every step. Where the product itself takes no longer, one primitive for all shapes does: it is
// as fast on all but skinny products. The choice depends on the shape alone, so that results do not
// depend on what was multiplied before.
static bool is_general(const lr_dnn_product *p) {
  bool skinny = p->m <= 16 || p->n <= 16;
  return p->m * p->n * p->k <= (skinny ? 1 << 20 : 1 << 25);
}

// For long sums over the rows of b, both versions of oneDNN choose a kernel for the exact shape that takes up to 1.7
// times as long as the kernel for all shapes (Benchmarks/products.py), except for short or narrow results.
static bool is_long(const lr_dnn_product *p) {
  if (p->a_transposed || p->b_transposed || p->m < 128 || p->n < 256) return false;
  if (p->inputs == LR_DNN_BF16) return p->k >= 1 << 14;
  return p->k >= 1 << 11 && (p->m >= 512 || p->n <= 1024);
}

static lr_dnn_key key_of(const lr_dnn_product *p) {
  lr_dnn_key k = lr_dnn_exact_key(p);
  if (is_general(p) || is_long(p))
    k.m = k.n = k.k = k.a_stride = k.b_stride = k.c_stride = DNNL_RUNTIME_DIM_VAL;
  return k;
}

static dnnl_status_t describe(lr_dnn_memory_desc *d, int64_t rows, int64_t columns, int64_t stride,
                              bool transposed, int32_t type) {
  dnnl_dims_t extents = {rows, columns}, strides = {stride, 1};
  if (transposed) strides[0] = 1, strides[1] = stride;
  dnnl_data_type_t number = type == LR_DNN_BF16 ? dnnl_bf16 : dnnl_f32;
  return lr_dnn_memory_desc_create(d, 2, extents, number, strides);
}

static dnnl_status_t describe_scale(lr_dnn_memory_desc *d) {
  dnnl_dims_t one = {1};
  return lr_dnn_memory_desc_create(d, 1, one, dnnl_f32, one);
}

dnnl_status_t lr_dnn_describe(lr_dnn_layout *d, const lr_dnn_key *k) {
  memset(d, 0, sizeof *d);
  dnnl_status_t s = describe(&d->a, k->m, k->k, k->a_stride, k->a_transposed, k->inputs);
  if (s == dnnl_success)
    s = describe(&d->b, k->k, k->n, k->b_stride, k->b_transposed, k->inputs);
  if (s == dnnl_success) s = describe(&d->c, k->m, k->n, k->c_stride, false, k->output);
  if (s == dnnl_success && k->bias_type >= 0)
    s = describe(&d->bias, 1, k->n, k->n, false, k->bias_type);
  if (s == dnnl_success && k->scale != 1 && lr_dnn_scale_argument) s = describe_scale(&d->scale);
  return s;
}

void lr_dnn_forget(lr_dnn_layout *d) {
  lr_dnn_memory_desc_destroy(d->a);
  lr_dnn_memory_desc_destroy(d->b);
  lr_dnn_memory_desc_destroy(d->c);
  lr_dnn_memory_desc_destroy(d->bias);
  lr_dnn_memory_desc_destroy(d->scale);
}

// Keeps f32 products in f32: without strict mode, an environment variable of oneDNN could round them to bf16 or tf32.
static dnnl_status_t attributes(const lr_dnn_key *k, dnnl_primitive_attr_t *result) {
  dnnl_status_t s = dnnl_primitive_attr_create(result);
  if (s == dnnl_success)
    s = dnnl_primitive_attr_set_scratchpad_mode(*result, dnnl_scratchpad_mode_user);
  if (s == dnnl_success)
    s = dnnl_primitive_attr_set_fpmath_mode(*result, dnnl_fpmath_mode_strict);
  if (s == dnnl_success && k->scale != 1) s = lr_dnn_attr_set_scale(*result, k->scale);
  if (s == dnnl_success && k->accumulates) {
    dnnl_post_ops_t post = NULL;
    s = dnnl_post_ops_create(&post);
    if (s == dnnl_success) s = lr_dnn_post_ops_append_sum(post);
    if (s == dnnl_success) s = dnnl_primitive_attr_set_post_ops(*result, post);
    if (post) dnnl_post_ops_destroy(post);
  }
  return s;
}

// Finds the scratchpad that the primitive needs. Its descriptor lives as long as the primitive.
static dnnl_status_t find_scratch(lr_dnn_entry *e) {
  const_dnnl_primitive_desc_t description = NULL;
  dnnl_status_t s = dnnl_primitive_get_primitive_desc(e->primitive, &description);
  if (s != dnnl_success) return s;
  e->scratch = dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0);
  e->scratch_size = e->scratch ? dnnl_memory_desc_get_size(e->scratch) : 0;
  return s;
}

static dnnl_status_t fill(lr_dnn_entry *e, dnnl_engine_t engine) {
  lr_dnn_layout d;
  dnnl_primitive_attr_t attr = NULL;
  dnnl_primitive_desc_t description = NULL;
  dnnl_status_t s = lr_dnn_describe(&d, &e->key);
  if (s == dnnl_success) s = attributes(&e->key, &attr);
  if (s == dnnl_success)
    s = lr_dnn_matmul_desc_create(&description, engine, d.a, d.b, d.bias, d.c, attr);
  if (s == dnnl_success) s = dnnl_primitive_create(&e->primitive, description);
  if (s == dnnl_success) s = find_scratch(e);
  if (description) dnnl_primitive_desc_destroy(description);
  if (attr) dnnl_primitive_attr_destroy(attr);
  lr_dnn_forget(&d);
  return s;
}

// A hash table of lists, with all entries in a second list from the newest use to the oldest. A
// primitive takes about a megabyte; a model of fixed lengths needs a few dozen.
enum { buckets = 256, capacity = 128 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static lr_dnn_entry *table[buckets];
static lr_dnn_entry *newest, *oldest;
static int entries;

static uint64_t bucket_of(const lr_dnn_key *k) {
  const unsigned char *bytes = (const unsigned char *)k;
  uint64_t h = 1469598103934665603u;
  for (size_t i = 0; i < sizeof *k; i++) h = (h ^ bytes[i]) * 1099511628211u;
  return (h ^ h >> 32) % buckets;
}

static void discard(lr_dnn_entry *e) {
  if (e->primitive) dnnl_primitive_destroy(e->primitive);
  free(e);
}

static void unlink_use(lr_dnn_entry *e) {
  if (e->newer) e->newer->older = e->older; else newest = e->older;
  if (e->older) e->older->newer = e->newer; else oldest = e->newer;
}

static void link_newest(lr_dnn_entry *e) {
  e->newer = NULL, e->older = newest;
  if (newest) newest->newer = e; else oldest = e;
  newest = e;
}

static void evict(void) {
  lr_dnn_entry *e = oldest;
  while (e && e->users) e = e->newer;
  if (!e) return;
  lr_dnn_entry **slot = &table[bucket_of(&e->key)];
  while (*slot != e) slot = &(*slot)->next;
  *slot = e->next;
  unlink_use(e);
  entries--;
  discard(e);
}

static lr_dnn_entry *add(const lr_dnn_key *k, dnnl_engine_t engine, dnnl_status_t *status) {
  lr_dnn_entry *e = calloc(1, sizeof *e);
  *status = dnnl_out_of_memory;
  if (!e) return NULL;
  e->key = *k;
  *status = fill(e, engine);
  if (*status != dnnl_success) {
    discard(e);
    return NULL;
  }
  if (entries == capacity) evict();
  entries++;
  lr_dnn_entry **bucket = &table[bucket_of(k)];
  e->next = *bucket;
  *bucket = e;
  link_newest(e);
  return e;
}

lr_dnn_entry *lr_dnn_borrow(const lr_dnn_product *p, dnnl_engine_t engine, dnnl_status_t *status) {
  lr_dnn_key k = key_of(p);
  pthread_mutex_lock(&lock);
  lr_dnn_entry *e = table[bucket_of(&k)];
  while (e && memcmp(&e->key, &k, sizeof k) != 0) e = e->next;
  if (e) {
    *status = dnnl_success;
    unlink_use(e);
    link_newest(e);
  } else {
    e = add(&k, engine, status);
  }
  if (e) e->users++;
  pthread_mutex_unlock(&lock);
  return e;
}

void lr_dnn_give_back(lr_dnn_entry *e) {
  pthread_mutex_lock(&lock);
  e->users--;
  pthread_mutex_unlock(&lock);
}
