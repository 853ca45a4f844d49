/* What the kernel says of its wall clock; see kernel-time.c. */
#include <node_api.h>

napi_value wall_clock_synchronised(napi_env env, napi_callback_info info);
