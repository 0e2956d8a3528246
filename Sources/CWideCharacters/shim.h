#include <wchar.h>

// glibc declares it only with _XOPEN_SOURCE.
int wcwidth(wchar_t character);
