#include "version.h"

#if DNNL_VERSION_MAJOR == 3

const int lr_dnn_scale_argument = DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS;

dnnl_status_t lr_dnn_memory_desc_create(lr_dnn_memory_desc *result, int rank,
                                        const dnnl_dims_t extents, dnnl_data_type_t type,
                                        const dnnl_dims_t strides) {
  return dnnl_memory_desc_create_with_strides(result, rank, extents, type, strides);
}

void lr_dnn_memory_desc_destroy(lr_dnn_memory_desc description) {
  if (description) dnnl_memory_desc_destroy(description);
}

dnnl_status_t lr_dnn_matmul_desc_create(dnnl_primitive_desc_t *result, dnnl_engine_t engine,
                                        lr_dnn_const_memory_desc src,
                                        lr_dnn_const_memory_desc weights,
                                        lr_dnn_const_memory_desc bias,
                                        lr_dnn_const_memory_desc dst, dnnl_primitive_attr_t attr) {
  return dnnl_matmul_primitive_desc_create(result, engine, src, weights, bias, dst, attr);
}

dnnl_status_t lr_dnn_attr_set_scale(dnnl_primitive_attr_t attr, float scale) {
  (void)scale;
  return dnnl_primitive_attr_set_scales_mask(attr, DNNL_ARG_WEIGHTS, 0);
}

dnnl_status_t lr_dnn_post_ops_append_sum(dnnl_post_ops_t post) {
  return dnnl_post_ops_append_sum(post, 1, 0, dnnl_data_type_undef);
}
#endif
