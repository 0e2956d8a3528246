#pragma once
#include <dnnl.h>

// What differs between the C interfaces of oneDNN 2 and 3, in the form of version 3. version2.c and
// version3.c implement it; the rest of the shim is the same for both.

#if DNNL_VERSION_MAJOR == 2
typedef dnnl_memory_desc_t *lr_dnn_memory_desc;
typedef const dnnl_memory_desc_t *lr_dnn_const_memory_desc;
#elif DNNL_VERSION_MAJOR == 3
typedef dnnl_memory_desc_t lr_dnn_memory_desc;
typedef const_dnnl_memory_desc_t lr_dnn_const_memory_desc;
#else
#error "this shim speaks oneDNN 2 and 3: other versions need a file such as version3.c"
#endif

// Describes an array of rank 1 or 2 with the given strides, in elements.
dnnl_status_t lr_dnn_memory_desc_create(lr_dnn_memory_desc *result, int rank,
                                        const dnnl_dims_t extents, dnnl_data_type_t type,
                                        const dnnl_dims_t strides);
// Ignores null.
void lr_dnn_memory_desc_destroy(lr_dnn_memory_desc description);

// Describes dst = src · weights + bias; a null bias means none.
dnnl_status_t lr_dnn_matmul_desc_create(dnnl_primitive_desc_t *result, dnnl_engine_t engine,
                                        lr_dnn_const_memory_desc src,
                                        lr_dnn_const_memory_desc weights,
                                        lr_dnn_const_memory_desc bias,
                                        lr_dnn_const_memory_desc dst, dnnl_primitive_attr_t attr);

// Multiplies the product by a number. Version 2 takes the number here and also multiplies the bias, so a product has
// either a scale or a bias; version 3 takes it as the argument lr_dnn_scale_argument.
dnnl_status_t lr_dnn_attr_set_scale(dnnl_primitive_attr_t attr, float scale);
extern const int lr_dnn_scale_argument;  // 0 where a scale is no argument

// Adds the product to the contents of the destination.
dnnl_status_t lr_dnn_post_ops_append_sum(dnnl_post_ops_t post);
