#include "include/images.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

// A file of few bytes can ask for any number of passes over its pixels.
enum { MOST_SCANS = 500 };

typedef struct {
  struct jpeg_error_mgr manager;
  jmp_buf jump;
  lr_image *image;
} jpeg_errors;

static void fail(j_common_ptr info) {
  jpeg_errors *errors = (jpeg_errors *)info->err;
  info->err->format_message(info, errors->image->reason);
  longjmp(errors->jump, 1);
}

static void keep_quiet(j_common_ptr info) { (void)info; }

static void stop_endless(j_common_ptr info) {
  j_decompress_ptr decoder = (j_decompress_ptr)info;
  if (decoder->input_scan_number <= MOST_SCANS) return;
  jpeg_errors *errors = (jpeg_errors *)info->err;
  snprintf(errors->image->reason, LR_IMAGE_REASON, "it has more than %d scans", MOST_SCANS);
  longjmp(errors->jump, 1);
}

// The bytes are all there from the start, so whoever asks for more has met the end too early.
static boolean fill(j_decompress_ptr decoder) {
  jpeg_errors *errors = (jpeg_errors *)decoder->err;
  snprintf(errors->image->reason, LR_IMAGE_REASON, "the file ends too early");
  longjmp(errors->jump, 1);
}

static void start(j_decompress_ptr decoder) { (void)decoder; }

static void skip(j_decompress_ptr decoder, long count) {
  struct jpeg_source_mgr *source = decoder->src;
  if (count <= 0) return;
  if ((size_t)count > source->bytes_in_buffer) fill(decoder);
  source->next_input_byte += count;
  source->bytes_in_buffer -= (size_t)count;
}

// (a × b) / 255, rounded, as Pillow's MULDIV255.
static uint8_t product(uint32_t a, uint32_t b) {
  uint32_t t = a * b + 128;
  return (uint8_t)(((t >> 8) + t) >> 8);
}

// Writes each sample of a row three times.
static void widen_grey(uint8_t *row, const uint8_t *from, int64_t width) {
  for (int64_t x = 0; x < width; x++) memset(row + 3 * x, from[x], 3);
}

static void convert_cmyk(uint8_t *row, const uint8_t *from, int64_t width) {
  for (int64_t x = 0; x < width; x++, from += 4, row += 3) {
    // Stored inverted: 255 is no ink.
    uint32_t light = from[3];
    for (int channel = 0; channel < 3; channel++) {
      row[channel] = (uint8_t)(light - product(255u - from[channel], light));
    }
  }
}

static int32_t read_jpeg(const uint8_t *bytes, int64_t count, lr_image *image, uint8_t *rgb) {
  struct jpeg_decompress_struct decoder;
  struct jpeg_progress_mgr progress;
  struct jpeg_source_mgr source;
  jpeg_errors errors;
  JSAMPLE *volatile line = NULL;
  image->reason[0] = 0;
  errors.image = image;
  decoder.err = jpeg_std_error(&errors.manager);
  errors.manager.error_exit = fail;
  errors.manager.output_message = keep_quiet;
  if (setjmp(errors.jump)) {
    jpeg_destroy_decompress(&decoder);
    free(line);
    return 0;
  }
  jpeg_create_decompress(&decoder);
  memset(&progress, 0, sizeof progress);
  progress.progress_monitor = stop_endless;
  decoder.progress = &progress;
  source.init_source = start;
  source.fill_input_buffer = fill;
  source.skip_input_data = skip;
  source.resync_to_restart = jpeg_resync_to_restart;
  source.term_source = start;
  source.next_input_byte = bytes;
  source.bytes_in_buffer = (size_t)count;
  decoder.src = &source;
  jpeg_read_header(&decoder, TRUE);
  int32_t width = (int32_t)decoder.image_width, height = (int32_t)decoder.image_height;
  if (rgb == NULL) {
    image->width = width;
    image->height = height;
    jpeg_destroy_decompress(&decoder);
    return 1;
  }
  if (width != image->width || height != image->height) {
    snprintf(image->reason, LR_IMAGE_REASON, "its size has changed");
    longjmp(errors.jump, 1);
  }
  switch (decoder.num_components) {
    case 1: decoder.out_color_space = JCS_GRAYSCALE; break;
    case 3: decoder.out_color_space = JCS_RGB; break;
    case 4: decoder.out_color_space = JCS_CMYK; break;
    default:
      snprintf(image->reason, LR_IMAGE_REASON, "it has %d colors", decoder.num_components);
      longjmp(errors.jump, 1);
  }
  jpeg_start_decompress(&decoder);
  if (decoder.out_color_space != JCS_RGB) {
    line = malloc((size_t)width * (size_t)decoder.output_components);
    if (line == NULL) {
      snprintf(image->reason, LR_IMAGE_REASON, "there is too little memory");
      longjmp(errors.jump, 1);
    }
  }
  while (decoder.output_scanline < decoder.output_height) {
    uint8_t *row = rgb + (int64_t)decoder.output_scanline * width * 3;
    JSAMPROW target = line ? line : row;
    if (jpeg_read_scanlines(&decoder, &target, 1) != 1) fill(&decoder);
    if (decoder.out_color_space == JCS_GRAYSCALE) widen_grey(row, target, width);
    if (decoder.out_color_space == JCS_CMYK) convert_cmyk(row, target, width);
  }
  jpeg_finish_decompress(&decoder);
  jpeg_destroy_decompress(&decoder);
  free(line);
  return 1;
}

int32_t lr_jpeg_header(const uint8_t *bytes, int64_t count, lr_image *image) {
  return read_jpeg(bytes, count, image, NULL);
}

int32_t lr_jpeg_pixels(const uint8_t *bytes, int64_t count, lr_image *image, uint8_t *rgb) {
  return read_jpeg(bytes, count, image, rgb);
}
