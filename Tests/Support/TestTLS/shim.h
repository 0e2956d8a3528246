/// OpenSSL's servers and certificates, with its macros as functions.
#pragma once
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

static inline EVP_PKEY *lr_tls_new_key(void) { return EVP_EC_gen("P-256"); }

static inline void lr_tls_require_1_2(SSL_CTX *context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}

/// Makes a certificate that says of itself for which names it is, such as `DNS:localhost,IP:127.0.0.1`.
static inline int lr_tls_set_names(X509 *certificate, const char *names) {
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
  if (!extension) return 0;
  int is_added = X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  return is_added;
}
