#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// glibc declares it for _GNU_SOURCE alone.
int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
