#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lr_processor.h"

int lr_run_apart(int (*body)(void), unsigned seconds) {
  pid_t child = fork();
  if (child < 0) return -1;
  if (child == 0) {
    // A crash is one of the results, and writes no core file.
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    const int ends[] = {SIGALRM, SIGILL, SIGSEGV, SIGBUS, SIGFPE, SIGABRT};
    sigset_t set;
    sigemptyset(&set);
    for (unsigned i = 0; i < sizeof ends / sizeof *ends; i++) {
      signal(ends[i], SIG_DFL);
      sigaddset(&set, ends[i]);
    }
    sigprocmask(SIG_UNBLOCK, &set, 0);
    alarm(seconds);
    _exit(body() & 127);
  }
  int status;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return -1;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
