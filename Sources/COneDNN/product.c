#include <pthread.h>

#include "primitives.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static dnnl_status_t started = dnnl_runtime_error;
static dnnl_engine_t engine;
static dnnl_stream_t stream;

static void start(void) {
  started = dnnl_engine_create(&engine, dnnl_cpu, 0);
  // Ours evicts what it no longer needs; the library's own would keep it alive.
  if (started == dnnl_success) started = dnnl_set_primitive_cache_capacity(0);
  if (started == dnnl_success)
    started = dnnl_stream_create(&stream, engine, dnnl_stream_default_flags);
}

static dnnl_status_t run(const lr_dnn_entry *e, const lr_dnn_product *p) {
  void *workspace = e->scratch_size ? lr_dnn_scratch(e->scratch_size) : NULL;
  if (e->scratch_size && !workspace) return dnnl_out_of_memory;
  lr_dnn_key exact = lr_dnn_exact_key(p);
  lr_dnn_layout d;
  dnnl_status_t s = lr_dnn_describe(&d, &exact);
  struct {
    int argument;
    lr_dnn_const_memory_desc descriptor;
    const void *data;
  } parts[] = {
      {DNNL_ARG_SRC, d.a, p->a},
      {DNNL_ARG_WEIGHTS, d.b, p->b},
      {DNNL_ARG_DST, d.c, p->c},
      {DNNL_ARG_SCRATCHPAD, e->scratch, workspace},
      {DNNL_ARG_BIAS, d.bias, p->bias},
      {lr_dnn_scale_argument, d.scale, &p->scale},
  };
  enum { most = sizeof parts / sizeof parts[0] };
  dnnl_exec_arg_t arguments[most];
  int made = 0;
  for (int i = 0; i < most && s == dnnl_success; i++) {
    if (!parts[i].descriptor) continue;
    arguments[made].arg = parts[i].argument;
    s = dnnl_memory_create(&arguments[made].memory, parts[i].descriptor, engine,
                           (void *)parts[i].data);
    if (s == dnnl_success) made++;
  }
  if (s == dnnl_success) s = dnnl_primitive_execute(e->primitive, stream, made, arguments);
  if (s == dnnl_success) s = dnnl_stream_wait(stream);
  while (made > 0) dnnl_memory_destroy(arguments[--made].memory);
  lr_dnn_forget(&d);
  return s;
}

int lr_dnn_multiply(const lr_dnn_product *p) {
  pthread_once(&once, start);
  if (started != dnnl_success) return started;
  dnnl_status_t status;
  lr_dnn_entry *e = lr_dnn_borrow(p, engine, &status);
  if (!e) return status;
  status = run(e, p);
  lr_dnn_give_back(e);
  return status;
}

bool lr_dnn_multiplies_bf16(void) {
#if defined(__x86_64__)
  unsigned isa = dnnl_get_effective_cpu_isa();
  return (isa & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
#else
  return false;
#endif
}
