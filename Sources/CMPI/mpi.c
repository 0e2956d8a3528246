// scripts/mpi-library compiles this file against the system's MPI; SwiftPM does not.
#define _GNU_SOURCE
#include <mpi.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "lr_mpi.h"
#include "heartbeat.h"

// Seconds for which a process that was told to end waits for the others; launchers kill after one.
static const double GRACE = 0.3;
// Counts of MPI are 32 bits wide.
static const int64_t CHUNK = 1 << 28;

static MPI_Comm everyone = MPI_COMM_NULL;
static char (*hosts)[MPI_MAX_PROCESSOR_NAME];
static char failure_text[MPI_MAX_ERROR_STRING] = "";
static int32_t (*is_stopping)(void);

static lr_outcome failed(int code) {
  int length = 0;
  MPI_Error_string(code, failure_text, &length);
  return LR_FAILED;
}

// Waits for a collective call. Who waits is not in a hurry: the core may be another process's.
static lr_outcome finish(int code, MPI_Request request) {
  if (code != MPI_SUCCESS) return failed(code);
  double start = lr_now(), asked = 0;
  for (int64_t turn = 0;; turn++) {
    int done = 0;
    code = MPI_Test(&request, &done, MPI_STATUS_IGNORE);
    if (code != MPI_SUCCESS) return failed(code);
    if (done) return LR_DONE;
    if (turn % 64) continue;
    double now = lr_now();
    if (lr_heartbeat_lost(0) >= 0) return LR_LOST;
    if (is_stopping() && asked == 0) asked = now;
    if (asked > 0 && now - asked > GRACE) return LR_STOPPED;
    if (now - start > 0.01) usleep(100);
    else sched_yield();
  }
}

static lr_outcome sum(void *values, int64_t count, MPI_Datatype type, int64_t size) {
  for (int64_t first = 0; first < count; first += CHUNK) {
    int64_t some = count - first < CHUNK ? count - first : CHUNK;
    MPI_Request request;
    int code = MPI_Iallreduce(MPI_IN_PLACE, (char *)values + first * size, (int)some, type,
                              MPI_SUM, everyone, &request);
    lr_outcome outcome = finish(code, request);
    if (outcome != LR_DONE) return outcome;
  }
  return LR_DONE;
}

static lr_outcome sum_floats(float *values, int64_t count) {
  return sum(values, count, MPI_FLOAT, sizeof *values);
}

static lr_outcome sum_doubles(double *values, int64_t count) {
  return sum(values, count, MPI_DOUBLE, sizeof *values);
}

static lr_outcome broadcast(void *bytes, int64_t count) {
  for (int64_t first = 0; first < count; first += CHUNK) {
    int64_t some = count - first < CHUNK ? count - first : CHUNK;
    MPI_Request request;
    int code = MPI_Ibcast((char *)bytes + first, (int)some, MPI_BYTE, 0, everyone, &request);
    lr_outcome outcome = finish(code, request);
    if (outcome != LR_DONE) return outcome;
  }
  return LR_DONE;
}

// The cores that this process and others of its host may use, shared evenly among those that may.
static int32_t share_of_cores(MPI_Comm host, int32_t count) {
  cpu_set_t own, *all = malloc((size_t)count * sizeof own);
  double share = 0;
  if (all && sched_getaffinity(0, sizeof own, &own) == 0 &&
      MPI_Allgather(&own, sizeof own, MPI_BYTE, all, sizeof own, MPI_BYTE, host) == MPI_SUCCESS)
    for (int core = 0; core < CPU_SETSIZE; core++) {
      int users = 0;
      for (int32_t i = 0; i < count; i++) users += CPU_ISSET(core, &all[i]) != 0;
      if (CPU_ISSET(core, &own)) share += 1.0 / users;
    }
  free(all);
  return share < 1 ? 1 : (int32_t)(share + 1e-6);
}

static lr_outcome join(double patience, int32_t (*stopping)(void), lr_membership *m) {
  is_stopping = stopping;
  int threads = 0, code = MPI_Init_thread(0, 0, MPI_THREAD_MULTIPLE, &threads);
  if (code != MPI_SUCCESS) return failed(code);
  // An error that is returned can be told in a sentence.
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  MPI_Comm_dup(MPI_COMM_WORLD, &everyone);
  MPI_Comm_rank(everyone, &m->rank);
  MPI_Comm_size(everyone, &m->world);
  MPI_Comm host;
  MPI_Comm_split_type(everyone, MPI_COMM_TYPE_SHARED, m->rank, MPI_INFO_NULL, &host);
  int neighbours = 1;
  MPI_Comm_size(host, &neighbours);
  m->cores = share_of_cores(host, neighbours);
  char name[MPI_MAX_PROCESSOR_NAME] = "";
  int length = 0;
  MPI_Get_processor_name(name, &length);
  hosts = calloc((size_t)m->world, sizeof *hosts);
  if (!hosts) return LR_FAILED;
  code = MPI_Allgather(name, sizeof name, MPI_BYTE, hosts, sizeof name, MPI_BYTE, everyone);
  if (code != MPI_SUCCESS) return failed(code);
  m->watches = threads == MPI_THREAD_MULTIPLE && patience > 0 &&
               lr_heartbeat_start(everyone, m->rank, m->world, patience);
  return LR_DONE;
}

static const char *host(int32_t rank) { return hosts[rank]; }
static const char *failure(void) { return failure_text; }

static void leave(void) {
  // Nobody falls silent while others still work.
  MPI_Request request;
  int code = MPI_Ibarrier(everyone, &request);
  finish(code, request);
  lr_heartbeat_stop();
  MPI_Finalize();
}

static void abort_all(int32_t code) { MPI_Abort(MPI_COMM_WORLD, code); }

const lr_processes *lr_mpi_processes(void) {
  static const lr_processes processes = {
      .version = LR_PROCESSES_VERSION,
      .join = join,
      .sum_floats = sum_floats,
      .sum_doubles = sum_doubles,
      .broadcast = broadcast,
      .lost = lr_heartbeat_lost,
      .host = host,
      .failure = failure,
      .leave = leave,
      .abort = abort_all,
  };
  return &processes;
}
