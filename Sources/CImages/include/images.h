#pragma once
#include <stdint.h>

// PNG and JPEG files in memory as red, green and blue, eight bits each, row by row.
//
// The colors are those of Pillow's `convert("RGB")`: transparency and gamma are left aside, samples of 16 bits lose their
// low byte, but those of grey alone are cut off at 255, and CMYK is taken for Adobe's, which stores it inverted.

enum { LR_IMAGE_REASON = 200 };  // JMSG_LENGTH_MAX of libjpeg

typedef struct {
  int32_t width, height;
  char reason[LR_IMAGE_REASON];  // why a function failed, in the library's words
} lr_image;

// Reads the header alone. Zero where it cannot be read.
int32_t lr_jpeg_header(const uint8_t *bytes, int64_t count, lr_image *image);
int32_t lr_png_header(const uint8_t *bytes, int64_t count, lr_image *image);

// Reads the pixels, 3 × width × height bytes by the header. Zero where they cannot be read as a whole.
int32_t lr_jpeg_pixels(const uint8_t *bytes, int64_t count, lr_image *image, uint8_t *rgb);
int32_t lr_png_pixels(const uint8_t *bytes, int64_t count, lr_image *image, uint8_t *rgb);
