/*
 * setsockopt(2) with an int value, for the socket options that the raw netlink sockets do not offer:
 * NETLINK_EXT_ACK (the kernel's own words in an error), NETLINK_CAP_ACK and SO_RCVBUFFORCE.
 *
 *     setSocketOption(fd, level, option, value) -> 0 or the error number
 */
#define NAPI_VERSION 6
#include <errno.h>
#include <node_api.h>
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

static napi_value initialise(napi_env env, napi_value exports)
{
	napi_value function;

	if (napi_create_function(env, "setSocketOption", NAPI_AUTO_LENGTH, set_socket_option, NULL, &function) != napi_ok ||
	    napi_set_named_property(env, exports, "setSocketOption", function) != napi_ok)
		return NULL;
	return exports;
}

NAPI_MODULE(NODE_GYP_MODULE_NAME, initialise)
