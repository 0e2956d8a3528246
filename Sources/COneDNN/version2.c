#include "version.h"

#if DNNL_VERSION_MAJOR == 2
#include <stdlib.h>

const int lr_dnn_scale_argument = 0;

dnnl_status_t lr_dnn_memory_desc_create(lr_dnn_memory_desc *result, int rank,
                                        const dnnl_dims_t extents, dnnl_data_type_t type,
                                        const dnnl_dims_t strides) {
  *result = malloc(sizeof **result);
  if (!*result) return dnnl_out_of_memory;
  dnnl_status_t s = dnnl_memory_desc_init_by_strides(*result, rank, extents, type, strides);
  if (s == dnnl_success) return s;
  free(*result);
  *result = NULL;
  return s;
}

void lr_dnn_memory_desc_destroy(lr_dnn_memory_desc description) { free(description); }

dnnl_status_t lr_dnn_matmul_desc_create(dnnl_primitive_desc_t *result, dnnl_engine_t engine,
                                        lr_dnn_const_memory_desc src,
                                        lr_dnn_const_memory_desc weights,
                                        lr_dnn_const_memory_desc bias,
                                        lr_dnn_const_memory_desc dst, dnnl_primitive_attr_t attr) {
  dnnl_matmul_desc_t operation;
  dnnl_status_t s = dnnl_matmul_desc_init(&operation, src, weights, bias, dst);
  if (s != dnnl_success) return s;
  return dnnl_primitive_desc_create(result, &operation, attr, engine, NULL);
}

dnnl_status_t lr_dnn_attr_set_scale(dnnl_primitive_attr_t attr, float scale) {
  return dnnl_primitive_attr_set_output_scales(attr, 1, 0, &scale);
}

dnnl_status_t lr_dnn_post_ops_append_sum(dnnl_post_ops_t post) {
  return dnnl_post_ops_append_sum(post, 1);
}
#endif
