#include "COneDNN.h"

#include <dnnl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if DNNL_VERSION_MAJOR != 2
#error "this shim speaks oneDNN 2; product.c is the place to teach it another version"
#endif

extern int omp_get_max_threads(void);

// Everything that a primitive depends on; memset before filling, so that padding compares equal. The
// extents and strides of a general primitive are all DNNL_RUNTIME_DIM_VAL.
typedef struct {
  int64_t m, n, k, a_stride, b_stride, c_stride;
  int32_t inputs, output, bias_type;  // bias_type is -1 without a bias
  int32_t a_transposed, b_transposed, accumulates;
  float scale;
  int32_t threads;  // oneDNN divides the work when it makes the primitive
} key;

typedef struct entry {
  key key;
  dnnl_primitive_t primitive;
  dnnl_memory_desc_t scratch;
  size_t scratch_size;
  const char *implementation;
  struct entry *next;              // in its bucket
  struct entry *newer, *older;     // in the order of use
  int users;                       // calls that run it now; such an entry is not evicted
} entry;

enum { buckets = 1024, capacity = 512 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static dnnl_status_t started = dnnl_runtime_error;
static dnnl_engine_t engine;
static dnnl_stream_t stream;
static pthread_key_t scratch_key;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static entry *table[buckets];
static entry *newest, *oldest;
static int entries;

static uint64_t hash(const key *k) {
  const unsigned char *bytes = (const unsigned char *)k;
  uint64_t h = 1469598103934665603u;
  for (size_t i = 0; i < sizeof *k; i++) h = (h ^ bytes[i]) * 1099511628211u;
  return (h ^ h >> 32) % buckets;
}

// Making a primitive for one shape takes half a millisecond, and batches of text bring new shapes at
// every step. Where the product itself takes no longer, one primitive for all shapes does: it is as fast
// on all but skinny products. The choice depends on the shape alone, so that results do not depend on
// what was multiplied before.
static bool is_general(const lr_dnn_product *p) {
  bool skinny = p->m <= 16 || p->n <= 16;
  return p->m * p->n * p->k <= (skinny ? 1 << 20 : 1 << 25);
}

static key exact_key(const lr_dnn_product *p) {
  key k;
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

static key key_of(const lr_dnn_product *p) {
  key k = exact_key(p);
  if (is_general(p))
    k.m = k.n = k.k = k.a_stride = k.b_stride = k.c_stride = DNNL_RUNTIME_DIM_VAL;
  return k;
}

static dnnl_data_type_t data_type(int32_t type) { return type == LR_DNN_BF16 ? dnnl_bf16 : dnnl_f32; }

static dnnl_status_t describe(dnnl_memory_desc_t *d, int64_t rows, int64_t columns, int64_t stride,
                              bool transposed, int32_t type) {
  dnnl_dims_t extents = {rows, columns}, strides = {stride, 1};
  if (transposed) strides[0] = 1, strides[1] = stride;
  return dnnl_memory_desc_init_by_strides(d, 2, extents, data_type(type), strides);
}

// oneDNN 2 multiplies the bias by the output scale too, which is why the contract rules out both.
static dnnl_status_t attributes(const key *k, dnnl_primitive_attr_t *result) {
  dnnl_status_t s = dnnl_primitive_attr_create(result);
  if (s == dnnl_success)
    s = dnnl_primitive_attr_set_scratchpad_mode(*result, dnnl_scratchpad_mode_user);
  if (s == dnnl_success && k->scale != 1)
    s = dnnl_primitive_attr_set_output_scales(*result, 1, 0, &k->scale);
  if (s == dnnl_success && k->accumulates) {
    dnnl_post_ops_t post = NULL;
    s = dnnl_post_ops_create(&post);
    if (s == dnnl_success) s = dnnl_post_ops_append_sum(post, 1);
    if (s == dnnl_success) s = dnnl_primitive_attr_set_post_ops(*result, post);
    if (post) dnnl_post_ops_destroy(post);
  }
  return s;
}

typedef struct {
  dnnl_memory_desc_t a, b, c, bias;
} descriptors;

static dnnl_status_t describe_all(descriptors *d, const key *k) {
  dnnl_status_t s = describe(&d->a, k->m, k->k, k->a_stride, k->a_transposed, k->inputs);
  if (s == dnnl_success) s = describe(&d->b, k->k, k->n, k->b_stride, k->b_transposed, k->inputs);
  if (s == dnnl_success) s = describe(&d->c, k->m, k->n, k->c_stride, false, k->output);
  if (s == dnnl_success && k->bias_type >= 0)
    s = describe(&d->bias, 1, k->n, k->n, false, k->bias_type);
  return s;
}

static dnnl_status_t fill(entry *e) {
  const key *k = &e->key;
  descriptors d;
  dnnl_matmul_desc_t operation;
  dnnl_primitive_attr_t attr = NULL;
  dnnl_primitive_desc_t description = NULL;
  dnnl_status_t s = describe_all(&d, k);
  if (s == dnnl_success)
    s = dnnl_matmul_desc_init(&operation, &d.a, &d.b, k->bias_type >= 0 ? &d.bias : NULL, &d.c);
  if (s == dnnl_success) s = attributes(k, &attr);
  if (s == dnnl_success)
    s = dnnl_primitive_desc_create(&description, &operation, attr, engine, NULL);
  if (s == dnnl_success) {
    const dnnl_memory_desc_t *scratch =
        dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0);
    e->scratch = *scratch;
    e->scratch_size = dnnl_memory_desc_get_size(scratch);
    s = dnnl_primitive_create(&e->primitive, description);
  }
  if (s == dnnl_success) {
    const char *name = NULL;
    dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, &name);
    e->implementation = name ? strdup(name) : NULL;
  }
  if (description) dnnl_primitive_desc_destroy(description);
  if (attr) dnnl_primitive_attr_destroy(attr);
  return s;
}

