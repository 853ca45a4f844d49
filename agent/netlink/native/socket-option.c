/*
 * The socket options that the raw netlink sockets do not offer: NETLINK_EXT_ACK (the kernel's own words in an error),
 * NETLINK_CAP_ACK, NETLINK_NO_ENOBUFS, SO_RCVBUFFORCE; how many messages the kernel dropped for a full buffer; and giving
 * back the memory of a datagram as soon as it was read, and of what V8's threads have freed.
 *
 *     setSocketOption(fd, level, option, value) -> 0 or the error number
 *     droppedMessages(fd) -> a count that wraps at 2^32, or minus the error number
 *     releaseMemory(arrayBuffer) -> whether it is given back; all views of it are empty from then on
 *     wallClockSynchronised() -> see kernel-time.c
 *     limitFreeMemory(bytes) -> whether the allocator keeps no more than this of what was freed at the end of each of its heaps
 */
#define NAPI_VERSION 7
#include "kernel-time.h"
#include <errno.h>
#include <linux/sock_diag.h>
#include <malloc.h>
#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define ARGUMENTS 4

static napi_value set_socket_option(napi_env env, napi_callback_info info)
{
	napi_value arguments[ARGUMENTS], answer;
	int32_t numbers[ARGUMENTS];
	size_t count = ARGUMENTS;
	int value, error = 0;

	if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok)
		return NULL;
	if (count != ARGUMENTS) {
		napi_throw_type_error(env, NULL, "expected fd, level, option, value");
		return NULL;
	}
	for (size_t i = 0; i < ARGUMENTS; i++) {
		if (napi_get_value_int32(env, arguments[i], &numbers[i]) != napi_ok) {
			napi_throw_type_error(env, NULL, "expected four numbers");
			return NULL;
		}
	}

	value = numbers[3];
	if (setsockopt(numbers[0], numbers[1], numbers[2], &value, sizeof(value)) != 0)
		error = errno;
	if (napi_create_int32(env, error, &answer) != napi_ok)
		return NULL;
	return answer;
}

static napi_value dropped_messages(napi_env env, napi_callback_info info)
{
	uint32_t figures[SK_MEMINFO_VARS] = { 0 };
	socklen_t length = sizeof(figures);
	napi_value argument, answer;
	size_t count = 1;
	int32_t fd;
	int64_t dropped;

	if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok)
		return NULL;
	if (count != 1 || napi_get_value_int32(env, argument, &fd) != napi_ok) {
		napi_throw_type_error(env, NULL, "expected fd");
		return NULL;
	}

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, figures, &length) != 0)
		dropped = -errno;
	else
		dropped = figures[SK_MEMINFO_DROPS];
	if (napi_create_int64(env, dropped, &answer) != napi_ok)
		return NULL;
	return answer;
}

static napi_value release_memory(napi_env env, napi_callback_info info)
{
	napi_value argument, answer;
	bool detached = false;
	size_t count = 1;

	if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok)
		return NULL;
	/* Anything else than an ArrayBuffer that may be detached is left as it is. */
	if (count == 1)
		detached = napi_detach_arraybuffer(env, argument) == napi_ok;
	if (napi_get_boolean(env, detached, &answer) != napi_ok)
		return NULL;
	return answer;
}

static napi_value limit_free_memory(napi_env env, napi_callback_info info)
{
	napi_value argument, answer;
	bool limited = false;
	size_t count = 1;
	int32_t bytes;

	if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok)
		return NULL;
	if (count != 1 || napi_get_value_int32(env, argument, &bytes) != napi_ok) {
		napi_throw_type_error(env, NULL, "expected bytes");
		return NULL;
	}
#ifdef __GLIBC__
	/* Either is enough to end the adjusting of both (mallopt(3)): larger blocks stay mappings of their own. */
	limited = mallopt(M_MMAP_THRESHOLD, bytes) == 1 && mallopt(M_TRIM_THRESHOLD, bytes) == 1;
#endif
	if (napi_get_boolean(env, limited, &answer) != napi_ok)
		return NULL;
	return answer;
}

static int add(napi_env env, napi_value exports, const char *name, napi_callback callback)
{
	napi_value function;

	return napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, NULL, &function) == napi_ok &&
	       napi_set_named_property(env, exports, name, function) == napi_ok;
}

static napi_value initialise(napi_env env, napi_value exports)
{
	if (!add(env, exports, "setSocketOption", set_socket_option) ||
	    !add(env, exports, "droppedMessages", dropped_messages) ||
	    !add(env, exports, "releaseMemory", release_memory) ||
	    !add(env, exports, "wallClockSynchronised", wall_clock_synchronised) ||
	    !add(env, exports, "limitFreeMemory", limit_free_memory))
		return NULL;
	return exports;
}

NAPI_MODULE(NODE_GYP_MODULE_NAME, initialise)
