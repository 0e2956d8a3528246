#include "lr_parallel.h"

#include <stdatomic.h>

// libgomp's entry points; calling them directly needs no OpenMP flag of the compiler.
extern void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
extern int omp_get_max_threads(void);
extern void omp_set_num_threads(int);
extern int omp_in_parallel(void);

typedef struct {
  void (*body)(void *, int64_t);
  void *context;
  int64_t count;
  _Atomic int64_t next;
} region;

static void work(void *pointer) {
  region *r = pointer;
  for (;;) {
    int64_t unit = atomic_fetch_add_explicit(&r->next, 1, memory_order_relaxed);
    if (unit >= r->count) return;
    r->body(r->context, unit);
  }
}

void lr_parallel(int64_t count, void (*body)(void *, int64_t), void *context) {
  if (count <= 0) return;
  int threads = lr_threads();
  if (count == 1 || threads == 1 || omp_in_parallel()) {
    for (int64_t unit = 0; unit < count; unit++) body(context, unit);
    return;
  }
  region r = {.body = body, .context = context, .count = count, .next = 0};
  GOMP_parallel(work, &r, count < threads ? (unsigned)count : 0, 0);
}

// libgomp keeps the number for each calling thread apart; ours holds for all of them.
static _Atomic int wanted;

int lr_threads(void) {
  int now = omp_get_max_threads();
  int count = atomic_load_explicit(&wanted, memory_order_relaxed);
  if (count == 0 || count == now) return now;
  omp_set_num_threads(count);
  return count;
}

void lr_set_threads(int count) { atomic_store_explicit(&wanted, count, memory_order_relaxed); }