static void discard(entry *e) {
  if (e->primitive) dnnl_primitive_destroy(e->primitive);
  free((void *)e->implementation);
  free(e);
}

static void unlink_use(entry *e) {
  if (e->newer) e->newer->older = e->older; else newest = e->older;
  if (e->older) e->older->newer = e->newer; else oldest = e->newer;
}

static void link_newest(entry *e) {
  e->newer = NULL, e->older = newest;
  if (newest) newest->newer = e; else oldest = e;
  newest = e;
}

static void evict(void) {
  entry *e = oldest;
  while (e && e->users) e = e->newer;
  if (!e) return;
  entry **slot = &table[hash(&e->key)];
  while (*slot != e) slot = &(*slot)->next;
  *slot = e->next;
  unlink_use(e);
  entries--;
  discard(e);
}

// The entry of a product with one user added, made if need be.
static entry *borrow(const key *k, dnnl_status_t *status) {
  pthread_mutex_lock(&lock);
  entry **bucket = &table[hash(k)], *e = *bucket;
  while (e && memcmp(&e->key, k, sizeof *k) != 0) e = e->next;
  *status = dnnl_success;
  if (e) {
    unlink_use(e);
    link_newest(e);
  } else {
    e = calloc(1, sizeof *e);
    *status = e ? (e->key = *k, fill(e)) : dnnl_out_of_memory;
    if (*status == dnnl_success) {
      if (entries == capacity) evict();
      entries++;
      e->next = *bucket;
      *bucket = e;
      link_newest(e);
    } else if (e) {
      discard(e);
      e = NULL;
    }
  }
  if (e) e->users++;
  pthread_mutex_unlock(&lock);
  return e;
}

static void give_back(entry *e) {
  pthread_mutex_lock(&lock);
  e->users--;
  pthread_mutex_unlock(&lock);
}

// Scratch memory of a thread: oneDNN's own would belong to the thread that made the primitive.
typedef struct {
  size_t size;
  void *memory;
} scratch;

static void free_scratch(void *pointer) {
  scratch *s = pointer;
  if (s->size) munmap(s->memory, s->size);
  free(s);
}

static void *scratch_of(size_t size) {
  scratch *s = pthread_getspecific(scratch_key);
  if (!s) {
    s = calloc(1, sizeof *s);
    if (!s) return NULL;
    pthread_setspecific(scratch_key, s);
  }
  if (s->size >= size) return s->memory;
  if (s->size) munmap(s->memory, s->size);
  s->size = 0;
  size = (size + (1 << 21) - 1) >> 21 << 21;
  void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return NULL;
  madvise(memory, size, MADV_HUGEPAGE);
  s->memory = memory;
  s->size = size;
  return memory;
}

static void start(void) {
  started = pthread_key_create(&scratch_key, free_scratch) ? dnnl_runtime_error : dnnl_success;
  if (started == dnnl_success) started = dnnl_engine_create(&engine, dnnl_cpu, 0);
  if (started == dnnl_success)
    started = dnnl_stream_create(&stream, engine, dnnl_stream_default_flags);
}

static dnnl_status_t run(const entry *e, const lr_dnn_product *p) {
  void *workspace = e->scratch_size ? scratch_of(e->scratch_size) : NULL;
  if (e->scratch_size && !workspace) return dnnl_out_of_memory;
  key exact = exact_key(p);
  descriptors d;
  dnnl_status_t s = describe_all(&d, &exact);
  struct {
    int argument;
    const dnnl_memory_desc_t *descriptor;
    const void *data;
  } parts[] = {
      {DNNL_ARG_SRC, &d.a, p->a},   {DNNL_ARG_WEIGHTS, &d.b, p->b},
      {DNNL_ARG_DST, &d.c, p->c},   {DNNL_ARG_SCRATCHPAD, &e->scratch, workspace},
      {DNNL_ARG_BIAS, &d.bias, p->bias},
  };
  int count = p->bias ? 5 : 4, made = 0;
  dnnl_exec_arg_t arguments[5];
  while (made < count && s == dnnl_success) {
    arguments[made].arg = parts[made].argument;
    s = dnnl_memory_create(&arguments[made].memory, parts[made].descriptor, engine,
                           (void *)parts[made].data);
    if (s == dnnl_success) made++;
  }
  if (s == dnnl_success) s = dnnl_primitive_execute(e->primitive, stream, made, arguments);
  if (s == dnnl_success) s = dnnl_stream_wait(stream);
  while (made > 0) dnnl_memory_destroy(arguments[--made].memory);
  return s;
}

int lr_dnn_multiply(const lr_dnn_product *p) {
  pthread_once(&once, start);
  if (started != dnnl_success) return started;
  dnnl_status_t status;
  key k = key_of(p);
  entry *e = borrow(&k, &status);
  if (!e) return status;
  status = run(e, p);
  give_back(e);
  return status;
}

const char *lr_dnn_implementation(const lr_dnn_product *p) {
  pthread_once(&once, start);
  if (started != dnnl_success) return NULL;
  dnnl_status_t status;
  key k = key_of(p);
  entry *e = borrow(&k, &status);
  if (!e) return NULL;
  give_back(e);
  return e->implementation;
}

bool lr_dnn_multiplies_bf16(void) {
#if defined(__x86_64__)
  unsigned isa = dnnl_get_effective_cpu_isa();
  return (isa & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
#else
  return false;
#endif
}
