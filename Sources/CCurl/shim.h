/// libcurl, with one function for each argument type in place of its variadic functions.
#pragma once
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <stdint.h>

static inline CURLcode lr_curl_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode lr_curl_set_size(CURL *easy, CURLoption option, int64_t value) {
  return curl_easy_setopt(easy, option, (curl_off_t)value);
}

/// libcurl copies the text; NULL resets an option.
static inline CURLcode lr_curl_set_text(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode lr_curl_set_list(
    CURL *easy, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(easy, option, value);
}

/// Sets the buffer, of CURL_ERROR_SIZE bytes, for the error message.
static inline CURLcode lr_curl_set_error_buffer(CURL *easy, char *buffer) {
  return curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, buffer);
}

static inline void lr_curl_set_head_function(
    CURL *easy, curl_write_callback function, void *context) {
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, function);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
}

static inline void lr_curl_set_body_function(
    CURL *easy, curl_write_callback function, void *context) {
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, function);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
}

static inline void lr_curl_set_upload_functions(
    CURL *easy, curl_read_callback read, curl_seek_callback seek, void *context) {
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, read);
  curl_easy_setopt(easy, CURLOPT_READDATA, context);
  curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, seek);
  curl_easy_setopt(easy, CURLOPT_SEEKDATA, context);
}

/// Allows no protocols but HTTP and HTTPS.
static inline CURLcode lr_curl_allow_http_only(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075500
  return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  return curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

/// Does not wait for a resolver thread that is no longer needed.
static inline void lr_curl_quit_at_once(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075700
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
}

/// An integer that libcurl knows about a transfer, or 0.
static inline long lr_curl_number(CURL *easy, CURLINFO info) {
  long value = 0;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

/// A time or a size that libcurl knows about a transfer, or 0.
static inline int64_t lr_curl_size(CURL *easy, CURLINFO info) {
  curl_off_t value = 0;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? (int64_t)value : 0;
}
