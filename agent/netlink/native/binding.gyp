{
	"targets": [
		{
			"target_name": "socket_option",
			"sources": ["socket-option.c", "kernel-time.c"],
			"cflags": ["-Wall", "-Wextra", "-Werror"]
		}
	]
}
