{
	"targets": [
		{
			"target_name": "socket_option",
			"sources": ["socket-option.c"],
			"cflags": ["-Wall", "-Wextra", "-Werror"]
		}
	]
}
