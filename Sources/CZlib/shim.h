/// zlib, with a function in place of the macro that begins decompression.
#pragma once
#include <zlib.h>

/// Begins to decompress gzip or zlib data, whichever the header says.
static inline int lr_inflate_init(z_stream *stream) { return inflateInit2(stream, MAX_WBITS + 32); }
