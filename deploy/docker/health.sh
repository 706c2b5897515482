#!/usr/bin/env bash
# The image's health check: 0 if the node answers /health/live with 200, else 1. Bash speaks TCP itself, so that the image
# needs no curl.
exec 3<>"/dev/tcp/127.0.0.1/${SERVER_PORT:-8080}" || exit 1
printf 'GET /health/live HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
read -r _ status _ <&3
[[ $status == 200 ]]
