#include "include/images.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

typedef struct {
  const uint8_t *next;
  int64_t left;
  lr_image *image;
} png_input;

static void fail(png_structp png, png_const_charp reason) {
  png_input *input = png_get_error_ptr(png);
  if (input->image->reason[0] == 0) {
    snprintf(input->image->reason, LR_IMAGE_REASON, "%s", reason);
  }
  png_longjmp(png, 1);
}

static void keep_quiet(png_structp png, png_const_charp reason) {
  (void)png;
  (void)reason;
}

static void take(png_structp png, png_bytep to, size_t count) {
  png_input *input = png_get_io_ptr(png);
  if ((int64_t)count > input->left) png_error(png, "the file ends too early");
  memcpy(to, input->next, count);
  input->next += count;
  input->left -= (int64_t)count;
}

// Samples of 16 bits, as Pillow turns grey ones into eight: what is more than 255 is 255.
static void cut_off(uint8_t *rgb, const uint8_t *grey, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    memset(rgb + 3 * i, grey[2 * i] ? 255 : grey[2 * i + 1], 3);
  }
}

static int32_t read_png(const uint8_t *bytes, int64_t count, lr_image *image, uint8_t *rgb) {
  png_input input = {bytes, count, image};
  png_infop volatile info = NULL;
  uint8_t *volatile wide = NULL;
  png_bytep *volatile rows = NULL;
  image->reason[0] = 0;
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &input, fail, keep_quiet);
  if (png == NULL) {
    snprintf(image->reason, LR_IMAGE_REASON, "there is too little memory");
    return 0;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_infop known = info;
    png_destroy_read_struct(&png, &known, NULL);
    free(wide);
    free(rows);
    return 0;
  }
  info = png_create_info_struct(png);
  if (info == NULL) png_error(png, "there is too little memory");
  png_set_read_fn(png, &input, take);
  // Who calls decides by the number of pixels, not by one side.
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  png_read_info(png, info);
  int32_t width = (int32_t)png_get_image_width(png, info);
  int32_t height = (int32_t)png_get_image_height(png, info);
  if (rgb == NULL) {
    image->width = width;
    image->height = height;
  } else {
    if (width != image->width || height != image->height) png_error(png, "its size has changed");
    int colors = png_get_color_type(png, info), bits = png_get_bit_depth(png, info);
    int is_wide = colors == PNG_COLOR_TYPE_GRAY && bits == 16;
    if (colors == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
    if (colors == PNG_COLOR_TYPE_GRAY && bits < 8) png_set_expand_gray_1_2_4_to_8(png);
    if (bits == 16 && !is_wide) png_set_strip_16(png);
    png_set_strip_alpha(png);
    if (!(colors & PNG_COLOR_MASK_COLOR) && !is_wide) png_set_gray_to_rgb(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    size_t stride = (size_t)width * (is_wide ? 2 : 3);
    if (png_get_rowbytes(png, info) != stride) png_error(png, "its colors are of no known kind");
    rows = malloc((size_t)height * sizeof(png_bytep));
    if (is_wide) wide = malloc(stride * (size_t)height);
    if (rows == NULL || (is_wide && wide == NULL)) png_error(png, "there is too little memory");
    uint8_t *pixels = is_wide ? wide : rgb;
    for (int32_t y = 0; y < height; y++) rows[y] = pixels + stride * (size_t)y;
    png_read_image(png, rows);
    if (is_wide) cut_off(rgb, wide, (int64_t)width * height);
  }
  png_infop known = info;
  png_destroy_read_struct(&png, &known, NULL);
  free(wide);
  free(rows);
  return 1;
}

int32_t lr_png_header(const uint8_t *bytes, int64_t count, lr_image *image) {
  return read_png(bytes, count, image, NULL);
}

int32_t lr_png_pixels(const uint8_t *bytes, int64_t count, lr_image *image, uint8_t *rgb) {
  return read_png(bytes, count, image, rgb);
}
